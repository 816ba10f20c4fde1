"""The contents of the cells of a 評価シート: the stored evaluation of a measure, as texts."""

from collections.abc import Iterable

from reviews.measures.evaluations import MeasureRow
from reviews.measures.sheets.keys import (
    COMMENT,
    KPI_LABELS,
    OUTLOOK,
    TEXTS,
    kpi_field,
    named_of_kpi,
)
from reviews.models import KPIReview, MeasureReview

OUTLOOK_LABELS = {str(value): str(label) for value, label in KPIReview.Outlook.choices}


def stored_texts(row: MeasureRow) -> dict[str, str]:
    """Return what is stored of a measure by field, with "" for nothing; 見込み is a label."""
    stored = row.stored or MeasureReview()
    texts = {name: getattr(stored, name) for name in TEXTS}
    said = {one.kpi_id: one for one in row.stored.kpi_reviews.all()} if row.stored else {}
    for kpi in row.node.kpis:
        one = said.get(kpi.pk)
        texts[kpi_field(COMMENT, kpi.pk)] = one.comment if one else ""
        texts[kpi_field(OUTLOOK, kpi.pk)] = OUTLOOK_LABELS.get(one.outlook, "") if one else ""
    return texts


def field_names(row: MeasureRow) -> dict[str, str]:
    """Return what each field is called, as the sheet and the page say."""
    label = MeasureReview._meta.get_field
    names = {name: str(label(name).verbose_name) for name in TEXTS}  # type: ignore[union-attr]
    for kpi in row.node.kpis:
        for part in KPI_LABELS:
            names[kpi_field(part, kpi.pk)] = named_of_kpi(kpi.name, part)
    return names


def own_rows(rows: Iterable[MeasureRow]) -> list[MeasureRow]:
    """Return the measures that the person answers for."""
    return [row for row in rows if row.may_write]
