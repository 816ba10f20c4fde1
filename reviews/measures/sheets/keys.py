"""The cells of a 評価シート that people fill in, and the hidden key of each.

reviews/measures/sheets/writing.py writes the keys, reading.py finds the cells by them. A key is
signed, so that sheets of other installations and hand-written keys are refused.
"""

from dataclasses import dataclass
from hashlib import sha256

from django.core import signing

from tables.cells import tidy

TEXTS = (
    "results", "causes", "issues", "grade", "grade_reason", "policy", "policy_reason", "budget",
)  # fmt: skip
"""The fields of an evaluation, in the order of the sheet."""

COMMENT, OUTLOOK = "comment", "outlook"
"""The first parts of the fields about a KPI, before the id of the KPI."""

KPI_LABELS = {COMMENT: "コメント", OUTLOOK: "見込み"}

LABEL, FIELD = 1, 2
"""The columns of the names of fields and of their texts, counted from 1."""

COMMENTS, OUTLOOKS = 6, 7
"""The columns of what is written about a KPI."""

KEYS = (8, 9)
"""The hidden columns with the keys of a row: of the text or comment, and of 見込み."""

LISTS = (10, 11, 12)
"""The hidden columns with the choices of 評価, 次年度の方針 and 見込み."""


def kpi_field(part: str, pk: int) -> str:
    """Return the name of a field about a KPI, which is also its name in the form of the page."""
    return f"{part}-{pk}"


def named_of_kpi(name: str, part: str) -> str:
    """Return what one of the two fields about a KPI is called."""
    return f"「{name}」の{KPI_LABELS[part]}"


def column_of(field: str) -> int:
    """Return the column of the cell of a field."""
    part = field.partition("-")[0]
    return {COMMENT: COMMENTS, OUTLOOK: OUTLOOKS}.get(part, FIELD)


def sign_of_text(text: str) -> str:
    """Return the digest of a cell's text when the sheet was written, for its key."""
    return sha256(tidy(text).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class CellKey:
    """The identity of a cell. `version` is that of the evaluation, 0 without one.

    `proposed` is the grade that the KPIs suggested, `written` the sign of what the cell had.
    """

    plan: str
    fiscal_year: int
    measure: int
    version: int
    proposed: str
    field: str
    written: str

    @property
    def about(self) -> tuple[str, int, int]:
        """The plan, year and measure: the same for all cells of a sheet."""
        return self.plan, self.fiscal_year, self.measure

    def signed(self) -> str:
        """Return the signed text for the hidden cell."""
        return _signer().sign_object(list(vars(self).values()))


def read_cell_key(text: str) -> CellKey | None:
    """Return the key in a hidden cell; None if this installation did not write it."""
    try:
        return CellKey(*_signer().unsign_object(text))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def _signer() -> signing.Signer:
    return signing.Signer(salt="reviews.measure_sheets")
