"""The workbooks of an edition: 検証調書.xlsx for the office, and the same for the public.

They have the sheets of 検証報告書.xlsx that say nothing of how the values came about, so no name of
the staff and nothing that is not confirmed, and what was written of the year. The public one is
made of the public tree and the public data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from django.utils import timezone

from japanese.calendar_days import era_day
from japanese.characters import one_line
from japanese.fiscal_years import era_label
from plans.nodes import StrategyTree
from reports.data_files import cells_of, digest, edition_values
from reports.review_workbook import write_judged_sheets
from reports.sheets.addresses import CHANGES, EVIDENCE, OPEN_POINTS
from reports.sheets.cover import CoverKind, Facts, write_cover
from reports.sheets.data import write_codes, write_data, write_metadata
from reports.sheets.projects import write_projects
from reports.sheets.reviews import REVIEW_SHEETS, write_reviews
from reviews.editions.public_data import PUBLIC_NOTE
from tables.sheet_cells import printed_workbook

FOR_THE_OFFICE = (
    "庁内で使うためのものです。秘匿の値と、有識者会議の委員の氏名が入ります。"
    "市の外には、公表用のファイルを出してください。"
)
FOR_THE_PUBLIC = f"公表用です。{PUBLIC_NOTE}"


@dataclass(frozen=True)
class EditionHead:
    """Which edition a workbook is of, and for whom it is made."""

    number: int
    decided: str
    fixed_at: datetime
    is_public: bool


def edition_workbook(tree: StrategyTree, data: Mapping[str, Any], head: EditionHead) -> bytes:
    """Return the workbook of an edition; the same tree, data and head give the same bytes.

    `tree` has confirmed values only, and of the public workbook it is public, as is `data`.
    """
    output = BytesIO()
    values = edition_values(tree)
    cells = list(cells_of(values))
    facts = Facts(by=f"検証調書 第{head.number}号（{head.decided}）", at=head.fixed_at)
    with printed_workbook(output) as workbook:
        workbook.set_properties(
            {
                "title": one_line(f"{tree.title} {era_label(tree.fiscal_year)}実績 検証調書"),
                "author": one_line(tree.city),
                "created": head.fixed_at.astimezone(UTC).replace(microsecond=0, tzinfo=None),
            }
        )
        sha256 = digest(values.headers, cells)
        write_cover(workbook, tree, facts, sha256, _cover(tree, is_public=head.is_public))
        write_judged_sheets(workbook, tree)
        write_projects(workbook, tree)
        write_reviews(workbook, tree, data)
        write_data(workbook, cells, values.columns)
        write_codes(workbook, tree, values.columns)
        write_metadata(workbook, tree, timezone.localdate(head.fixed_at), values.columns)
    return output.getvalue()


def _cover(tree: StrategyTree, *, is_public: bool) -> CoverKind:
    return CoverKind(
        title="検証調書",
        facts=(("用途", FOR_THE_PUBLIC if is_public else FOR_THE_OFFICE),),
        without=(CHANGES, OPEN_POINTS, EVIDENCE),
        sheets=REVIEW_SHEETS,
    )


def decided_label(decided_on: Any, document_number: str) -> str:
    """Return 決裁日 and 文書番号 for a cover."""
    return f"{era_day(decided_on)}決裁、{document_number}"
