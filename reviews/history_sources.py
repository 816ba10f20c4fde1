"""Adds what is written at a year's end to the register of changes, with its names."""

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
    year, of_council, of_edition = (
        "fiscal_year_id",
        "council__fiscal_year_id",
        "edition__fiscal_year_id",
    )
    about_opinion = tuple(f"{name}_id" for name in models.OPINION_SUBJECTS)
    for model, fiscal_year, section, about in (
        (models.ReviewChoices, "", "", ()),
        (models.ProjectYear, year, "section_id", ("project_id",)),
        (models.MeasureReview, year, "", ("measure_id",)),
        (models.KPIReview, "review__fiscal_year_id", "", ("kpi_id",)),
        (models.Council, year, "", ()),
        (models.CouncilMember, of_council, "", ()),
        (models.GoalReview, year, "", ("goal_id",)),
        (models.Opinion, of_council, "section_id", about_opinion),
        (models.GrantReview, year, "", ("grant_id",)),
        (models.EditionSeal, of_edition, "", ()),
        (models.Publication, of_edition, "", ()),
        (models.Withdrawal, of_edition, "", ()),
        (models.Erratum, of_edition, "", ()),
    ):
        register_source(
            Source(model, HistoryKind.REVIEW, fiscal_year=fiscal_year, section=section, about=about)
        )
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
