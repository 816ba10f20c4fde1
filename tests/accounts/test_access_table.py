"""Every address of the site, by GET and POST, as each kind of user, against the table of rights."""

import re
from collections.abc import Collection, Iterator
from datetime import date
from http.cookies import SimpleCookie
from io import BytesIO
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.safestring import mark_safe

from accounts import answer_pages
from accounts.models import User
from accounts.private_pages import PRIVATE
from accounts.roles import Role
from docs.write_access_page import ACCESS_PAGE, page
from goals.models import Grant
from indicators.models import FiscalYear
from kpis.models import KPI
from reviews.editions.public_data import PUBLIC_JSON
from reviews.models import Council, Edition, EditionFile, Opinion, Withdrawal
from tables import file_making
from tables.file_making import Made
from tests.access_table import ACTIONS, RULES, UNNAMED, Answer, Person, rules_for
from tests.factories import (
    make_actual,
    make_evidence,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_numeric_target,
    make_project,
    make_revision,
    make_section,
    make_user,
)
from tests.quick_trees import Trees, plans_read_once
from tests.reviews.empty_edition import empty_edition, empty_public_data
from trail.events import Event

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

TABLE = "tests/access_table.py"

FOR_EVERYBODY = ("get", "public_pages")
"""What every cache may keep: the only address here that does not depend on the person."""


def addresses_of(patterns: list, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield each pattern of the site with the name that the table has for it."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            prefix = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from addresses_of(pattern.url_patterns, namespace + prefix)
        else:
            name = pattern.name or UNNAMED.get(str(pattern.pattern))
            assert name, f"Give the address {pattern.pattern} a name."
            yield namespace + name, pattern


ADDRESSES = dict(addresses_of(get_resolver().url_patterns))
MODELS = {f"{m._meta.app_label}_{m._meta.model_name}": m for m in admin.site._registry}


def model_of(address: str):
    """Return the model of an admin page, None for other pages."""
    name = address.removeprefix("admin:")
    return next((MODELS[key] for key in MODELS if name.startswith(f"{key}_")), None)


class Site:
    """One of each object, entered by one section, and the path to each address."""

    def __init__(self, kpi: KPI | None = None) -> None:
        """`kpi`: where it is given, its plan is taken, which has goal, measure and target too."""
        self.planning = make_user(Role.PLANNING)
        self.kpi = kpi or make_kpi(
            make_project().measure,
            make_indicator(make_section("水産課"), name="漁業体験の参加者数"),
        )
        self.section = self.kpi.indicator.entered_by
        goal = self.kpi.measure.group.goal
        self.target = goal.numeric_targets.first() or make_numeric_target(goal)
        self.revision = make_revision(2018, self.kpi, self.target)
        Grant.objects.create(strategy=goal.strategy, number=1, name="港の交付金")
        if not self.kpi.indicator.actuals.filter(fiscal_year=2017).exists():
            make_actual(self.kpi.indicator, by=self.planning)
        self.evidence = make_evidence(self.kpi.indicator, by=self.planning)
        self.project = self.kpi.measure.projects.first() or make_project(self.kpi.measure)
        Event.objects.create(kind="export", subject="試験", by=self.planning)
        for year in FiscalYear.objects.all():
            council = Council.objects.create(
                strategy=goal.strategy, fiscal_year=year, number=1, name="推進会議",
                held_on=date(year.pk + 1, 10, 20),
            )  # fmt: skip
            Opinion.objects.create(
                council=council, number=1, kpi=self.kpi, text="もっと。", section=self.section
            )
        edition = Edition.objects.create(
            strategy=goal.strategy, fiscal_year=make_fiscal_year(2014, is_open=False), number=1,
            data=empty_edition(2014), decided_on=date(2019, 1, 10), document_number="1",
            sha256="0" * 64,
        )  # fmt: skip
        for kind in ("json", PUBLIC_JSON):
            EditionFile.objects.create(
                edition=edition, kind=kind, name="x.json", content=empty_public_data(2014)
            )
        second = Edition.objects.create(
            strategy=goal.strategy, fiscal_year=make_fiscal_year(2013, is_open=False), number=2,
            data=empty_edition(2013, title="別の名称"),
            decided_on=date(2019, 1, 11), document_number="2", sha256="0" * 64,
        )  # fmt: skip
        Withdrawal.objects.create(
            edition=second, reason="誤り", asked_by=make_user(Role.PLANNING),
            agreed_by=self.planning,
        )  # fmt: skip

    def user_of(self, person: Person) -> User | None:
        own, other = self.section, make_section("別の課")
        return {
            Person.STRANGER: lambda: None,
            Person.NO_ROLE: lambda: make_user(None, own),
            Person.CLERK: lambda: make_user(Role.CLERK, own),
            Person.OTHER_CLERK: lambda: make_user(Role.CLERK, other),
            Person.HEAD: lambda: make_user(Role.HEAD, own),
            Person.OTHER_HEAD: lambda: make_user(Role.HEAD, other),
            Person.PLANNING: lambda: make_user(Role.PLANNING, other),
            Person.READER: lambda: make_user(Role.READER, own),
            Person.AUDITOR: lambda: make_user(Role.AUDITOR, own),
        }[person]()

    def object_of(self, model):
        """Return the object of a model whose page is asked for; of the section where it can be."""
        known = {type(thing): thing for thing in (self.section, self.kpi, self.target)}
        known[type(self.kpi.indicator)] = self.kpi.indicator
        return known.get(model) or model._default_manager.first()

    def path_to(self, address: str, pattern: URLPattern) -> str:
        if address == "admin:object":
            return f"/admin/kpis/kpi/{self.kpi.pk}/"
        if address == "admin:anything_else":
            return "/admin/nowhere/"
        if address == "admin:autocomplete":
            return reverse(address) + "?app_label=kpis&model_name=kpi&field_name=indicator"
        if address.endswith("_simple_history"):
            thing = self.object_of(model_of(address))
            return reverse(address, args=[thing.pk, thing.history.first().pk])
        wanted = {name: self._value(name, address) for name in pattern.pattern.converters}
        if address == "admin:app_list":
            wanted = {"app_label": "indicators"}
        return reverse(address, kwargs=wanted)

    def _value(self, name: str, address: str):
        """Return the value of one variable of an address."""
        measure = self.kpi.measure
        places = {
            "measure": "1-ア-1",
            "review_measure": "1-ア-1",
            "kpi": "1-ア-1-1",
            "target": "1-1",
        }
        model = model_of(address)
        values = {
            "code": lambda: measure.group.goal.strategy.code,
            "position": lambda: 1,
            "pk": lambda: (self.project if address == "review_project" else self.section).pk,
            "user": lambda: self.planning.pk,
            "fiscal_year": lambda: 2017,
            "place": lambda: places[address.removeprefix("review_").partition("_")[0]],
            "object_id": lambda: self.object_of(model or type(self.kpi)).pk,
            "id": lambda: self.planning.pk,
            "indicator_code": lambda: self.kpi.indicator.code,
            "number": lambda: 1 if address.startswith("revi") else self.evidence.pk,
            "opinion": lambda: 1,
            "address": lambda: f"{measure.strategy.code}/1/",
            "kind": lambda: "json" if address.startswith("review_edition_") else "merge",
            "content_type_id": lambda: ContentType.objects.get_for_model(self.kpi).pk,
        }
        assert name in values, f"Say in {__name__} what stands for {name} in {address}."
        return values[name]()


@pytest.fixture
def site(db, settings) -> Site:
    settings.PUBLIC_PAGES = True
    return Site()


def answer_of(response) -> Answer:
    location = response.headers.get("Location", "")
    if location.startswith("/login/?next="):
        return Answer.LOG_IN
    if location == reverse("admin:index"):
        return Answer.NOT_FOUND  # so the admin says that there is no such object
    codes = {403: Answer.REFUSED, 404: Answer.NOT_FOUND, 405: Answer.NO_METHOD}
    return codes.get(response.status_code, Answer.OPEN)


def led_nowhere(*args: Any) -> None:
    """Replaces `answer_pages._led_to`. A mock for each request would take longer."""


def ask(client: Client, method: str, path: str):
    """Return the response to a request that leaves no trace, not even of a log-out.

    A page that answers a form is that answer itself, as where the disk has no room for it: that it
    is refused also at the address to which one is led is proved in test_answer_pages.py.
    """
    cookies = client.cookies.output(header="")
    with transaction.atomic(), patch.object(answer_pages, "_led_to", led_nowhere):
        response = getattr(client, method)(path)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return response


def test_every_address_is_in_the_table_once():
    missing = [address for address in ADDRESSES if not rules_for(address)]
    assert not missing, f"Say in RULES of {TABLE} to whom these are open: {missing}"
    assert [address for address in ADDRESSES if len(rules_for(address)) > 1] == []


def test_the_table_has_no_address_that_is_gone():
    exact = {name for rule in RULES for name in rule.addresses if "*" not in name}
    assert exact - set(ADDRESSES) == set()


MOST_IS_OPEN_TO = (Person.CLERK, Person.PLANNING)
REFUSALS = ("403.html", "404.html", "405.html")


def person_param(person: Person):
    """On both databases as the users with most rights: so each query of a page runs on both."""
    both = person in MOST_IS_OPEN_TO
    return pytest.param(person, id=person.name, marks=[pytest.mark.both_databases] * both)


def made_empty(*args: Any) -> Made:
    """Replaces `file_making.make` where it matters that a file is sent, not its content."""
    return Made(BytesIO(), 0)


class _Once:
    """Renders templates quickly if they were rendered before.

    The head of a page, which asks for most, is that of each refusal: one in a hundred shows that
    it can be rendered for a person. Pages only: what makes a figure reads its template's result.
    """

    def __init__(self, names: Collection[str] | None) -> None:
        """`names`: the templates that are rendered once; None for all."""
        self._names = names
        self._rendered: set[str] = set()
        self._render = Template.render

    def __call__(self, template: Template, *args: Any, **kwargs: Any) -> str:
        name = template.template.name
        if name in self._rendered and name.endswith(".html"):
            return mark_safe("")
        if self._names is None or name in self._names:
            self._rendered.add(name)
        return self._render(template, *args, **kwargs)


@pytest.fixture
def quick_answers(person, monkeypatch) -> None:
    """Skip what says nothing about rights: the same page or file again and again.

    A refusal is rendered once for each person. All pages and files are made for the users with most
    rights; for the others each template is rendered once, and files are not made at all: their
    content is the same for everybody.
    """
    sees_all = person in MOST_IS_OPEN_TO
    render = _Once(REFUSALS if sees_all else None)
    monkeypatch.setattr(Template, "render", lambda *args, **kwargs: render(*args, **kwargs))
    if not sees_all:
        monkeypatch.setattr(file_making, "make", made_empty)


@pytest.mark.usefixtures("quick_answers")
@pytest.mark.parametrize("person", [person_param(person) for person in Person])
def test_every_address_answers_as_the_table_says(site, person):
    client, user = Client(), site.user_of(person)
    if user:
        client.force_login(user)
    wrong = []
    trees: Trees = {}
    for address, pattern in ADDRESSES.items():
        path = site.path_to(address, pattern)
        [rule] = rules_for(address)
        for method, reply in (("get", rule.get), ("post", rule.post)):
            with plans_read_once(trees):
                response = ask(client, method, path)
            keeps = "public, max-age=60" if (method, address) == FOR_EVERYBODY else PRIVATE
            if response["Cache-Control"] != keeps:
                wrong.append(f"{method} {address}: may be kept by the browser and by a proxy")
            found = answer_of(response)
            if found != reply.to(person):
                wrong.append(f"{method} {address}: {found}, the table says {reply.to(person)}")
    assert not wrong, f"as {person}:\n" + "\n".join(wrong)


@pytest.mark.parametrize("person", [*Person][1:], ids=lambda person: person.name)
def test_every_action_is_offered_to_whom_the_table_says(site, person):
    request = RequestFactory().get("/")
    request.user = site.user_of(person)
    offered = {
        f"{model}.{action}"
        for model, model_class in MODELS.items()
        for action in admin.site._registry[model_class].get_actions(request)
    }
    named = {action: rule.people for rule in ACTIONS for action in rule.actions}
    unknown = offered - set(named)
    assert not unknown, f"Say in ACTIONS of {TABLE} to whom these are offered: {unknown}"
    assert offered == {action for action, people in named.items() if person in people}


def test_the_page_of_the_docs_is_made_from_the_table():
    assert ACCESS_PAGE.read_text(encoding="utf-8") == page(), (
        "docs/access.md is out of date: run python -m docs.write_access_page"
    )


def test_nobody_but_access_asks_for_a_role():
    """Views and admin pages ask for rights by the names that access.py gives them."""
    asked = re.compile(r"\bis_planning\(|\broles_of\(|\bhas_role\(")
    wrong = [
        str(path.relative_to(settings.BASE_DIR))
        for path in settings.BASE_DIR.glob("*/**/*.py")
        if path.parts[len(settings.BASE_DIR.parts)] not in ("tests", ".venv")
        and path.name != "access.py"
        and asked.search(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []
