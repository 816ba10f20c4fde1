"""A plan's own words, its 交付金 and what its parts carry, as planning types them."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from goals.models import Grant
from measures.models import Project
from tests.factories import make_goal, make_kpi, make_measure, make_project, make_section, make_user
from tests.html import form_data

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]


@pytest.fixture
def project():
    return make_project(make_measure(make_goal()), category="拡充")


@pytest.fixture
def save(client):
    """Return a function that saves an object's page with other values and returns the answer."""
    client.force_login(make_user(Role.PLANNING))

    def save_(thing, **typed):
        name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change"
        url = reverse(name, args=[thing.pk])
        data = form_data(client.get(url).content.decode())
        response = client.post(url, data | typed | {"_continue": "on"}, follow=True)
        thing.refresh_from_db()
        return response.content.decode()

    return save_


def test_words_are_typed_one_by_one_and_blank_ones_are_standard_again(project, save):
    plan = project.strategy
    save(
        plan,
        word_goal="政策",
        word_categories="拡充\n市民（市以外）\n",
        word_uncategorised="なし",
    )
    assert plan.words == {
        "goal": "政策",
        "categories": [{"name": "拡充"}, {"name": "市民", "not_of_city": True}],
        "uncategorised": "",
    }
    save(plan, word_goal="", word_uncategorised="")
    assert plan.words == {"categories": [{"name": "拡充"}, {"name": "市民", "not_of_city": True}]}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"word_group": "基本目標"}, "「基本目標」が、基本目標の呼び方と施策の区分の呼び方の両方"),
        ({"word_kpi": "指標*"}, "KPIの呼び方「指標*」の「*」は使えません"),
        ({"word_categories": "新規\n新規"}, "「新規」は、「新規」と同じか"),
        ({"word_categories": "新規\n民間等（市以外）"}, "区分「拡充」の事業があります"),
    ],
)
def test_words_that_do_not_fit_are_refused_at_their_field(project, save, typed, message):
    plan = project.strategy
    assert message in save(plan, **typed)
    assert plan.words == {}


def test_grants_and_sdgs_are_typed_as_people_list_them(project, save):
    Grant.objects.create(strategy=project.strategy, number=1, name="港の交付金")
    Grant.objects.create(strategy=project.strategy, number=2, name="関係人口の交付金")
    section = make_section("水産課")
    page = save(
        project, sdgs="１１、３", grants="関係人口の交付金、港の交付金", section=section.pk,
        budget_item="3款2項1目", general_plan_code="2-1-3",
    )  # fmt: skip
    assert (project.sdgs, project.grants, project.section) == ([3, 11], [1, 2], section)
    assert (project.budget_item, project.general_plan_code) == ("3款2項1目", "2-1-3")
    assert 'value="3、11"' in page
    assert 'value="港の交付金、関係人口の交付金"' in page
    save(project, grants="")
    assert project.grants == []


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"sdgs": "3、18"}, "SDGsの番号「18」は使えません"),
        ({"grants": "山の交付金"}, "交付金「山の交付金」は、この計画に登録されていません"),
    ],
)
def test_what_a_part_cannot_carry_is_refused(project, save, typed, message):
    assert message in save(make_kpi(project.measure), **typed)


def test_a_grant_that_parts_name_is_not_deleted(client, project):
    grant = Grant.objects.create(strategy=project.strategy, number=1, name="港の交付金")
    client.force_login(make_user(Role.PLANNING))
    url = reverse("admin:goals_grant_delete", args=[grant.pk])
    Project.objects.update(grants=[1])
    assert f"事業「{project.name}」" in client.get(url).content.decode()
    client.post(url, {"post": "yes"})
    assert Grant.objects.exists()
    Project.objects.update(grants=[])
    client.post(url, {"post": "yes"})
    assert not Grant.objects.exists()


def test_those_who_only_look_see_the_page_of_a_plan(client, project):
    client.force_login(make_user(Role.AUDITOR))
    url = reverse("admin:goals_strategy_change", args=[project.strategy.pk])
    assert client.get(url).status_code == 200
