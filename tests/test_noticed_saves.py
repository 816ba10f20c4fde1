"""No form of an object overwrites unseen what somebody else saved while it was open."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import Section, User
from accounts.roles import Role
from goals.models import BasicGoal, Grant, NumericTarget, NumericTargetVersion, Revision, Strategy
from indicators.models import Actual, FiscalYear, Indicator
from indicators.rules.presets import PRESETS
from kpis.models import KPI, KPIVersion
from measures.models import Measure, MeasureGroup, Project
from tests.admin_addresses import page_of
from tests.factories import make_section, make_user
from tests.html import sent_untouched, told
from tests.one_of_each import make_one_of_each
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]


@pytest.fixture
def site():
    return make_one_of_each()


def opened(client, url):
    return sent_untouched(client.get(url).content.decode())


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_every_field_of_every_form_brings_what_it_was_opened_with(hanako, site, model):
    """So each is compared, also those of the rows below it, and those that come later."""
    for thing in model._default_manager.all():
        response = hanako.get(page_of(thing))
        if response.status_code != 200 or not response.context["has_change_permission"]:
            continue
        page = response.content.decode()
        sets = response.context["inline_admin_formsets"]
        edited = [one.formset for one in sets if one.has_change_permission]
        rows = [row for one in edited for row in one.initial_forms]
        for form in [response.context["adminform"].form, *rows]:
            left_out = getattr(form, "about_the_change", frozenset()) | {"DELETE"}
            for field in form.visible_fields():
                if field.name in left_out or field.field.disabled:
                    continue
                assert f'name="{field.html_initial_name}"' in page, field.html_name


FORMS = [
    (Strategy, "note", "city"),
    (Revision, "reason", "document_number"),
    (Grant, "kind", "name"),
    (BasicGoal, "title", "position"),
    (MeasureGroup, "title", "symbol"),
    (Measure, "title", "position"),
    (Project, "content", "name"),
    (NumericTarget, "doubts", "name"),
    (NumericTargetVersion, "doubts", "name"),
    (KPI, "doubts", "name"),
    (KPIVersion, "doubts", "name"),
    (Indicator, "contact", "method"),
    (Section, "department", "position"),
    (FiscalYear, "inquiry_number", "council_date"),
    (User, "full_name", "email"),
]
"""Model, a field that both change, and one that only the other person changes."""

NOT_CHANGED_HERE = {Actual, Event}
OTHER_VALUES = {"position": "7", "symbol": "オ", "council_date": "2018-10-01", "email": "a@b.jp"}


def test_every_page_of_the_admin_with_a_form_is_tried():
    assert {model for model, _, _ in FORMS} | NOT_CHANGED_HERE == set(admin.site._registry)


@pytest.mark.parametrize(("model", "both", "one"), FORMS, ids=str)
def test_a_change_by_somebody_else_stays_or_is_asked_about(hanako, taro, site, model, both, one):
    thing = model._default_manager.order_by("pk").last()
    if model is User:
        thing = make_user(Role.CLERK, site)
    url = page_of(thing)
    mine, faster = opened(hanako, url), opened(taro, url)
    other = OTHER_VALUES.get(one, "太郎の内容")
    faster |= {both: "太郎の値", one: other, "change_reason": "訂正"}
    assert taro.post(url, faster).status_code == 302

    mine |= {both: "花子の値", "change_reason": "訂正"}
    answer = hanako.post(url, mine)
    assert answer.status_code == 200
    assert "見本 太郎が「太郎の値」に変更しました。" in told(answer)
    thing.refresh_from_db()
    assert getattr(thing, both) == "太郎の値"
    shown = sent_untouched(answer.content.decode())
    assert shown[both] == ["花子の値"]
    assert shown[one] == [other]

    saved = hanako.post(url, shown, follow=True)
    assert saved.redirect_chain
    thing.refresh_from_db()
    assert getattr(thing, both) == "花子の値"
    assert str(getattr(thing, one)) == other


def test_choices_that_only_somebody_else_changed_stay(hanako, taro, site):
    person = make_user(Role.CLERK, site)
    person.sections.clear()
    url = page_of(person)
    mine = opened(hanako, url)
    assert taro.post(url, opened(taro, url) | {"sections": [site.pk]}).status_code == 302
    page = hanako.post(url, mine | {"full_name": "新しい氏名"}, follow=True)
    assert f"担当課「{site}」（" in told(page)
    assert [list(person.sections.all()), User.objects.get(pk=person.pk).full_name] == [
        [site],
        "新しい氏名",
    ]


def test_the_person_who_changed_this_field_of_an_account_is_named(hanako, taro, site):
    person = make_user(Role.CLERK, make_section("第二課"))
    url = page_of(person)
    third = Client()
    third.force_login(make_user(Role.PLANNING, full_name="見本 三郎"))
    mine = opened(third, url) | {"full_name": "三郎の値", "sections": []}
    by_hanako = opened(hanako, url) | {"full_name": "花子の値", "sections": [site.pk]}
    assert hanako.post(url, by_hanako).status_code == 302
    by_taro = opened(taro, url) | {"email": "a@b.jp"}
    assert taro.post(url, by_taro).status_code == 302
    page = told(third.post(url, mine))
    assert "見本 花子が「花子の値」に変更しました。" in page
    assert f"見本 花子が「{site}」に変更しました。" in page
    assert "メールアドレス「a@b.jp」（" in page
    assert "に見本 太郎）は、そのまま残しました。" in page


def test_a_row_that_somebody_else_changed_is_neither_overwritten_nor_deleted(hanako, taro, site):
    kpi = KPI.objects.get()
    [row] = kpi.yearly_targets.all()
    prefix = "yearly_targets-0"
    url = page_of(kpi)
    mine = opened(hanako, url)
    faster = opened(taro, url) | {f"{prefix}-value": "20", "change_reason": "訂正"}
    assert taro.post(url, faster).status_code == 302

    answer = hanako.post(url, mine | {f"{prefix}-value": "18"})
    assert "見本 太郎が「20" in told(answer)
    answer = hanako.post(url, mine | {f"{prefix}-DELETE": "on"})
    assert "もう一度印を付けて保存してください" in told(answer)
    row.refresh_from_db()
    assert row.value == 20
    page = hanako.post(url, mine | {"doubts": "確かめた", "change_reason": "確認"}, follow=True)
    assert "は、そのまま残しました。" in told(page)
    row.refresh_from_db()
    assert row.value == 20


def test_rules_of_judging_are_merged_and_a_preset_overwrites_nothing_unseen(hanako, taro, site):
    strategy = Strategy.objects.get()
    url = reverse("admin:goals_strategy_judging", args=[strategy.pk])
    mine = opened(hanako, url) | {"change_reason": "会議で決定"}
    faster = opened(taro, url) | {"word_on_track": "予定どおり", "save": "on"}
    faster["change_reason"] = "会議で決定"
    assert taro.post(url, faster).status_code == 302

    page = hanako.post(url, mine | {"word_worsened": "できた", "save": "on"}, follow=True)
    assert "見本 太郎）は、そのまま残しました。" in told(page)
    strategy.refresh_from_db()
    assert strategy.labels == {"on_track": "予定どおり", "worsened": "できた"}

    filled = hanako.post(url, mine | {"preset": PRESETS[-1].key, "take": "on"})
    answer = hanako.post(url, sent_untouched(filled.content.decode()) | {"save": "on"})
    assert "この画面を開いた後に" in told(answer)
    strategy.refresh_from_db()
    assert strategy.labels == {"on_track": "予定どおり", "worsened": "できた"}


def test_a_hand_over_names_what_another_user_moved_in_the_meantime(hanako, taro, site):
    indicator = Indicator.objects.first()
    third = make_section("第三課")
    url = reverse("admin:indicators_indicator_changelist")
    chosen = {"action": "move_to_section", "_selected_action": [indicator.pk]}
    mine = sent_untouched(hanako.post(url, chosen).content.decode())
    moved = {"move": "移す", "reason": "機構改革"}
    faster = {"section": make_section("第二課").pk, "first_fiscal_year": "令和9"}
    assert taro.post(url, chosen | moved | faster).status_code == 302

    mine |= moved | {"section": third.pk, "first_fiscal_year": "令和10"}
    answer = hanako.post(url, mine)
    assert "見本 太郎が「第二課」に変更しました。" in told(answer)
    indicator.refresh_from_db()
    assert indicator.section.name == "第二課"
    again = sent_untouched(answer.content.decode()) | {"move": "移す"}
    assert hanako.post(url, again).status_code == 302
    indicator.refresh_from_db()
    assert indicator.section == third


def test_nobody_confirms_a_reading_that_the_page_did_not_show(hanako, taro, site):
    kpi = KPI.objects.get()
    KPI.objects.update(confirmed_at=None, confirmed_by=None)
    url = page_of(kpi)
    mine = opened(hanako, url)
    faster = opened(taro, url) | {"tolerance": "0.7", "change_reason": "訂正"}
    assert taro.post(url, faster).status_code == 302
    answer = hanako.post(url, mine | {"reading_confirmed": "on"})
    assert "今の読み方を確かめて、もう一度保存してください。" in told(answer)
    kpi.refresh_from_db()
    assert not kpi.is_confirmed
    again = sent_untouched(answer.content.decode()) | {"change_reason": "確認"}
    assert hanako.post(url, again).status_code == 302
    kpi.refresh_from_db()
    assert (str(kpi.tolerance), str(kpi.confirmed_by)) == ("0.7000", "見本 花子")
