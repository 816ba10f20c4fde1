"""A page that answers a form has an address: the back button shows it without a question."""

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.encoding import iri_to_uri

from accounts import idle as idle_time
from accounts.answer_pages import GONE, HOURS
from accounts.roles import Role
from goals.models import NumericTargetVersion
from indicators.models import Actual, Indicator
from kpis.models import KPIVersion
from measures.models import Project
from tests import site_forms
from tests.entry.city import City, make_city
from tests.factories import make_user
from tests.html import form_data
from tests.importing import address
from tests.seen_answers import is_led_to_its_answer, send
from tests.site_forms import FORMS, PASSWORD, WITHOUT_EFFECT
from tests.stored_once import stored_once
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture(scope="module")
def stored(django_db_setup, django_db_blocker) -> Iterator[City]:
    with stored_once(django_db_blocker):
        yield make_city()


@pytest.fixture
def city(stored) -> City:
    return deepcopy(stored)


def refused_file(name):
    return {name: SimpleUploadedFile("調査票.exe", b"MZ")}


def stored_row(city):
    actual = city.store(city.visitors, 45)
    return f"{actual.pk}:{actual.version}"


def next_plan_of(city) -> str:
    return f"/strategies/{city.visitors.kpis.get().strategy.code}/next/"


def url_of(prepare):
    """Return a function that makes what a form of the year's end needs, and returns its address."""
    return lambda city: iri_to_uri(prepare(city).url)


def sends(**data):
    return lambda city: data


def _typed_into_projects(city):
    """Return the grid of projects with an amount that is none."""
    project = Project.objects.get(name="種苗放流")
    address = reverse("review_project_grid", args=[project.measure.strategy.code])
    page = by(city, "planning").get(f"{address}?year=2017").content.decode()
    typed = {f"r{project.pk}-done": "残る文", f"r{project.pk}-budget": "12..3"}
    return form_data(page) | typed | {"save": "1"}


REFUSED = {
    "entry_grid": ("clerk", "/entry/2017/", lambda city: _typed_into_the_grid(city), "約1,234"),
    "entry_answer": (
        "clerk",
        "/entry/2017/answer/?state=draft",
        lambda city: {"step": "paper", "value": stored_row(city), "document": "水第12号"},
        "水第12号",
    ),
    "entry_import": (
        "clerk",
        "/entry/2017/import/",
        lambda city: refused_file("file"),
        "調査票.exe",
    ),
    "entry_withheld": (
        "clerk",
        url_of(site_forms.withhold),
        lambda city: {"mark": "set", "version": "99", "reason": "残る理由"},
        "残る理由",
    ),
    "review_project_grid": (
        "planning",
        url_of(site_forms.save_projects),
        lambda city: _typed_into_projects(city),
        "残る文",
    ),
    "review_project_import": (
        "planning",
        url_of(site_forms.preview_projects),
        lambda city: refused_file("file"),
        "調査票.exe",
    ),
    "review_sheets": (
        "planning",
        url_of(site_forms.preview_sheets),
        lambda city: refused_file("file"),
        "調査票.exe",
    ),
    "entry_evidence": (
        "clerk",
        "/entry/2017/visitors/evidence/",
        lambda city: refused_file("files"),
        "調査票.exe",
    ),
    "entry_year_add": ("planning", "/entry/new/", lambda city: {"year": "大昔"}, "大昔"),
    "entry_year": ("planning", "/entry/2017/year/", lambda city: {"due_date": "まだ"}, "まだ"),
    "start_city": (
        "planning",
        "/start/city/",
        lambda city: {"city": "○○市", "city_code": "012237"},
        "012237",
    ),
    "next_plan": ("planning", next_plan_of, lambda city: {"title": "途中の名称"}, "途中の名称"),
    "plan_workbook": (
        "planning",
        "/plan-workbook/",
        lambda city: refused_file("file"),
        "調査票.exe",
    ),
    "start_staff": ("planning", "/start/staff/", lambda city: refused_file("file"), "調査票.exe"),
    "start_passwords": ("planning", "/start/passwords/", lambda city: {}, "選んでください"),
    "password_change": (
        "clerk",
        "/password/",
        lambda city: {"old_password": "himitsu-no-kotoba", "new_password1": "sukoshi-nagai-kotoba"},
        "今のパスワードが違います",
    ),
    "login": (
        None,
        "/login/",
        lambda city: {"username": "K-404", "password": "himitsu-no-kotoba"},
        "K-404",
    ),
    "review_choices": (
        "planning", url_of(site_forms.review_choices), sends(grades="甲乙\n甲乙"), "甲乙",
    ),
    "review_measure": (
        "clerk", url_of(site_forms.review_measure),
        sends(seen="0", results="残る文", grade="ない"), "残る文",
    ),
    "review_decisions": (
        "planning", url_of(site_forms.review_decisions), sends(common="残る文"), "残る文",
    ),
    "review_project": (
        "clerk", url_of(site_forms.review_project),
        sends(seen="0", done="残る文", budget="12..3"), "残る文",
    ),
    "review_grant": (
        "planning", url_of(site_forms.review_grant),
        sends(amount="12..3", opinion="残る文"), "残る文",
    ),
    "review_meeting": (
        "planning", url_of(site_forms.review_meeting),
        sends(
            held_on="昨日", minutes="残る文",
            **{"member-TOTAL_FORMS": "0", "member-INITIAL_FORMS": "0"},
        ),
        "残る文",
    ),
    "review_verdicts": (
        "planning", url_of(site_forms.review_verdicts),
        sends(**{"goal-1-verdict": "ない", "goal-1-summary": "残る文"}), "残る文",
    ),
    "review_opinion_add": (
        "planning", url_of(site_forms.review_opinion_add), sends(text="残る文"), "残る文",
    ),
    "review_opinion": (
        "planning", url_of(site_forms.review_opinion), sends(answer="残る文"), "残る文",
    ),
    "review_fix": (
        "planning", url_of(site_forms.review_fix), sends(document_number="残る番号"), "残る番号",
    ),
    "review_publish": (
        "planning", url_of(site_forms.review_publish), sends(published_on="昨日"), "昨日",
    ),
    "review_measures": (
        "planning", url_of(site_forms.review_measures),
        sends(step="return", reason="残る理由"), "残る理由",
    ),
    "review_projects": (
        "planning", url_of(site_forms.review_projects),
        sends(step="return", reason="残る理由"), "残る理由",
    ),
    "review_withdraw": (
        "planning", url_of(site_forms.review_withdraw), sends(reason="あ" * 1001), "あああ",
    ),
    "review_erratum": (
        "planning", url_of(site_forms.review_erratum), sends(place="残る文"), "残る文",
    ),
}  # fmt: skip
"""A refusal by each page with a form: who sends what, and what the page then shows of it."""

NEVER_REFUSED = {
    "entry_kept",
    "entry_kept_discard",
    "entry_import_apply",
    "plan_workbook_apply",
    "review_sheets_apply",
    "review_project_kept",
    "review_project_discard",
    "review_project_import_apply",
    "entry_evidence_remove",
    "entry_open",
    "entry_end",
    "logout",
    "account_sessions",
    "second_factor",
    "second_factor_set_up",
    "second_factor_codes",
    "user_sessions",
    "start_staff_apply",
    "start_example",
    "start_example_remove",
} | WITHOUT_EFFECT
"""They have nothing that could be typed wrongly, or redirect with a message."""


def _typed_into_the_grid(city):
    client = Client()
    client.force_login(city.clerk)
    data = form_data(client.get("/entry/2017/").content.decode())
    return data | {f"r{city.visitors.pk}-value": "約1,234", "save": "1"}


def by(city, who):
    client = Client()
    if who:
        client.force_login(getattr(city, who))
    return client


def test_a_refusal_of_every_form_is_tried():
    assert set(FORMS) == set(REFUSED) | (NEVER_REFUSED & set(FORMS))


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_form_leads_to_a_page_that_can_be_shown_again(city, name):
    who, url, data, typed = REFUSED[name]
    url = url(city) if callable(url) else url
    client = by(city, who)
    client.get(url)
    response = send(client, url, data(city))
    assert is_led_to_its_answer(response)
    assert response["Location"].startswith(url)
    for _ in ("the answer", "forward", "in a second tab"):
        page = client.get(response["Location"])
        assert page.status_code == 200
        assert typed in page.content.decode()
        assert "himitsu" not in page.content.decode()
        assert page["Cache-Control"] == "private, no-store"
        assert page["X-Frame-Options"] == "DENY"
        assert "default-src 'self'" in page["Content-Security-Policy"]


WITHOUT_ADDING = (Actual, Event, KPIVersion, NumericTargetVersion)


@pytest.mark.parametrize(
    "model", [one for one in admin.site._registry if one not in WITHOUT_ADDING], ids=str
)
def test_a_refused_form_of_the_admin_redirects_to_a_kept_page_too(city, model):
    client = by(city, "planning")
    url = address(model, "add")
    response = send(client, url, {"change_reason": "途中の理由", "full_name": "途中の氏名"})
    assert is_led_to_its_answer(response)
    page = client.get(response["Location"]).content.decode()
    assert "入力に誤りがあります" in page or "途中の" in page


def test_a_user_who_may_not_send_a_form_may_not_see_its_answer(city):
    client = by(city, "clerk")
    response = send(client, "/entry/new/", {"year": "2020"})
    assert is_led_to_its_answer(response)
    page = client.get(response["Location"])
    assert (page.status_code, page["Cache-Control"]) == (403, "private, no-store")


def kept_files():
    folder = Path(storages["answer_pages"].location)
    return list(folder.iterdir()) if folder.exists() else []


@pytest.fixture
def refused(city):
    """A client, and the address of a page that refused what it had sent."""
    client = by(city, "planning")
    response = send(client, "/entry/new/", {"year": "大昔"})
    return client, response["Location"]


def test_a_kept_page_can_be_sent_again_with_the_current_token(city):
    client = Client(enforce_csrf_checks=True)
    client.force_login(city.planning)
    sent = form_data(client.get("/entry/new/").content.decode()) | {"year": "大昔"}
    url = send(client, "/entry/new/", sent)["Location"]
    client.cookies.pop("csrftoken")
    client.force_login(city.planning)
    again = form_data(client.get(url).content.decode())
    assert again["year"] == "大昔"
    response = send(client, url, again | {"year": "令和2"})
    assert (response.status_code, response.url) == (302, "/entry/2020/year/")


def test_a_second_refusal_has_its_own_address(refused):
    client, url = refused
    second = send(client, url, {"year": "未来"})["Location"]
    assert second != url
    assert second.startswith("/entry/new/?answer=")
    assert second.count("answer=") == 1
    assert "大昔" in client.get(url).content.decode()
    assert "未来" in client.get(second).content.decode()


def test_the_rest_of_the_address_stays(city):
    url = "/entry/2017/answer/?state=draft&section="
    response = send(by(city, "clerk"), url, {"step": "paper", "value": stored_row(city)})
    assert re.fullmatch(
        r"/entry/2017/answer/\?state=draft&section=&answer=[0-9a-f]{32}", response["Location"]
    )


def test_nobody_else_sees_it(city, refused):
    _, url = refused
    for other in (make_user(Role.PLANNING), city.clerk):
        client = Client()
        client.force_login(other)
        assert client.get(url).url == "/entry/new/"
    assert Client().get(url).status_code == 302


def test_of_people_who_are_not_logged_in_only_the_same_browser_sees_it(db):
    client = Client()
    client.get("/login/")
    url = send(client, "/login/", {"username": "K-404", "password": "x"})["Location"]
    assert "K-404" in client.get(url).content.decode()
    other = Client()
    other.get("/login/")
    assert other.get(url).url == "/login/"


def test_it_is_deleted_after_a_while(refused, monkeypatch, settings):
    client, url = refused
    monkeypatch.setattr("accounts.answer_pages.MAX_AGE", -1)
    assert client.get(url).url == "/entry/new/"
    send(client, "/entry/new/", {"year": "未来"})
    assert len(kept_files()) == 1
    assert HOURS * 60 >= 2 * settings.SESSION_IDLE_MINUTES


def idle(client, monkeypatch):
    """Let the session of a client end by idleness; its browser stays open."""
    real = idle_time.now
    monkeypatch.setattr("accounts.idle.now", lambda: real() + 3600)


def log_in(client, address, user):
    user.set_password(PASSWORD)
    user.save()
    sent = form_data(client.get(address).content.decode())
    return send(client, address, sent | {"username": user.username, "password": PASSWORD})


def test_it_is_shown_to_its_reader_after_the_log_in_that_idleness_asks_for(
    city, refused, monkeypatch
):
    client, url = refused
    idle(client, monkeypatch)
    asked = client.get(url)
    assert asked.url.startswith("/login/?")
    back = log_in(client, asked.url, city.planning)
    assert back.url == url
    assert "大昔" in client.get(back.url).content.decode()


def test_another_person_who_logs_in_there_does_not_see_it(city, refused, monkeypatch):
    client, url = refused
    idle(client, monkeypatch)
    other = make_user(Role.PLANNING)
    back = log_in(client, client.get(url).url, other)
    assert back.url == url
    page = client.get(back.url, follow=True)
    assert page.request["PATH_INFO"] == "/entry/new/"
    assert "大昔" not in page.content.decode()
    assert GONE in page.content.decode()


def test_a_page_that_is_not_kept_any_more_says_so(refused, monkeypatch):
    client, url = refused
    monkeypatch.setattr("accounts.answer_pages.MAX_AGE", -1)
    page = client.get(url, follow=True).content.decode()
    assert GONE in page
    assert GONE not in client.get("/entry/new/").content.decode()


OF_A_YEAR = ("entry_kept", "entry_kept_discard", "entry_import_apply", "entry_import_marked")
OF_THE_START = ("start_staff_apply", "start_example", "start_example_remove")
OF_A_PLAN = ("plan_workbook_apply", "plan_workbook_marked", "plan_form_from_text")
OF_AN_EVALUATION = (
    "review_sheets_apply", "review_sheets_marked", "review_project_kept", "review_project_discard",
    "review_project_import_apply", "review_project_import_marked",
)  # fmt: skip
POSTED_ONLY = ("account_sessions", *OF_A_YEAR, *OF_THE_START, *OF_A_PLAN, *OF_AN_EVALUATION)


@pytest.mark.parametrize("name", POSTED_ONLY)
def test_an_address_for_forms_alone_leads_on(city, name):
    is_of_a_year = name in OF_A_YEAR
    client = by(city, "clerk" if is_of_a_year else "planning")
    about = dict.fromkeys(OF_A_YEAR, 2017)
    about |= dict.fromkeys(OF_AN_EVALUATION, city.visitors.kpis.get().strategy.code)
    url = reverse(name, args=[about[name]] if name in about else [])
    page = client.get(url, {"answer": "0" * 32}, follow=True)
    text = page.content.decode()
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert GONE in text
    assert '<a href="/">最初の画面へ</a>' in text


@pytest.mark.parametrize("name", sorted({*FORMS} - {*POSTED_ONLY, "logout"}))
def test_no_other_address_is_for_forms_alone(city, name):
    form = FORMS[name][0](city)
    client = Client()
    client.force_login(form.by)
    assert client.get(form.url, follow=True).status_code == 200


def test_the_log_out_leads_to_a_page_that_exists(city):
    response = by(city, "planning").get("/logout/")
    assert response.status_code == 405
    assert "最初の画面へ" in response.content.decode()


def test_it_goes_with_the_log_out(refused):
    client, _ = refused
    assert len(kept_files()) == 1
    client.post("/logout/")
    assert kept_files() == []


def test_a_few_are_kept_of_each_user(city, monkeypatch):
    monkeypatch.setattr("accounts.answer_pages.KEPT_FOR_ONE", 3)
    client = by(city, "planning")
    urls = [send(client, "/entry/new/", {"year": f"大昔{n}"})["Location"] for n in range(5)]
    assert len(kept_files()) == 3
    assert "大昔4" in client.get(urls[-1]).content.decode()


def test_an_invalid_page_name_is_not_a_file(refused):
    client, _ = refused
    for key in ("../../db.sqlite3", "", "x" * 32, "0" * 32):
        assert client.get("/entry/new/", {"answer": key}).url == "/entry/new/"


def test_no_address_leads_to_another_host(refused):
    client, _ = refused
    response = client.get("/", {"answer": "0" * 32}, PATH_INFO="//example.org/")
    assert response["Location"] == "/%2Fexample.org/"


def test_where_the_disk_refuses_the_page_it_answers_the_form_itself(city, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage.save", full)
    response = send(by(city, "planning"), "/entry/new/", {"year": "大昔"})
    assert response.status_code == 200
    assert "大昔" in response.content.decode()


def test_a_script_gets_its_answer_at_once(city):
    response = send(
        by(city, "planning"), "/entry/new/", {"year": "大昔"}, headers={"accept": "*/*"}
    )
    assert response.status_code == 200


def test_forms_with_chosen_objects_lead_to_such_pages_too(city):
    client = by(city, "planning")
    chosen = {"_selected_action": [city.visitors.pk], "action": "move_to_section"}
    url = address(Indicator, "changelist")
    asked = send(client, url, chosen)
    assert is_led_to_its_answer(asked)
    refused = send(client, asked["Location"], chosen | {"move": "移す", "reason": "機構改革"})
    assert "機構改革" in client.get(refused["Location"]).content.decode()
