"""The files of a year's report: how each is made, and its name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from goals.models import period_label
from japanese.calendar_days import day_label
from japanese.fiscal_years import era_label, full_label
from plans.counting import count_listings, count_projects, project_sentence
from plans.nodes import StrategyTree
from plans.pages import READERS_WORDS
from reports.assembly_paper import assembly_workbook
from reports.council_paper import council_workbook
from reports.measure_sheets import measure_sheets
from reports.review_workbook import review_workbook
from reports.sheets.cover import Facts
from reports.year_end.council_matters import Matters, council_matters
from reports.year_end.grants import grants_workbook
from reports.year_end.settlement import settlement_workbook
from reviews.editions.withholding import public_tree
from trail.downloads import file_name


@dataclass(frozen=True)
class ReportFile:
    """A workbook: `key` is part of its address and its ASCII name; `make` returns its bytes.

    `words` are its words for statuses, whoever prints it; None means those of the user. A `heavy`
    one is made in a process of its own. One `of_now` exists for the current day only.
    """

    key: str
    name: str
    make: Callable[[StrategyTree, Facts], bytes]
    words: Mapping[str, str] | None = None
    heavy: bool = False
    of_now: bool = False


def _paper(make: Callable[[StrategyTree], bytes]) -> Callable[[StrategyTree, Facts], bytes]:
    """Adapt the maker of a paper that does not state who exported it."""
    return lambda tree, facts: make(tree)


def _told(
    make: Callable[[StrategyTree, Sequence[Matters]], bytes],
) -> Callable[[StrategyTree, Facts], bytes]:
    """Adapt the maker of a paper for readers outside that includes opinions and evaluations."""

    def told(tree: StrategyTree, facts: Facts) -> bytes:
        public = public_tree(tree)
        return make(public, council_matters(public))

    return told


FILES = {
    file.key: file
    for file in (
        ReportFile("workbook", "検証報告書", review_workbook, heavy=True),
        ReportFile("measures", "評価シート", _paper(measure_sheets), READERS_WORDS, heavy=True),
        ReportFile("council", "有識者会議資料", _told(council_workbook), READERS_WORDS),
        ReportFile("assembly", "議会資料", _told(assembly_workbook), READERS_WORDS),
        ReportFile(
            "settlement",
            "主要な施策の成果を説明する書類",
            _paper(settlement_workbook),
            READERS_WORDS,
            of_now=True,
        ),
        ReportFile("grants", "交付金の検証", _paper(grants_workbook), READERS_WORDS, of_now=True),
    )
}


def write_report(file: IO[bytes], key: str, tree: StrategyTree, facts: Facts) -> None:
    """Write the workbook with this key."""
    file.write(FILES[key].make(tree, facts))


def report_name(tree: StrategyTree, name: str, ending: str, *, all_years: bool = False) -> str:
    """Return the name of a file: ○○市総合戦略_平成29年度実績_評価シート.xlsx.

    A file of all years has the plan's period instead of the year.
    """
    day = f"{tree.as_of}時点" if tree.as_of else ""
    period = tree.period
    years = (
        period_label(period.first, period.last)
        if all_years
        else f"{era_label(tree.fiscal_year)}実績"
    )
    parts = (tree.title, years, tree.part, day, name)
    return file_name("_".join(part for part in parts if part)) + f".{ending}"


def ascii_name(tree: StrategyTree, key: str, ending: str, *, all_years: bool = False) -> str:
    """Return the name for clients that support only ASCII: city-2025_2027_measures.xlsx.

    It has the day that was asked for, and says if the file holds a part of the plan.
    """
    period = tree.period
    years = f"{period.first}-{period.last}" if all_years else str(tree.fiscal_year)
    day = f"{tree.as_of}" if tree.as_of else ""
    parts = (tree.code, years, "part" if tree.part else "", day, key)
    return "_".join(part for part in parts if part) + f".{ending}"


def contents_for_log(tree: StrategyTree) -> str:
    """Return a description of a file's contents for the log."""
    count = count_listings(tree.listings)
    parts = (
        f"{tree.title}（{tree.code}）",
        full_label(tree.fiscal_year),
        tree.part,
        f"{day_label(tree.as_of)}終了時点のデータ" if tree.as_of else "",
        f"{count.total}指標{count.note}{count.apart}",
        project_sentence(count_projects(tree.projects), tree.words),
    )
    return "、".join(part for part in parts if part)
