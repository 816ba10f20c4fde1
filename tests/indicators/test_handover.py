"""The hand-over in April: indicators change sections in bulk, memos stay in sight."""

import pytest
from django.urls import reverse

from accounts.models import Section
from accounts.roles import Role
from indicators.duties import Duties
from indicators.handover import move_indicators
from indicators.models import Indicator
from tests.factories import make_fiscal_year, make_indicator, make_section, make_user
from tests.html import form_data
from tests.importing import confirm, exported_rows, text_of, upload
from trail.history import Door, changing

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.stories]

LIST = "admin:indicators_indicator_changelist"
BOTH_YEARS = "平成28年度（2016）から平成29年度（2017）まで（公表した平成28年度を含む）"


def test_indicators_move_with_history(django_assert_max_num_queries):
    old, new, planning = make_section("水産課"), make_section("農林課"), make_user(Role.PLANNING)
    indicators = [make_indicator(old) for _ in range(20)]
    with (
        changing(by=planning, door=Door.ADMIN, reason="機構改革"),
        django_assert_max_num_queries(6),
    ):
        moved = move_indicators([i.pk for i in indicators], entered_by=new)
    assert len(moved) == 20
    indicators[0].refresh_from_db()
    assert (indicators[0].section, indicators[0].entered_by) == (old, new)
    row = indicators[0].history.first()
    assert (row.history_user, row.door, row.history_change_reason, row.entered_by) == (
        planning,
        "admin",
        "機構改革",
        new,
    )


def test_what_is_there_already_leaves_no_history():
    section = make_section()
    indicator = make_indicator(section)
    assert move_indicators([indicator.pk], section=section, entered_by=section) == []
    assert indicator.history.count() == 1


def select(client, indicators, **typed):
    data = {"action": "move_to_section", "_selected_action": [i.pk for i in indicators]}
    return client.post(reverse(LIST), data | typed, follow=True).content.decode()


def test_planning_moves_them_on_an_intermediate_page(client):
    old, new = make_section("水産課"), make_section("農林課")
    indicators = [make_indicator(old) for _ in range(3)]
    client.force_login(make_user(Role.PLANNING))
    html = select(client, indicators)
    assert "次の3件の指標を移します" in html
    html = select(client, indicators, move="移す", reason="機構改革")
    assert "少なくとも一方を選んでください" in html
    html = select(client, indicators, move="移す", section=new.pk)
    assert "この欄は必ず入力してください" in html
    html = select(client, indicators, move="移す", section=new.pk, reason="機構改革")
    assert "3件の指標を移しました" in html
    indicators[0].refresh_from_db()
    assert (indicators[0].section, indicators[0].entered_by) == (new, old)
    assert indicators[0].history.first().history_change_reason == "機構改革"


def test_earlier_years_keep_the_sections_that_they_had(client):
    old, new = make_section("水産課"), make_section("農林課")
    indicator = make_indicator(old)
    client.force_login(make_user(Role.PLANNING))
    typed = {"move": "移す", "section": new.pk, "entered_by": new.pk, "reason": "機構改革"}
    select(client, [indicator], first_fiscal_year="平成30", **typed)
    duties = Duties([indicator.pk])
    indicator.refresh_from_db()
    assert duties.of(indicator, 2017).section_id == old.pk
    assert duties.of(indicator, 2018).section_id == new.pk
    html = select(client, [indicator], first_fiscal_year="2017", **(typed | {"section": old.pk}))
    assert "平成30年度（2018）に課が変わっています" in html
    assert 'value="2017"' in html
    indicator.refresh_from_db()
    assert indicator.section == new


@pytest.fixture
def published(client):
    """An indicator of 水産課; 2016 is published, 2017 is open. Planning is logged in."""
    make_fiscal_year(2016, entry_is_open=False, published_on="2017-12-01")
    make_fiscal_year(2017)
    client.force_login(make_user(Role.PLANNING))
    return make_indicator(make_section("水産課"), code="visitors")


def save_page(client, indicator, **typed):
    """Change the indicator on its page; return the page that follows."""
    page = reverse("admin:indicators_indicator_change", args=[indicator.pk])
    data = form_data(client.get(page).content.decode())
    return text_of(client.post(page, data | typed, follow=True))


def sections_of(indicator):
    """Return the names of the responsible sections of 2016 and 2017, as they are stored."""
    stored = Indicator.objects.get(pk=indicator.pk)
    names = {section.pk: section.name for section in Section.objects.all()}
    duties = Duties([stored.pk])
    return [names[duties.of(stored, year).section_id] for year in (2016, 2017)]


def test_the_page_of_an_indicator_asks_for_the_first_year(client, published):
    new = make_section("農林課")
    for reason in ("", "機構改革"):
        html = save_page(client, published, section=new.pk, change_reason=reason)
        assert f"このまま保存すると、{BOTH_YEARS}の課も変わります" in html
        assert sections_of(published) == ["水産課", "水産課"]
    html = save_page(client, published, section=new.pk, first_fiscal_year="平成29")
    assert "平成28年度（2016）までは、これまでの課のまま残ります" in html
    assert sections_of(published) == ["水産課", "農林課"]
    other = make_section("港湾課")
    html = save_page(client, published, section=other.pk, first_fiscal_year="2016")
    assert "平成29年度（2017）に課が変わっています" in html
    assert sections_of(published) == ["水産課", "農林課"]


def test_the_page_of_an_indicator_corrects_earlier_years_with_a_reason(client, published):
    typed = {"section": make_section("農林課").pk, "changes_earlier_years": "on"}
    assert "の課も変わるため、変更の理由を入力してください" in save_page(client, published, **typed)
    assert sections_of(published) == ["水産課", "水産課"]
    html = save_page(client, published, change_reason="登録の誤り", **typed)
    assert "（公表した平成28年度を含む）の課も変わりました" in html
    assert sections_of(published) == ["農林課", "農林課"]


def test_a_hand_over_does_not_reach_a_published_year_unasked(client, published):
    typed = {"section": make_section("農林課").pk, "first_fiscal_year": "2016"}
    html = save_page(client, published, **typed)
    assert (
        "このまま保存すると、平成28年度（2016）（公表した平成28年度を含む）の課も変わります" in html
    )
    assert "後の年度にしてください" in html
    assert sections_of(published) == ["水産課", "水産課"]


def test_a_first_year_needs_another_section(client, published):
    html = save_page(client, published, first_fiscal_year="2017", name="別名")
    assert "担当課か入力する課を変えるときだけ使います" in html
    assert "変更しました" in save_page(client, published, name="別名")


def test_the_import_takes_a_first_year(client, published):
    make_section("農林課")
    header = exported_rows(client, Indicator)[0]
    assert "移す最初の年度" in header
    rows = [["指標コード", "担当課", "移す最初の年度"], ["visitors", "農林課", "平成29"]]
    preview = upload(client, Indicator, rows)
    assert "これまでの年度の課が変わるもの" not in text_of(preview)
    confirm(client, Indicator, preview)
    assert sections_of(published) == ["水産課", "農林課"]
    assert "取り込むものはありません" in text_of(upload(client, Indicator, rows))
    early = [rows[0], ["visitors", "水産課", "2016"]]
    assert "平成29年度（2017）に課が変わっています" in text_of(upload(client, Indicator, early))


def test_the_import_tells_which_years_change_and_asks_for_a_reason(client, published):
    make_section("農林課")
    rows = [["指標コード", "担当課"], ["visitors", "農林課"]]
    told = (
        "平成28年度（2016）から平成29年度（2017）まで（公表した平成28年度を含む）の課も変わります"
    )
    page = upload(client, Indicator, rows, reason="")
    assert told in text_of(page)
    assert "「移す最初の年度」の列に入力してください" in text_of(page)
    assert 'name="ticket"' not in page.content.decode()
    preview = upload(client, Indicator, rows, reason="登録の誤り")
    assert told in text_of(preview)
    assert sections_of(published) == ["水産課", "水産課"]
    confirm(client, Indicator, preview)
    assert sections_of(published) == ["農林課", "農林課"]


def test_nobody_else_moves_indicators(client):
    section = make_section()
    indicator = make_indicator(section)
    for role in (Role.CLERK, Role.HEAD, Role.AUDITOR):
        client.force_login(make_user(role, section))
        select(client, [indicator], move="移す", section=make_section().pk, reason="なし")
    indicator.refresh_from_db()
    assert indicator.section == section


def test_the_memo_is_shown_where_values_are_entered(client):
    section = make_section()
    make_fiscal_year(2017)
    indicator = make_indicator(section, handover_memo="漁協に<電話>する", contact="漁協 内線12")
    client.force_login(make_user(Role.CLERK, section))
    for url in (
        reverse("admin:indicators_fiscalyear_change", args=[2017]),
        reverse("admin:indicators_indicator_change", args=[indicator.pk]),
    ):
        html = client.get(url).content.decode()
        assert "漁協に&lt;電話&gt;する" in html
        assert "漁協 内線12" in html
