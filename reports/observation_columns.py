"""The columns of the long format of reports/observations.py: name, definition and cell."""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from changes.value_records import ValueRecord
from indicators.rules.judgement import Assessment
from indicators.rules.outlook import Outlook, OutlookState
from indicators.rules.terms import band_of
from japanese.fiscal_years import era_label
from plans.nodes import ActualNode, MeasureNode
from reports.observations import (
    GRADED,
    NOT_ENTERED,
    ORIGIN_NAMES,
    SPAN_NAMES,
    VALUE_KIND_NAMES,
    Observation,
    ValueKind,
    availability_names,
)
from tables.cells import Cell
from tables.table_files import INTEGER, MOMENT, NUMBER, TEXT, DataColumn


def _of_actual(read: Callable[[ActualNode], Cell]) -> Callable[[Observation], Cell]:
    return lambda row: None if row.actual is None else read(row.actual)


def _of_assessment(read: Callable[[Assessment], Cell]) -> Callable[[Observation], Cell]:
    return lambda row: None if row.assessment is None else read(row.assessment)


def _of_indicator(name: str) -> Callable[[Observation], Cell]:
    return lambda row: getattr(row.listing.indicator, name)


def _of_measure(read: Callable[[MeasureNode], Cell]) -> Callable[[Observation], Cell]:
    return lambda row: None if row.measure is None else read(row.measure)


def _of_outlook(read: Callable[[Outlook], Cell]) -> Callable[[Observation], Cell]:
    return lambda row: None if row.outlook is None else read(row.outlook)


def _of_record(read: Callable[[ValueRecord], Cell]) -> Callable[[Observation], Cell]:
    return lambda row: None if row.record is None else read(row.record)


def _moment(moment: datetime | None) -> str | None:
    """Return a time as text in the office's time zone, to the second; None for None."""
    return None if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"


def _availability(row: Observation) -> str | None:
    if row.value_kind != ValueKind.ACTUAL:
        return None
    if row.actual is None:
        return NOT_ENTERED
    return GRADED if row.actual.grade else row.actual.availability


def _judged_by(assessment: Assessment) -> str | None:
    return assessment.judged_by


COLUMNS: tuple[DataColumn, ...] = (
    DataColumn(
        "city_code",
        "団体コード",
        TEXT,
        "全国地方公共団体コード（6桁）。",
        lambda r: r.tree.city_code,
    ),
    DataColumn("city", "市町村名", TEXT, "総合戦略を定めた市町村。", lambda r: r.tree.city),
    DataColumn(
        "strategy_code", "総合戦略コード", TEXT, "総合戦略を表す符号。", lambda r: r.tree.code
    ),
    DataColumn("strategy", "総合戦略名", TEXT, "総合戦略の名称。", lambda r: r.tree.title),
    DataColumn(
        "assessed_fiscal_year",
        "対象年度（西暦）",
        INTEGER,
        "このファイルが対象とする年度。効果検証を実施する年度は、その翌年度です。",
        lambda r: r.tree.fiscal_year,
    ),
    DataColumn(
        "goal_position", "基本目標番号", INTEGER, "基本目標の番号。", lambda r: r.goal.position
    ),
    DataColumn("goal", "基本目標", TEXT, "基本目標の名称。", lambda r: r.goal.title),
    DataColumn(
        "group_symbol",
        "施策区分記号",
        TEXT,
        "施策の区分の記号。数値目標と、区分のない計画では空欄です。",
        _of_measure(lambda m: m.group_symbol or None),
    ),
    DataColumn(
        "group",
        "施策区分",
        TEXT,
        "施策の区分の名称。数値目標と、区分のない計画では空欄です。",
        _of_measure(lambda m: m.group_title or None),
    ),
    DataColumn(
        "measure_position",
        "具体的施策番号",
        INTEGER,
        "施策の区分の中での具体的施策の番号。数値目標と、基本目標の直下のKPIでは空欄です。",
        _of_measure(lambda m: m.position or None),
    ),
    DataColumn(
        "measure",
        "具体的施策",
        TEXT,
        "具体的施策の名称。数値目標と、基本目標の直下のKPIでは空欄です。",
        _of_measure(lambda m: m.title or None),
    ),
    DataColumn(
        "listing_type_code",
        "指標の区分コード",
        TEXT,
        "数値目標か重要業績評価指標（KPI）か。",
        lambda r: r.listing.model,
    ),
    DataColumn(
        "listing_type",
        "指標の区分",
        TEXT,
        "指標の区分コードの名称。",
        lambda r: r.tree.words.short_listing_word(r.listing.model),
    ),
    DataColumn(
        "listing_code",
        "掲載コード",
        TEXT,
        "総合戦略に掲げた一つの数値目標又はKPIを表す符号。年度とファイルが変わっても同じです。"
        "総合戦略コードと指標コードから成り、再掲では掲げた場所が後ろに付きます。",
        lambda r: r.tree.code_of(r.listing),
    ),
    DataColumn(
        "listing_position",
        "指標番号",
        INTEGER,
        "基本目標の中での数値目標の番号、又は具体的施策の中でのKPIの番号。",
        lambda r: r.listing.position,
    ),
    DataColumn(
        "listing_name",
        "記載名",
        TEXT,
        "総合戦略に書かれている指標の名称。原文のまま。",
        lambda r: r.listing.name,
    ),
    DataColumn(
        "listing_relisted",
        "再掲",
        INTEGER,
        "総合戦略の前の部分に掲げられている指標を、再び掲げたものか。",
        lambda r: int(not r.listing.first_listing),
    ),
    DataColumn(
        "sdgs",
        "SDGs",
        TEXT,
        "指標か具体的施策に掲げたSDGsの番号。二つ以上は「、」で区切ります。",
        lambda r: r.listing.carried_here.sdgs_label or None,
    ),
    DataColumn(
        "grants",
        "交付金",
        TEXT,
        "指標か具体的施策に掲げた交付金の名称。二つ以上は「、」で区切ります。",
        lambda r: r.listing.carried_here.grants_label or None,
    ),
    DataColumn(
        "general_plan_code",
        "総合計画コード",
        TEXT,
        "指標の、総合計画での番号。指標になければ、具体的施策のもの。",
        lambda r: r.listing.carried_here.general_plan_code or None,
    ),
    DataColumn(
        "sentence",
        "目標の文言",
        TEXT,
        "総合戦略に書かれている目標の文言。原文のまま。",
        lambda r: r.listing.sentence,
    ),
    DataColumn(
        "reading_confirmed",
        "読み方確認",
        INTEGER,
        "目標の文言の読み方を企画担当が確認したか。確認していない指標は判定しません。",
        lambda r: int(r.listing.is_confirmed),
    ),
    DataColumn("kind_code", "種類コード", TEXT, "目標の種類。", lambda r: r.listing.kind),
    DataColumn("kind", "種類", TEXT, "種類コードの名称。", lambda r: r.listing.kind_label),
    DataColumn(
        "direction_code",
        "改善の方向コード",
        TEXT,
        "値がどちらに動くとよいか。",
        lambda r: r.listing.direction if r.listing.has_better_side else None,
    ),
    DataColumn(
        "direction",
        "改善の方向",
        TEXT,
        "改善の方向コードの名称。",
        lambda r: r.listing.direction_label if r.listing.has_better_side else None,
    ),
    DataColumn(
        "indicator_code",
        "指標コード",
        TEXT,
        "指標を表す符号。計画が変わっても同じ指標には同じ符号を使います。",
        _of_indicator("code"),
    ),
    DataColumn("indicator", "指標名", TEXT, "指標の名称。", lambda r: r.listing.indicator.name),
    DataColumn("section", "担当課", TEXT, "指標に責任を持つ課。", _of_indicator("section")),
    DataColumn(
        "entering_section",
        "入力課",
        TEXT,
        "実績値を入力する課。",
        _of_indicator("entered_by"),
    ),
    DataColumn(
        "moment_code",
        "値の時点コード",
        TEXT,
        "実績値がいつの値か。",
        _of_indicator("moment"),
    ),
    DataColumn(
        "moment",
        "値の時点",
        TEXT,
        "値の時点コードの名称。",
        _of_indicator("moment_label"),
    ),
    DataColumn(
        "value_kind_code",
        "値の区分コード",
        TEXT,
        "基準、目標、目安、実績のどれか。",
        lambda r: r.value_kind.value,
    ),
    DataColumn(
        "value_kind",
        "値の区分",
        TEXT,
        "値の区分コードの名称。",
        lambda r: VALUE_KIND_NAMES[r.value_kind],
    ),
    DataColumn("origin_code", "値の由来コード", TEXT, "値が何によるものか。", lambda r: r.origin),
    DataColumn(
        "origin", "値の由来", TEXT, "値の由来コードの名称。", lambda r: ORIGIN_NAMES[r.origin]
    ),
    DataColumn(
        "span_code",
        "値の範囲コード",
        TEXT,
        "値がその年度だけのものか、計画の初年度からその年度までの累計か。",
        lambda r: r.span,
    ),
    DataColumn("span", "値の範囲", TEXT, "値の範囲コードの名称。", lambda r: SPAN_NAMES[r.span]),
    DataColumn(
        "fiscal_year",
        "年度（西暦）",
        INTEGER,
        "値の年度。2019は2019年4月から2020年3月まで。基準値の年度が分からないときは空欄です。",
        lambda r: r.fiscal_year,
    ),
    DataColumn(
        "fiscal_year_label",
        "年度（和暦）",
        TEXT,
        "値の年度の和暦。",
        lambda r: None if r.fiscal_year is None else era_label(r.fiscal_year),
    ),
    DataColumn(
        "value",
        "値",
        NUMBER,
        "単位の列の単位による値。空欄は値がないことを表し、理由は値の有無の列にあります。0は値です。",
        lambda r: r.value,
    ),
    DataColumn(
        "numerator",
        "分子",
        NUMBER,
        "割合を分子と分母で入力した実績の分子。そうでない値では空欄です。",
        _of_actual(lambda a: a.numerator),
    ),
    DataColumn(
        "denominator",
        "分母",
        NUMBER,
        "割合を分子と分母で入力した実績の分母。そうでない値では空欄です。",
        _of_actual(lambda a: a.denominator),
    ),
    DataColumn(
        "unit",
        "単位",
        TEXT,
        "値、判定に用いた値の単位。空欄は単位がないことを表します。",
        lambda r: r.listing.indicator.unit or None,
    ),
    DataColumn(
        "decimals",
        "小数点以下桁数",
        INTEGER,
        "指標の小数点以下の桁数。目安は1桁多く示します。",
        _of_indicator("decimals"),
    ),
    DataColumn(
        "availability_code",
        "値の有無コード",
        TEXT,
        "実績値があるか、ないときはその理由。値の区分が実績の行だけにあります。",
        _availability,
    ),
    DataColumn(
        "availability",
        "値の有無",
        TEXT,
        "値の有無コードの名称。",
        lambda r: availability_names(r.tree.scale).get(_availability(r) or ""),
    ),
    DataColumn(
        "expected_month",
        "公表予定月",
        TEXT,
        "未公表の値が公表される予定の年月（例：2026-09）。",
        _of_actual(lambda a: a.expected_month or None),
    ),
    DataColumn(
        "provisional",
        "速報値",
        INTEGER,
        "確定していない値か。入力された実績の行だけにあります。",
        _of_actual(lambda a: int(a.provisional)),
    ),
    DataColumn(
        "state_code",
        "状態コード",
        TEXT,
        "実績値の入力から確認までの状態。入力された実績の行だけにあります。",
        _of_actual(lambda a: a.state),
    ),
    DataColumn("state", "状態", TEXT, "状態コードの名称。", _of_actual(lambda a: a.state_label)),
    DataColumn(
        "status_code",
        "判定コード",
        TEXT,
        "その年度の判定。計画期間の実績の行だけにあり、対象年度より後の年度では空欄です。",
        _of_assessment(lambda a: str(a.status)),
    ),
    DataColumn(
        "status",
        "判定",
        TEXT,
        "判定の名称。かっこ内は理由など。",
        _of_assessment(lambda a: a.label),
    ),
    DataColumn(
        "band_code",
        "判定の段階コード",
        TEXT,
        "判定を五つの段階にまとめたもの。",
        _of_assessment(lambda a: band_of(a.status).value),
    ),
    DataColumn(
        "judged_fiscal_year",
        "判定に用いた年度（西暦）",
        INTEGER,
        "判定に用いた値の年度。前の年度の値で代えたときは、その年度です。",
        _of_assessment(lambda a: a.basis_year),
    ),
    DataColumn(
        "judged_value",
        "判定に用いた値",
        NUMBER,
        "判定に用いた値。種類が期間累計の指標では、計画の初年度からの累計です。",
        _of_assessment(lambda a: a.value),
    ),
    DataColumn(
        "attainment",
        "達成率（％）",
        NUMBER,
        "判定に用いた値÷目標値×100（少ないほどよい指標では目標値÷判定に用いた値×100）。",
        _of_assessment(lambda a: a.attainment),
        "％",
    ),
    DataColumn(
        "completion",
        "進捗率（％）",
        NUMBER,
        "基準値から目標値までの変化のうち、済んだ割合。期間累計では、累計÷目標値×100。",
        _of_assessment(lambda a: a.completion),
        "％",
    ),
    DataColumn(
        "pace",
        "計画比（％）",
        NUMBER,
        "その年度の目安値までに見込んだ変化に対する、実際の変化の割合。",
        _of_assessment(lambda a: a.pace),
        "％",
    ),
    DataColumn(
        "judged_by_code",
        "判定の根拠コード",
        TEXT,
        "判定を決めた率。値があるときだけにあります。",
        _of_assessment(_judged_by),
    ),
    DataColumn(
        "judged_by",
        "判定の根拠",
        TEXT,
        "判定の根拠コードの名称。",
        _of_assessment(lambda a: a.judged_by and a.judged_by.label),
    ),
    DataColumn(
        "explanation",
        "説明",
        TEXT,
        "判定の説明。",
        _of_assessment(lambda a: a.explanation),
    ),
    DataColumn(
        "outlook_code",
        "見込みコード",
        TEXT,
        "その年度までの実績の調子が続いたとした、目標年度の見込み。判定ではありません。",
        _of_outlook(lambda o: None if o.state == OutlookState.OVER else o.state.value),
    ),
    DataColumn(
        "outlook",
        "見込み",
        TEXT,
        "見込みコードの名称。最終年度では空欄です。",
        _of_outlook(lambda o: None if o.state == OutlookState.OVER else o.state.label),
    ),
    DataColumn(
        "outlook_value",
        "見込みの値",
        NUMBER,
        "調子が続いたときの目標年度の値。種類が期間累計の指標では、計画の初年度からの累計です。",
        _of_outlook(lambda o: o.value),
    ),
    DataColumn(
        "outlook_explanation",
        "見込みの説明",
        TEXT,
        "見込みの説明。見込みを出せないときは、その理由。",
        _of_outlook(lambda o: o.explanation or None),
    ),
    DataColumn(
        "withheld",
        "秘匿",
        INTEGER,
        "人数が少なく、公表しない値か。入力された実績の行だけにあります。",
        _of_actual(lambda a: int(a.withheld)),
    ),
    DataColumn("remarks", "備考", TEXT, "実績値の備考。", _of_actual(lambda a: a.remarks or None)),
    DataColumn(
        "evidence",
        "根拠資料",
        INTEGER,
        "根拠資料のファイルが添付されているか。入力された実績の行だけにあります。",
        _of_record(lambda r: int(r.has_evidence)),
    ),
    DataColumn(
        "entered_by",
        "入力した人",
        TEXT,
        "実績値を最後に入力した人。",
        _of_record(lambda r: r.entered_by.name),
    ),
    DataColumn(
        "entered_at",
        "入力日時",
        MOMENT,
        "実績値を最後に入力した日時。日本時間。",
        _of_record(lambda r: _moment(r.entered_at)),
    ),
    DataColumn(
        "confirmed_by",
        "確認した人",
        TEXT,
        "実績値を確認した企画担当の人。確認していない値では空欄です。",
        _of_record(lambda r: r.confirmed_by.name if r.confirmed_by else None),
    ),
    DataColumn(
        "confirmed_at",
        "確認日時",
        MOMENT,
        "実績値を確認した日時。日本時間。",
        _of_record(lambda r: _moment(r.confirmed_at)),
    ),
    DataColumn(
        "invented",
        "架空の値",
        INTEGER,
        "このファイルの実績値が、試用のための架空のものか。",
        lambda r: int(r.tree.invented),
    ),
)

_ABOUT_ENTERING = {
    "state_code", "state", "withheld", "evidence", "entered_by", "entered_at", "confirmed_by",
    "confirmed_at",
}  # fmt: skip

EDITION_COLUMNS = tuple(column for column in COLUMNS if column.name not in _ABOUT_ENTERING)
"""The columns of what an edition freezes: without those about how values are entered, and by whom.

All of its values are confirmed.
"""
