"""検証報告書.xlsx: a year for auditors and the council, with every figure as a live formula."""

from datetime import UTC
from io import BytesIO

from django.utils import timezone
from xlsxwriter import Workbook

from changes.history_rows import Conditions, HistoryKind
from changes.past_changes import PastChange, every_change
from changes.value_records import evidence_records, value_records
from indicators.rules.narrowing_types import given
from indicators.rules.terms import Status, status_word
from japanese.characters import one_line
from japanese.fiscal_years import era_label
from plans.nodes import StrategyTree
from reports.data_files import all_values, cells_of, digest
from reports.sheets.addresses import Places, sheets_of
from reports.sheets.calculation import write_calculation
from reports.sheets.chart import write_chart
from reports.sheets.conditions import write_conditions
from reports.sheets.cover import Facts, write_cover
from reports.sheets.data import write_codes, write_data, write_metadata
from reports.sheets.evidence import write_evidence
from reports.sheets.history import write_changes_sheet, write_open_points
from reports.sheets.judged import papers, write_listings
from reports.sheets.projects import write_projects
from reports.sheets.summary import write_summary
from reports.sheets.year_before import write_year_before
from tables.sheet_cells import printed_workbook

_CHANGES_AT_A_TIME = 20_000
"""More than a plan ever has, so that the report needs the same number of queries every year."""


def review_workbook(tree: StrategyTree, facts: Facts) -> bytes:
    """Return 検証報告書.xlsx for a judged tree, complete or narrowed to a part.

    It states who exported it and when. The same tree, history and facts give the same bytes.
    """
    output = BytesIO()
    records, changes = value_records(tree), _changes(tree, facts)
    data = all_values(tree, records)
    cells = list(cells_of(data))
    with printed_workbook(output) as workbook:
        workbook.set_properties(
            {
                "title": one_line(f"{tree.title} {era_label(tree.fiscal_year)}実績 検証報告書"),
                "author": one_line(tree.city),
                "created": facts.at.astimezone(UTC).replace(microsecond=0, tzinfo=None),
            }
        )
        write_cover(workbook, tree, facts, digest(data.headers, cells))
        write_judged_sheets(workbook, tree)
        write_projects(workbook, tree)
        write_data(workbook, cells)
        write_codes(workbook, tree)
        write_metadata(workbook, tree, timezone.localdate(facts.at))
        write_changes_sheet(workbook, tree, changes)
        write_open_points(workbook, tree, changes, records)
        write_evidence(workbook, tree, facts, evidence_records(tree))
    return output.getvalue()


def write_judged_sheets(workbook: Workbook, tree: StrategyTree) -> None:
    """Add the sheets with inputs and formulas, from 総括表 to グラフ. Needs no database."""
    places = Places(tree)
    names, (targets, kpis) = sheets_of(tree.words), papers(tree, places)
    write_summary(workbook, places)
    write_listings(workbook, places, targets, names.targets)
    write_listings(workbook, places, kpis, names.kpis)
    write_conditions(workbook, tree)
    write_calculation(workbook, places)
    write_year_before(workbook, places)
    write_chart(workbook, places)


def _changes(tree: StrategyTree, facts: Facts) -> list[PastChange]:
    """Return the changes of the plan; for a part of it, those of its indicators.

    For a past day, return the changes up to that day, with the names as of that day. Names of
    根拠資料 are left out for those who may not see the files.
    """
    indicators = {listing.indicator.pk: listing.indicator for listing in tree.listings}

    def is_shown(change: PastChange) -> bool:
        if change.kind != HistoryKind.EVIDENCE:
            return True
        indicator = indicators.get(change.indicator_id or 0)
        year = given(change.fiscal_year)
        return indicator is not None and facts.may_see_evidence(indicator.in_time, year)

    conditions = Conditions(
        plan=tree.code,
        until=tree.as_of,
        indicators=frozenset(indicators) if tree.part else None,
        with_drafts=True,  # a user who reads the tree of a draft may see its changes
    )
    not_entered = status_word(Status.NOT_REPORTED, scale=tree.scale)
    changes = every_change(
        conditions,
        at_a_time=_CHANGES_AT_A_TIME,
        not_entered=not_entered,
        as_of=tree.as_of,
        fiscal_year=tree.fiscal_year,
    )
    return [change for change in changes if is_shown(change)]
