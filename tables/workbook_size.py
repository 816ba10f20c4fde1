"""How much of everything a workbook may have, counted from its XML before anything is built of it.

Programs that read workbooks make an object of each cell, string and style. A small file can hold
millions of them, most often by accident: rows formatted to the end of the sheet, styles copied from
book to book.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

SMALL_TAGS = 100_000
SMALL_BYTES = 2 * 1024 * 1024
"""A workbook below both costs at most two seconds: no process of its own is needed."""

TAGS_PER_CELL = 8
"""Start and end tags of a cell with its value, and as many for everything else."""

MAX_DEPTH = 50
"""How deeply elements may lie inside each other; Excel needs about ten."""


@dataclass(frozen=True)
class CountedKind:
    """One kind of element: the setting with its limit, its name and the remedy, for the user."""

    setting: str
    name: str
    remedy: str


CELLS = CountedKind(
    "UPLOAD_MAX_CELLS", "セル（空のものを含む）", "使っていない行・列・シートを削除し、"
)
STRINGS = CountedKind("UPLOAD_MAX_STRINGS", "文字列", "使っていない行・列・シートを削除し、")
STYLES = CountedKind("UPLOAD_MAX_STYLES", "書式", "新しいブックに値だけを貼り付け、")
NAMES = CountedKind(
    "UPLOAD_MAX_NAMES", "名前の定義・セルの結合・入力規則など", "新しいブックに値だけを貼り付け、"
)

KINDS = {
    "c": CELLS,
    "row": CELLS,
    **dict.fromkeys(("si", "is", "r"), STRINGS),
    **dict.fromkeys(
        ("xf", "font", "fill", "border", "dxf", "numFmt", "cellStyle", "tableStyle", "rgbColor"),
        STYLES,
    ),
    **dict.fromkeys(
        (
            "definedName", "mergeCell", "dataValidation", "cfRule", "conditionalFormatting",
            "hyperlink", "comment", "col", "sheet", "Override", "Relationship", "brk",
        ),
        NAMES,
    ),
}  # fmt: skip
"""The kind of an element, by its name without namespace."""


@dataclass(frozen=True)
class SizeLimits:
    """The limits of the settings, as they are given to another process: by setting."""

    of: dict[str, int]

    @classmethod
    def of_settings(cls) -> "SizeLimits":
        """Return the limits of this installation."""
        kinds = (CELLS, STRINGS, STYLES, NAMES)
        return cls({kind.setting: getattr(settings, kind.setting) for kind in kinds})

    @property
    def tags(self) -> int:
        """The most tags of all parts together."""
        return TAGS_PER_CELL * self.of[CELLS.setting]


class Census:
    """Counts the elements of all parts of a workbook."""

    def __init__(self, limits: SizeLimits) -> None:
        self.limits = limits
        self.counts: Counter[str] = Counter()

    def add(self, element: str, attributes: Mapping[str, str]) -> str:
        """Count an element, by its name; return the message if there are too many of its kind.

        An element that applies to a list of areas counts once for each of them.
        """
        kind = KINDS.get(element)
        if kind is None:
            return ""
        self.counts[kind.setting] += 1 + attributes.get("sqref", "").count(" ")
        limit = self.limits.of[kind.setting]
        if self.counts[kind.setting] <= limit:
            return ""
        return (
            f"{kind.name}の数が、上限の{limit:,}を超えています。{kind.remedy}保存し直してください。"
        )
