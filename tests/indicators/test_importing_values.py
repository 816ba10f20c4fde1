"""Values through bulk import: by recording.py, with version, unit, reason and history."""

from decimal import Decimal

import pytest

from accounts.models import User
from accounts.roles import Role
from goals.models import Strategy
from indicators.models import Actual
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_section,
    make_user,
)
from tests.importing import confirm, exported_rows, text_of, upload, xlsx_file
from tests.pages import read_page
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

HEADERS = ["指標コード", "年度", "実績値", "版"]


@pytest.fixture
def planning(client) -> User:
    user = make_user(Role.PLANNING, make_section("総合政策室"), full_name="企画 花子")
    client.force_login(user)
    return user


def stored() -> dict:
    return {(a.indicator.code, a.fiscal_year_id): a for a in Actual.objects.all()}


def apply(client, rows, reason: str = "") -> str:
    """Import rows and return the last page: the list, or the errors."""
    preview = upload(client, Actual, rows, reason=reason)
    if 'name="ticket"' not in preview.content.decode():
        return text_of(preview)
    return text_of(confirm(client, Actual, preview))


@pytest.mark.both_databases
def test_values_are_recorded_with_door_person_and_reason(client, planning):
    old = make_actual(make_indicator(code="visitors"), 2017, 10, by=make_user(Role.PLANNING))
    births = make_indicator(code="births")
    page = apply(
        client,
        [HEADERS, ["visitors", "平成29", "１，２３４", "1"], ["births", "H29", "0", ""]],
        reason="集計の訂正",
    )
    assert "実績値を取り込みました（新規1行、変更1行、変更なし0行）。" in page
    old.refresh_from_db()
    assert (old.value, old.version, old.entered_by) == (1234, 2, planning)
    new = births.actuals.get()
    assert (new.value, new.version, new.availability) == (0, 1, "reported")
    for actual in (old, new):
        row = actual.history.first()
        assert (row.door, row.history_user, row.history_change_reason) == (
            "import",
            planning,
            "集計の訂正",
        )


def test_a_stale_version_is_refused_and_the_other_person_named(client, planning):
    indicator = make_indicator(code="visitors")
    make_actual(indicator, 2017, 10, by=planning)
    header, row = exported_rows(client, Actual)
    row[header.index("実績値")] = "12"
    other = make_user(Role.CLERK, indicator.section, full_name="水産 太郎")
    make_actual(indicator, 2017, 15, version=1, by=other)

    page = text_of(upload(client, Actual, [header, row]))
    assert "1行のうち1行に誤りがあるため、何も取り込んでいません。" in page
    assert "2行目 版 1 この値は、" in page
    assert f"{indicator.section}の水産 太郎が「15人」に変更しました。" in page
    assert Actual.objects.get().value == 15


@pytest.mark.both_databases
def test_somebody_who_was_faster_than_the_confirmation_is_named(client, planning):
    indicator = make_indicator(code="visitors")
    make_actual(indicator, 2017, 10, by=planning)
    preview = upload(client, Actual, [HEADERS, ["visitors", "2017", "12", "1"]])
    other = make_user(Role.CLERK, indicator.section, full_name="水産 太郎")
    make_actual(indicator, 2017, 15, version=1, by=other)
    page = text_of(confirm(client, Actual, preview))
    assert "水産 太郎が「15人」に変更しました。" in page
    assert (Actual.objects.get().value, Actual.history.count()) == (15, 2)


def test_a_stored_value_is_not_overwritten_without_its_version(client, planning):
    make_actual(make_indicator(code="visitors"), 2017, 10, by=planning)
    page = apply(client, [HEADERS, ["visitors", "2017", "12", ""]])
    assert "企画 花子が「10人」に変更しました。" in page
    assert Actual.objects.get().value == 10


def test_a_value_that_was_taken_back_is_not_brought_back_unseen(client, planning):
    make_indicator(code="visitors")
    make_fiscal_year(2017)
    page = apply(client, [HEADERS, ["visitors", "2017", "12", "3"]])
    assert "ほかの人が未入力に戻しました" in page
    assert not Actual.objects.exists()


def test_values_are_in_the_unit_in_which_people_type(client, planning):
    indicator = make_indicator(code="sales", unit="円", display_unit="百万円")
    make_actual(indicator, 2017, 1_290_000_000, by=planning)
    header, row = exported_rows(client, Actual)
    assert (row[header.index("実績値")], row[header.index("単位")]) == ("1290", "百万円")
    row[header.index("実績値")] = "1,291.5"
    apply(client, [header, row])
    assert Actual.objects.get().value == 1_291_500_000

    row[header.index("単位")] = "千円"
    row[header.index("版")] = "2"
    page = apply(client, [header, row])
    assert "登録されている単位は「百万円」です。" in page


def test_a_shifted_row_is_noticed_by_its_name_and_its_era(client, planning):
    make_indicator(code="visitors", name="来訪者数")
    make_fiscal_year(2017)
    rows = [["指標コード", "指標名", "年度", "和暦", "実績値", "版"]]
    page = apply(client, [*rows, ["visitors", "出生数", "2017", "平成30年度", "5", ""]])
    assert "登録されている指標名は「来訪者数」です。" in page
    assert "登録されている和暦は「平成29年度」です。" in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("約50", "「約50」は数として読めません。「50」と入力し、「約」は備考に書いてください。"),
        ("12..3", "「12..3」は数として読めません。「12.3」のように入力してください。"),
        ("1.5", "実績値「1.5」の小数点以下の桁数が多すぎます。この指標は整数で入力してください。"),
        ("▲5", "実績値は0以上の値を入力してください（入力値：-5）。"),
        ("50%", "「50%」に％が付いていますが、この指標の単位は「人」です。"),
        ("9" * 15, "桁数が多すぎます。整数11桁までで入力してください。"),
        ("NaN", "「NaN」は数として読めません。"),
        ("1e3", "「1e3」は数として読めません。"),
    ],
)
def test_impossible_numbers_are_refused_in_words(client, planning, typed, said):
    make_indicator(code="visitors")
    make_fiscal_year(2017)
    page = apply(client, [HEADERS, ["visitors", "2017", typed, ""]])
    assert said in page
    assert "Decimal" not in page
    assert "Traceback" not in page
    assert not Actual.objects.exists()


def test_negative_numbers_are_read_as_people_write_them(client, planning):
    make_indicator(code="migration", minimum=None)
    make_fiscal_year(2017)
    apply(client, [HEADERS, ["migration", "2017", "▲1,234", ""]])
    assert Actual.objects.get().value == -1234


def test_unknown_indicators_and_years_are_named(client, planning):
    make_indicator(code="visitors")
    rows = [
        ["visitor", "2017", "1", ""],
        ["visitors", "29", "1", ""],
        ["visitors", "2031", "1", ""],
    ]
    page = apply(client, [HEADERS, *rows])
    assert "3行のうち3行に誤りがある" in page
    assert "指標コード「visitor」は登録されていません。" in page
    assert "「29」は年度として読めません。" in page
    assert "令和13年度（2031）は、まだ作られていません。" in page


def test_a_year_that_has_ended_needs_a_kind_and_a_reason(client, planning):
    make_actual(make_indicator(code="visitors"), 2017, 10, by=planning)
    make_fiscal_year(2017, is_open=False)
    rows = [HEADERS, ["visitors", "2017", "12", "1"]]
    page = apply(client, rows)
    assert "受付を終えた平成29年度（2017）の値を変えるには、変更の理由を入力してください。" in page
    page = apply(client, rows, reason="統計の確定")
    assert "変更の種類（確定値への更新、遡及改定、訂正）を選んでください" in page
    assert Actual.objects.get().value == 10
    rows = [[*HEADERS, "変更の種類"], ["visitors", "2017", "12", "1", "確定値への更新"]]
    apply(client, rows, reason="統計の確定")
    actual = Actual.objects.get()
    assert actual.change_kind == "finalised"
    assert (actual.value, actual.history.first().history_change_reason) == (12, "統計の確定")


def test_values_of_a_past_year_come_in_with_a_reason_and_are_judged(client, planning):
    for year in (2015, 2016):
        make_fiscal_year(year, is_open=False)
    kpi = make_kpi(indicator=make_indicator(code="visitors"))
    rows = [HEADERS, ["visitors", "2015", "40", ""], ["visitors", "2016", "45", ""]]
    assert "過ぎた平成27年度（2015）の値を入力するには、変更の理由を" in apply(client, rows)
    apply(client, rows, reason="前の台帳から転記")
    assert [actual.change_kind for actual in Actual.objects.all()] == ["", ""]
    page = read_page(client.get("/entry/")).main
    assert "受付なし（過年度）" in page
    assert "開始前" not in page
    plan = kpi.measure.group.goal.strategy.code
    page = read_page(client.get(f"/strategies/{plan}/kpis/1-ア-1-1/?year=2016"))
    assert "順調" in page.main
    change = [HEADERS, ["visitors", "2015", "41", "1"]]
    assert "変更の種類（確定値への更新、遡及改定、訂正）を" in apply(client, change, reason="転記")


@pytest.mark.both_databases
def test_unchanged_rows_write_nothing(client, planning):
    indicators = [make_indicator() for _ in range(3)]
    for indicator in indicators:
        make_actual(indicator, 2017, 10, by=planning)
    header, *rows = exported_rows(client, Actual)
    rows[1][header.index("備考")] = "速報による"
    page = apply(client, [header, *rows])
    assert "変更1行、変更なし2行" in page
    assert [actual.version for actual in Actual.objects.order_by("indicator")] == [1, 2, 1]


def test_reasons_for_no_value_and_months_that_excel_rewrote(client, planning):
    for code in ("a", "b", "c", "d"):
        make_indicator(code=code)
    make_fiscal_year(2017)
    headers = ["指標コード", "年度", "実績値", "有無", "公表予定月", "版"]
    rows = [
        ["a", "2017", "", "未公表", "Sep-18", ""],
        ["b", "2017", "", "未公表", "2018年9月", ""],
        ["c", "2017", "", "調査未実施", "", ""],
        ["d", "2017", "", "", "", ""],
    ]
    page = apply(client, [headers, *rows])
    assert "新規3行、変更0行、変更なし1行" in page
    assert {key[0]: (a.availability, a.expected_month) for key, a in stored().items()} == {
        "a": ("unpublished", "2018-09"),
        "b": ("unpublished", "2018-09"),
        "c": ("not_surveyed", ""),
    }


@pytest.mark.parametrize(
    ("header", "typed", "said"),
    [
        ("公表予定月", "秋", "「秋」は年月として読めません。"),
        ("分母", "〇", "「〇」は、零か丸印か区別できません。"),
        ("有無", "不明", "「不明」はありません。「実績値あり」「未公表」"),
        ("速報値", "たぶん", "「たぶん」は使えません。「はい」か「いいえ」と入力してください。"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_column(client, planning, header, typed, said):
    make_indicator(code="visitors")
    make_fiscal_year(2017)
    rows = [[*HEADERS, header], ["visitors", "2017", "5", "", typed]]
    assert f"2行目 {header} {typed} {said}" in apply(client, rows)
    assert not Actual.objects.exists()


def test_an_emptied_value_is_not_taken_back_by_accident(client, planning):
    make_actual(make_indicator(code="visitors"), 2017, 10, by=planning)
    header, row = exported_rows(client, Actual)
    row[header.index("実績値")] = ""
    page = apply(client, [header, row])
    assert "実績値を入力するか、未公表・調査未実施・把握できないのどれかを選んでください。" in page
    row[header.index("有無")] = "未入力に戻す"
    assert "変更1行、" in apply(client, [header, row])
    assert not Actual.objects.exists()
    assert Actual.history.first().door == "import"


def test_shares_are_computed_and_their_parts_never_lost_silently(client, planning):
    make_indicator(code="rate", unit="％", decimals=1, ratio=True, maximum=Decimal(100))
    make_fiscal_year(2017)
    headers = ["指標コード", "年度", "実績値", "分子", "分母", "版"]
    preview = upload(client, Actual, [headers, ["rate", "2017", "", "1", "3", ""]])
    assert "実績値： 33.3" in text_of(preview)
    confirm(client, Actual, preview)
    assert Actual.objects.get().value == Decimal("33.3")

    header, row = exported_rows(client, Actual)
    row[header.index("分子")] = "2"
    apply(client, [header, row])
    assert Actual.objects.get().value == Decimal("66.7")

    header, row = exported_rows(client, Actual)
    row[header.index("実績値")] = "70％"
    preview = upload(client, Actual, [header, row])
    assert "割合だけにするときは、分子と分母を空欄にしてください。" in text_of(preview)
    row[header.index("分子")] = row[header.index("分母")] = ""
    apply(client, [header, row])
    actual = Actual.objects.get()
    assert (actual.value, actual.numerator, actual.denominator) == (70, None, None)


def test_a_changed_confirmed_value_has_to_be_confirmed_again(client, planning):
    actual = make_actual(make_indicator(code="visitors"), 2017, 10)
    from indicators.recording import move

    move({actual.pk: 1}, "confirmed", Change(by=planning, door="admin"))
    apply(client, [HEADERS, ["visitors", "2017", "12", "2"]])
    actual.refresh_from_db()
    assert (actual.state, actual.confirmed_by) == ("answered", None)


@pytest.mark.both_databases
def test_the_number_of_queries_does_not_grow_with_the_rows(
    client, planning, django_assert_max_num_queries
):
    make_fiscal_year(2017)
    rows = [[make_indicator(code=f"i{n}").code, "2017", str(n), ""] for n in range(60)]
    with django_assert_max_num_queries(40):
        preview = upload(client, Actual, [HEADERS, *rows])
    with django_assert_max_num_queries(50):
        confirm(client, Actual, preview)
    assert Actual.objects.count() == 60


@pytest.mark.both_databases
def test_two_hundred_rows_with_three_bad_ones(client, planning):
    make_fiscal_year(2017)
    rows = [[make_indicator(code=f"i{n}").code, 2017, n, None] for n in range(200)]
    wrong = {17: "約50", 80: -1, 199: "12..3"}
    for index, value in wrong.items():
        rows[index][2] = value
    page = text_of(upload(client, Actual, xlsx_file([HEADERS, *rows], "実績値")))
    assert "200行のうち3行に誤りがあるため、何も取り込んでいません。" in page
    for index in wrong:
        assert f"シート「実績値」のC{index + 2}" in page
    assert not Actual.objects.exists()


def test_invented_values_are_marked_in_the_file(client, planning):
    kpi = make_kpi()
    make_actual(kpi.indicator, 2017, 7)

    def mark():
        header, row = exported_rows(client, Actual)
        return row[header.index("架空の値（参考）")]

    assert mark() == "いいえ"
    Strategy.objects.update(invented=True)
    assert mark() == "はい"
