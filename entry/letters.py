"""Printed letters of a year: the 照会 for each section, and 実績報告書（決裁用）."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby

from entry.year_rows import YearRow, rows_of_sections
from goals.models import Strategy


@dataclass(frozen=True)
class SectionPart:
    """A section with its rows, in the order of the plan."""

    pk: int
    name: str
    rows: tuple[YearRow, ...]

    @property
    def head(self) -> str:
        """The addressee: 水産課長."""
        return head_of(self.name)

    @property
    def entered(self) -> int:
        """The number of rows with a value or a reason why there is none."""
        return sum(row.stored is not None for row in self.rows)


def head_of(section: str) -> str:
    """Return the title of the head of a section: 総合政策室長, 水産課長."""
    return f"{section}長"


def section_parts(
    fiscal_year: int, section_ids: Collection[int] | None = None
) -> tuple[SectionPart, ...]:
    """Return the entering sections of a year with their rows (None: all sections)."""
    by_section: dict[int, list[YearRow]] = defaultdict(list)
    for row in rows_of_sections(fiscal_year, section_ids):
        by_section[row.indicator.entered_by_id].append(row)
    return tuple(
        SectionPart(pk, rows[0].indicator.entered_by, tuple(rows))
        for pk, rows in by_section.items()
    )


def subjects_of_year(fiscal_year: int) -> str:
    """Return what the 照会 of a year asks for: …総合戦略の数値目標及び重要業績評価指標（KPI）.

    Plans that call these alike, one after the other, stand together.
    """
    plans = Strategy.objects.without_drafts().of_year(fiscal_year)
    groups = groupby(plans, lambda plan: (plan.wording.numeric_target, plan.wording.kpi))
    return "、".join(
        f"{'、'.join(plan.title for plan in alike)}の{target}及び{kpi}"
        for (target, kpi), alike in groups
    )


def plans_of_year(fiscal_year: int) -> list[str]:
    """Return the titles of the plans that cover a year, newest first."""
    return list(
        Strategy.objects.without_drafts().of_year(fiscal_year).values_list("title", flat=True)
    )
