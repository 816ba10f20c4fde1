"""A plan that is 作成中 is seen by planning only: at every address, in every list and file."""

from html import unescape
from io import BytesIO
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from entry.letters import plans_of_year
from entry.year_rows import rows_of_sections
from goals.models import Strategy
from indicators.listing_rows import listing_rows
from tests.access_table import Answer, Person, rules_for
from tests.accounts.test_access_table import ADDRESSES, Site, ask
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_numeric_target,
    make_project,
    make_strategy,
    make_user,
)
from tests.html import form_data
from tests.quick_trees import Trees, plans_read_once

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

SECRET = "まだ決まっていない"


def make_draft(site: Site) -> Strategy:
    """Return a draft of the year 2017 with every part, of an indicator that another plan lists."""
    plan = make_strategy(code="secret-plan", title=f"{SECRET}計画", state="draft")
    project = make_project(measure=None, name=f"{SECRET}事業")
    goal = project.measure.group.goal
    goal.strategy = plan
    goal.title = f"{SECRET}目標"
    goal.save()
    make_kpi(project.measure, site.kpi.indicator, name=f"{SECRET}指標")
    make_numeric_target(goal, make_indicator(site.section), name=f"{SECRET}数値目標")
    return plan


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def draft(site) -> Strategy:
    return make_draft(site)


def shown_in(response) -> str:
    """Return all text of an answer: a page, a file, or the parts of a workbook or package."""
    content = b"".join(response) if response.streaming else response.content
    try:
        with ZipFile(BytesIO(content)) as parts:
            content = b"\n".join(parts.read(name) for name in parts.namelist())
    except BadZipFile:
        pass
    return unescape(content.decode(errors="replace")) + unquote(str(response.headers))


@pytest.mark.slow
@pytest.mark.parametrize("person", [Person.CLERK, Person.AUDITOR], ids=lambda one: one.name)
def test_nobody_but_planning_sees_a_draft_at_any_address(site, draft, person):
    client = Client()
    client.force_login(site.user_of(person))
    own = f"/strategies/{site.kpi.strategy.code}/"
    parts = {
        type(part): part.pk
        for goal in draft.goals.all()
        for group in goal.measure_groups.all()
        for measure in group.measures.all()
        for part in (
            draft, goal, group, measure, *measure.kpis.all(), *measure.projects.all(),
            *goal.numeric_targets.all(),
        )
    }  # fmt: skip
    trees: Trees = {}

    def shown_at(path: str) -> tuple[HttpResponse, str]:
        with plans_read_once(trees):
            response = ask(client, "get", path)
        return response, shown_in(response)

    for address, pattern in ADDRESSES.items():
        path = site.path_to(address, pattern)
        if "login" in address or "logout" in address:
            continue
        assert SECRET not in shown_at(path)[1], path
        if path.startswith(own):
            response, said = shown_at(path.replace(own, "/strategies/secret-plan/"))
            [rule] = rules_for(address)
            refusals = {Answer.REFUSED: 403, Answer.NO_METHOD: 405}
            if (answer := rule.get.to(person)) in refusals:
                # Nobody asked which plan it is: one that is not there is refused like the draft.
                nowhere, _ = shown_at(path.replace(own, "/strategies/nowhere/"))
                assert response.status_code == nowhere.status_code == refusals[answer], path
                assert SECRET not in said
                continue
            assert response.status_code == 404, path
            assert "「secret-plan」という総合戦略は登録されていません。" in said, path
    for model, pk in parts.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = model.history.filter(id=pk).first()
        paths = [reverse(f"{name}_{kind}", args=[pk]) for kind in ("change", "history")]
        paths.append(reverse(f"{name}_simple_history", args=[pk, row.pk]))
        for path in paths:
            assert SECRET not in shown_in(client.get(path, follow=True)), path


@pytest.mark.parametrize("path", ["", "list/", "kpis/1-ア-1-1/", "data/2017.json", "reports/"])
def test_planning_sees_a_draft(site, draft, path):
    client = Client()
    client.force_login(site.planning)
    response = client.get(f"/strategies/secret-plan/{path}")
    assert response.status_code == 200
    assert SECRET in shown_in(response)


def test_a_day_before_a_draft_was_opened_is_unknown_to_others(site, draft):
    client = Client()
    client.force_login(make_user(Role.AUDITOR))
    address = f"/strategies/secret-plan/?as_of={timezone.localdate()}"
    assert client.get(address).status_code == 404
    draft.state = "running"
    draft.save()
    assert client.get(address).status_code == 200


def test_nobody_is_asked_for_the_values_of_a_draft(site, draft):
    make_fiscal_year(2017)
    assert SECRET not in str(listing_rows(fiscal_year=2017))
    [row] = [
        row for row in rows_of_sections(2017, None) if row.indicator.pk == site.kpi.indicator_id
    ]
    assert [one.plan_code for one in row.listings] == [site.kpi.strategy.code]
    assert SECRET not in "".join(plans_of_year(2017))
    draft.state = "running"
    draft.save()
    assert SECRET in str(listing_rows(fiscal_year=2017))


def test_changes_of_a_draft_are_found_by_planning_only_even_when_it_was_deleted(site, draft):
    auditor, planning = Client(), Client()
    auditor.force_login(make_user(Role.AUDITOR))
    planning.force_login(site.planning)
    for is_there in (True, False):
        assert SECRET not in shown_in(auditor.get("/changes/csv"))
        assert SECRET in shown_in(planning.get("/changes/csv"))
        if is_there:
            draft.delete()


def test_a_command_writes_a_draft_only_where_it_is_asked_to(draft, capsys):
    with pytest.raises(CommandError, match=r"作成中で、企画担当だけが見られます.*--draft"):
        call_command("export_strategy", "secret-plan")
    call_command("export_strategy", "secret-plan", "--draft")
    assert SECRET in capsys.readouterr().out


class TestTheStateInTheAdmin:
    @pytest.fixture
    def planning(self, site, client):
        client.force_login(site.planning)
        return client

    def save(self, client, plan, state, reason=""):
        """Save another state, and return what is then said."""
        url = reverse("admin:goals_strategy_change", args=[plan.pk])
        data = form_data(client.get(url).content.decode())
        data |= {"state": state, "change_reason": reason}
        response = client.post(url, data, follow=True)
        plan.refresh_from_db()
        return unescape(response.content.decode())

    def test_a_new_plan_begins_as_a_draft(self, planning):
        page = planning.get(reverse("admin:goals_strategy_add")).content.decode()
        assert '<option value="draft" selected>作成中</option>' in page

    def test_a_draft_is_opened(self, planning, draft):
        assert "実施中です。" in self.save(planning, draft, "running")
        assert draft.state == "running"

    def test_the_end_of_a_plan_says_what_is_open(self, planning, site):
        plan = site.kpi.strategy
        said = self.save(planning, plan, "ended")
        assert plan.state == "ended"
        assert "入力を受付中の年度があります：平成29年度" in said
        assert "確認済みでない実績値が1件あります。" in said

    def test_a_step_back_needs_a_reason_that_stays_in_the_history(self, planning, site):
        plan = site.kpi.strategy
        self.save(planning, plan, "ended")
        assert "変更の理由を入力してください。" in self.save(planning, plan, "running")
        assert plan.state == "ended"
        self.save(planning, plan, "running", "計画期間を延長したため")
        assert plan.state == "running"
        assert plan.history.first().history_change_reason == "計画期間を延長したため"

    def test_a_plan_with_values_does_not_go_unseen_silently(self, planning, site):
        plan = site.kpi.strategy
        make_actual(site.kpi.indicator, 2018)
        said = self.save(planning, plan, "draft")
        assert "計画期間の実績値が2件あります。" in said
        assert "企画担当のほかには、計画が見えなくなります。" in said
        assert plan.state == "running"
        assert "作成中です。" in self.save(planning, plan, "draft", "誤って公開したため")
        assert plan.state == "draft"
