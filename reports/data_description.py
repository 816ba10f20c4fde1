"""Documents the long format of reports/observations.py: codes, columns and indicators."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils import timezone

from indicators.models import Actual, Indicator
from indicators.rules.outlook import OutlookState
from indicators.rules.terms import (
    WITHHELD,
    WITHHELD_WORD,
    Band,
    Direction,
    JudgedBy,
    Scale,
    Status,
    choices_of,
    mark_of,
    status_word,
)
from japanese.calendar_days import day_label
from japanese.characters import one_line
from japanese.fiscal_years import era_label, full_label
from plans.counting import band_name, kinds_in
from plans.nodes import StrategyTree
from reports.licences import contact, licence
from reports.observation_columns import COLUMNS
from reports.observations import (
    GRADED,
    NOT_ENTERED,
    ORIGIN_NAMES,
    REFERENCE_VALUE,
    SPAN_NAMES,
    UPPER_END,
    VALUE_KIND_NAMES,
    availability_names,
    listing_names,
    newest_change,
)
from tables.table_files import NUMBER, TEXT, DataColumn

LAYOUT_HISTORY = (
    "第1版：最初の様式",
    "第2版：分子と分母の列を加えた",
    "第3版：掲載コードの列を加えた",
    "第4版：見込みの列を加えた",
    "第5版：SDGs、交付金、総合計画コードの列を加えた",
    "第6版：秘匿の列を加えた",
)
"""One line per change of COLUMNS, so that files of different years can be combined."""

INVENTED_NOTE = "試用環境です。実績値は架空のものです。"


class CodeRow(NamedTuple):
    """A code of a column and its meaning."""

    name: str
    header: str
    code: str | int
    label: str
    note: str = ""


CODE_HEADERS = ("物理名", "項目名", "コード", "名称", "説明")


def code_rows(tree: StrategyTree) -> list[CodeRow]:
    """Return every code of every coded column, in the plan's own words."""
    scale = tree.scale
    tables: dict[str, Mapping[Any, str]] = {
        "listing_type_code": listing_names(tree.words),
        "listing_relisted": {1: "再掲", 0: "再掲ではない"},
        "reading_confirmed": {1: "確認済み", 0: "未確認"},
        "kind_code": {kind.value: kind.label for kind in kinds_in(tree)},
        "direction_code": dict(choices_of(Direction)),
        "moment_code": _labels(Indicator.Moment),
        "value_kind_code": VALUE_KIND_NAMES,
        "origin_code": _origins(tree),
        "span_code": SPAN_NAMES,
        "availability_code": _availabilities(tree),
        "evidence": {1: "添付あり", 0: "添付なし"},
        "provisional": {1: "速報値", 0: "確定値"},
        "withheld": {1: WITHHELD_WORD, 0: "秘匿ではない"},
        "state_code": _labels(Actual.State),
        "status_code": {s.value: status_word(s, scale=scale) for s in tree.statuses},
        "band_code": {band.value: mark_of(band, scale) for band in Band},
        "judged_by_code": dict(choices_of(JudgedBy)),
        "outlook_code": {
            state.value: state.label for state in OutlookState if state != OutlookState.OVER
        },
        "invented": {1: "架空の値", 0: "実際の値"},
    }
    headers = {column.name: column.header for column in COLUMNS}
    notes = _code_notes(scale)
    return [
        CodeRow(name, headers[name], _plain(code), one_line(label), notes.get((name, code), ""))
        for name, table in tables.items()
        for code, label in table.items()
    ]


def _availabilities(tree: StrategyTree) -> dict[str, str]:
    """Return the codes of 値の有無; those of grades and of 秘匿 only where a listing has any."""
    off = {
        GRADED: not any(listing.is_described for listing in tree.listings),
        WITHHELD: not any(listing.has_withheld_years for listing in tree.listings),
    }
    names = availability_names(tree.scale)
    return {code: name for code, name in names.items() if not off.get(code)}


def _origins(tree: StrategyTree) -> dict[str, str]:
    """Return the origins of values; those of ranges and references only where the plan has any."""
    said = [one for listing in tree.listings for one in (listing, *listing.versions)]
    off = {
        UPPER_END: not any(one.upper is not None for one in said),
        REFERENCE_VALUE: not any(one.reference is not None for one in said),
    }
    return {code: name for code, name in ORIGIN_NAMES.items() if not off.get(code)}


def _labels(choices: type[TextChoices]) -> dict[str, str]:
    return dict(choices.choices)


def _plain(code: str | int) -> str | int:
    return code if isinstance(code, int) else str(code)


def _code_notes(scale: Scale) -> dict[tuple[str, str | int], str]:
    notes: dict[tuple[str, str | int], str] = {
        ("status_code", Status.AT_TARGET): (
            "少ないほどよい指標では「目標値以下」、種類が実現の指標では「実現」と示します。"
        )
        if Status.AT_TARGET not in scale.labels
        else "",
        ("availability_code", NOT_ENTERED): "実績値も、値がない理由も入力されていません。",
        ("origin_code", "computed"): "基準値と目標値、又は目標値から計算した値です。",
    }
    for band in Band:
        notes["band_code", band.value] = f"{band_name(band, scale)}など"
    return notes


class MetadataRow(NamedTuple):
    """A fact about the file, a column or an indicator."""

    subject: str
    name: str
    label: str
    type: str = ""
    unit: str = ""
    description: str = ""
    method: str = ""
    source: str = ""


METADATA_HEADERS = ("対象", "物理名", "項目名", "データ型", "単位", "内容", "算出方法", "出典")


def day_of_data(tree: StrategyTree) -> date:
    """Return the day whose data a file shows: the day asked for, or today."""
    return tree.as_of or timezone.localdate()


def metadata_rows(tree: StrategyTree, exported_on: date) -> list[MetadataRow]:
    """Return the description of the file, of its columns and of the plan's indicators."""
    period = tree.period
    confirmed = sum(listing.is_confirmed for listing in tree.listings)
    about = (
        ("title", "表題", f"{tree.title} {full_label(tree.fiscal_year)}実績 指標の値"),
        ("publisher", "作成者", f"{tree.city}（団体コード {tree.city_code}）"),
        ("period", "計画期間", f"{full_label(period.first)}から{full_label(period.last)}まで"),
        (
            "assessed",
            "対象年度",
            f"{full_label(tree.fiscal_year)}。{era_label(tree.fiscal_year + 1)}に効果検証を実施。",
        ),
        (
            "invented",
            "架空の値",
            INVENTED_NOTE if tree.invented else "実績値は、担当課が入力した実際の値です。",
        ),
        ("modified", "値の時点", _newest_change(tree)),
        (
            "as_of",
            "データの時点",
            f"{day_label(tree.as_of)}の終了時点"
            if tree.as_of
            else f"{day_label(exported_on)}に出力した時点",
        ),
        ("part", "データの範囲", tree.part or "計画の全体"),
        ("license", "利用条件", licence().title),
        ("contact", "問い合わせ先", contact(tree.city)),
        ("note", "注記", tree.note.strip() or "なし"),
        (
            "readings",
            "目標の読み方",
            f"{len(tree.listings)}件のうち{confirmed}件を確認済み。確認していないものは判定しません。",
        ),
        (
            "records",
            "行の単位",
            "一行は、一つの指標の、一つの年度の、一つの値です。実績は、計画期間のすべての年度と、"
            "期間外で値が入力された年度の行があります。基準と目安は、値があるときだけ行があります。",
        ),
        ("missing", "空欄", "空欄は値がないことを表します。0は値です。"),
        (
            "encoding",
            "ファイル形式",
            "Office Open XML（xlsx）。文字コードはUTF-8、BOMはありません。"
            "シート「データ」の1行目は項目名、2行目からが値です。",
        ),
        ("layout", "様式の版", f"第{len(LAYOUT_HISTORY)}版"),
        ("layout_history", "様式の更新履歴", "、".join(LAYOUT_HISTORY)),
    )
    rows = [
        *(
            MetadataRow("ファイル", name, label, TEXT, description=text)
            for name, label, text in about
        ),
        *(MetadataRow("項目", c.name, c.header, c.type, c.unit, c.definition) for c in COLUMNS),
        *_indicator_rows(tree),
    ]
    return [MetadataRow(*map(one_line, row)) for row in rows]


def of_columns(rows: Iterable[MetadataRow], columns: Iterable[DataColumn]) -> list[MetadataRow]:
    """Return the metadata without the columns that a table does not have."""
    names = {column.name for column in columns}
    return [row for row in rows if row.subject != "項目" or row.name in names]


def _indicator_rows(tree: StrategyTree) -> Iterator[MetadataRow]:
    listed = (listing.indicator for listing in tree.listings if listing.first_listing)
    described = [
        *(("指標", one) for one in listed),
        *(("比べる指標", one) for one in tree.references),
    ]
    for part, indicator in described:
        yield MetadataRow(
            part,
            indicator.code,
            indicator.name,
            NUMBER,
            indicator.unit,
            f"{indicator.moment_label}の値。小数点以下{indicator.decimals}桁。"
            f"担当課は{indicator.section}。",
            indicator.method.strip() or "登録されていません。",
            indicator.source.strip() or "登録されていません。",
        )


def _newest_change(tree: StrategyTree) -> str:
    newest = newest_change(tree)
    if newest is None:
        return "実績値はまだありません。"
    local = timezone.localtime(newest)
    return f"{local:%Y-%m-%d %H:%M}までに入力され、又は確認された値"
