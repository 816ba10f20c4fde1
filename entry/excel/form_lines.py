"""The contents of the Excel form of a year, made from the rows of entry/year_rows.py."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone

from entry.excel.columns import Header, RowKey
from entry.excel.form import EntryForm, FormLine
from entry.seen import words_of
from entry.year_rows import EarlierValue, YearRow, plans_of
from goals.models import Strategy
from indicators.models import Actual, FiscalYear
from indicators.rules.terms import NOT_REPORTED, WITHHELD_WORD
from japanese.calendar_days import era_day
from japanese.fiscal_years import era_label, short_label
from plans.pages import review_label
from tables.cells import NO, YES, Cell
from trail.downloads import file_name

SHOWN_YEARS = 3
NAMED_SECTIONS = 3


def form_of(year: FiscalYear, rows: Sequence[YearRow]) -> EntryForm:
    """Return the form for these rows of a year."""
    sections = entering_sections(rows)
    of = "、".join(sections) if len(sections) <= NAMED_SECTIONS else f"{len(sections)}課"
    facts = [of, f"{len(rows)}指標"]
    if year.due_date:
        facts.append(f"回答期限：{era_day(year.due_date)}")
    facts.append(f"作成日：{era_day(timezone.localdate())}")
    plans = plans_of(rows)
    return EntryForm(
        title=f"実績入力様式　{review_label(year.pk)}　{'、'.join(plans)}",
        subtitle="　".join(facts),
        years=[era_label(year.pk - before) for before in range(SHOWN_YEARS, 0, -1)],
        lines=[line_of(row, names_plans=len(plans) > 1) for row in rows],
        is_invented=_is_invented({listing.plan_code for r in rows for listing in r.listings}),
    )


def form_name(year: FiscalYear, rows: Sequence[YearRow]) -> str:
    """Return the name of the file, e.g. 実績入力様式_平成29年度_水産課.xlsx."""
    sections = entering_sections(rows)
    of = sections[0] if len(sections) == 1 else f"{len(sections)}課"
    return file_name(f"実績入力様式_{era_label(year.pk)}_{of}") + ".xlsx"


def form_ascii_name(year: FiscalYear, section: str) -> str:
    """Return the file name for clients that support only ASCII; `section` is an id or ""."""
    return f"form_{year.pk}_{section or 'all'}.xlsx"


def entering_sections(rows: Sequence[YearRow]) -> list[str]:
    """Return the names of the sections that enter these rows."""
    return list(dict.fromkeys(row.indicator.entered_by for row in rows))


def _is_invented(plans: set[str]) -> bool:
    return Strategy.objects.filter(code__in=plans, invented=True).exists()


def line_of(row: YearRow, *, names_plans: bool = False) -> FormLine:
    """Return the line of a row with its stored value; each place with its plan if asked for."""
    indicator = row.indicator
    return FormLine(
        key=RowKey(
            plan=row.listings[0].plan_code,
            fiscal_year=row.fiscal_year,
            indicator=indicator.code,
            version=row.stored.version if row.stored else None,
            words=words_of(row.grades),
        ),
        name=row.name,
        place="\n".join(
            one.shown_place + (f"（{one.plan_title}）" if names_plans else "")
            for one in row.listings
        ),
        unit=indicator.shown_unit,
        moment=indicator.moment_label,
        target=row.target,
        earlier=[_earlier(row, one) for one in reversed(row.earlier[:SHOWN_YEARS])],
        sum_so_far=row.sum_text,
        section=indicator.entered_by,
        state=_state(row),
        is_ratio=indicator.ratio,
        words=row.grade_words if row.takes_grade else (),
        filled=_filled(row),
        help=_help(row),
        memo=row.handover_memo,
    )


def _state(row: YearRow) -> str:
    if row.stored is None:
        return NOT_REPORTED
    mark = f"、{WITHHELD_WORD}" if row.stored.withheld else ""
    return f"{row.stored.state_label}{mark}"


def _earlier(row: YearRow, earlier: EarlierValue) -> str:
    """Return the value of an earlier year, or one word why there is none."""
    node = row.indicator.actuals.get(earlier.fiscal_year)
    if node is not None and node.grade:
        return row.grade_word(node.grade)
    if node is not None and node.value is None:
        return Actual.Availability(node.availability).label
    return earlier.text + ("\n速報値" if earlier.provisional else "")


def _filled(row: YearRow) -> dict[str, Cell]:
    stored = row.stored
    if stored is None:
        return {Header.REMARKS: row.early_remarks} if row.early_remarks else {}

    def shown(value: Decimal | None) -> Decimal | None:
        return None if value is None else value / row.indicator.display_factor

    return {
        Header.VALUE: row.grade_word(stored.grade) or shown(stored.value),
        Header.NUMERATOR: stored.numerator,
        Header.DENOMINATOR: stored.denominator,
        Header.AVAILABILITY: Actual.Availability(stored.availability).label,
        Header.EXPECTED_MONTH: stored.expected_month,
        Header.PROVISIONAL: YES if stored.provisional else NO,
        Header.REMARKS: stored.remarks,
    }


def _help(row: YearRow) -> str:
    """Return the help text for the value's cell, the most useful facts first."""
    indicator = row.indicator
    unit = indicator.shown_unit or "なし"
    lines = (
        [f"記述目標です。{'、'.join(row.grade_words)}のどれかを選び、理由を備考に書きます。"]
        if row.takes_grade
        else [f"単位：{unit}（{indicator.moment_label}）"]
    )
    known = [one for one in row.earlier[:SHOWN_YEARS] if one.text]
    if known:
        lines.append("　".join(f"{short_label(one.fiscal_year)}：{one.text}" for one in known))
    if indicator.ratio:
        lines.append("分子と分母を入力すると、計算します。")
    if row.sum_text:
        lines.append("その年度だけの値を入力します（累計ではありません）。")
    elif indicator.running_total:
        lines.append("累計を入力します。")
    if row.handover_memo:
        lines.append(f"引継ぎメモ：{row.handover_memo}")
    return "\n".join(lines)
