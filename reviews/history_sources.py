"""Has the register of changes show what is written of a year's end, and calls it by its names."""

from changes.history_register import HistoryRow, register_name
from changes.history_rows import HistoryKind, Source, register_source
from japanese.fiscal_years import era_label
from reviews import models


def _council(row: HistoryRow) -> str:
    return f"{row['name']}（第{row['number']}回）"


def _edition(row: HistoryRow) -> str:
    return f"検証調書 第{row['number']}号（{era_label(row['fiscal_year_id'])}実績）"


def register_sources() -> None:
    """Register them; called when the app is ready."""
    for model, fiscal_year in (
        (models.ReviewChoices, ""),
        (models.ProjectYear, "fiscal_year_id"),
        (models.MeasureReview, "fiscal_year_id"),
        (models.KPIReview, ""),
        (models.Council, "fiscal_year_id"),
        (models.CouncilMember, ""),
        (models.GoalReview, "fiscal_year_id"),
        (models.Opinion, ""),
        (models.GrantReview, "fiscal_year_id"),
        (models.EditionSeal, ""),
        (models.Publication, ""),
        (models.Withdrawal, ""),
        (models.Erratum, ""),
    ):
        register_source(Source(model, HistoryKind.REVIEW, fiscal_year=fiscal_year))
    register_name(models.Council, name=_council)
    register_name(models.Edition, name=_edition)
    register_name(models.Opinion, subject="council")
    for model, subject in (
        (models.ReviewChoices, "strategy"),
        (models.ProjectYear, "project"),
        (models.MeasureReview, "measure"),
        (models.KPIReview, "kpi"),
        (models.GoalReview, "goal"),
        (models.GrantReview, "grant"),
        (models.EditionSeal, "edition"),
        (models.Publication, "edition"),
        (models.Withdrawal, "edition"),
        (models.Erratum, "edition"),
    ):
        register_name(model, subject=subject)
    # What another row refers to is named, too: a KPI's comment names its evaluation.
    register_name(models.MeasureReview, name=lambda row: era_label(row["fiscal_year_id"]))
