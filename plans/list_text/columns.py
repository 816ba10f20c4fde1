"""The columns of a table in a list: what is under 区分, 事業名, 内容, 基準値, 目標値."""

import re
import unicodedata
from dataclasses import dataclass

NUMBER, CATEGORY, NAME, CONTENT, IMPLEMENTER = (
    "number",
    "category",
    "name",
    "content",
    "implementer",
)
BASELINE, TARGET, UNIT, OTHER = "baseline", "target", "unit", "other"

_YEAR = r"(?:(?:令和|平成|R|H)?(?:元|\d{1,4})年?度?)"
_NOTE = rf"(?:\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|{_YEAR})?"

_ROLES = (
    (NUMBER, r"No\.?|NO\.?|番号|#"),
    (CATEGORY, r"区分|新規・?拡充(?:等|の別)?|種別"),
    (CONTENT, r"(?:事業|事業の|取組|取組の|主な)?(?:内容|概要)(?:/実施主体)?"),
    (IMPLEMENTER, r"実施主体|事業主体"),
    (BASELINE, rf"{_NOTE}(?:基準値?|現状値?|現況値?|計画策定時)(?:の値)?{_NOTE}"),
    (TARGET, rf"{_NOTE}(?:目標値?|数値目標){_NOTE}"),
    (UNIT, r"単位"),
    (OTHER, r"(?:担当|所管|主管)(?:課|部署|部局|室)?|備考|出典|算出方法|予算額?|事業費|SDGs"),
)  # fmt: skip
_PROJECT_NAME = re.compile(
    r"事業名?称?|事務事業名?|取組(?:み|名)?|取り組み|具体的な?(?:事業|取組)名?|主な(?:事業|取組)名?|名称"
)
_LISTING_NAME = re.compile(
    r"指標名?称?|指標の名称|項目|(?:重要業績評価指標)?\(?KPI\)?|重要業績評価指標|成果指標|評価指標|目標指標"
)


@dataclass(frozen=True)
class ListColumn:
    """A column: what it holds, its header as written, and for 目標値（R6） the year's text."""

    role: str
    header: str

    @property
    def year(self) -> str:
        """Return the year in the header, R6 of 目標値（R6）; "" if it has none."""
        said = unicodedata.normalize("NFKC", self.header)
        years = re.findall(r"(?:令和|平成|R|H)\s*(?:元|\d{1,2})(?:年度?)?|20\d\d(?:年度?)?", said)
        return years[0] if len(years) == 1 else ""


@dataclass(frozen=True)
class ListColumns:
    """The columns of a table from the left; `of_projects`, else of listings."""

    of_projects: bool
    columns: tuple[ListColumn, ...]

    def has(self, role: str) -> bool:
        return any(column.role == role for column in self.columns)


def columns_of(cells: list[str]) -> ListColumns | None:
    """Return the columns if all cells are headers of one table; None if this is no such line."""
    said = [re.sub(r"\s", "", unicodedata.normalize("NFKC", cell)) for cell in cells]
    of_projects = any(_PROJECT_NAME.fullmatch(cell) for cell in said)
    if not of_projects and not any(_LISTING_NAME.fullmatch(cell) for cell in said):
        return None
    name = _PROJECT_NAME if of_projects else _LISTING_NAME
    columns = [ListColumn(role_of(one, name), cell) for one, cell in zip(said, cells, strict=True)]
    roles = [column.role for column in columns]
    if len(columns) < 2 or "" in roles or roles.count(NAME) != 1:
        return None
    return ListColumns(of_projects, tuple(columns))


def is_header(cell: str) -> bool:
    """Return whether a cell may be a header of any table."""
    said = re.sub(r"\s", "", unicodedata.normalize("NFKC", cell))
    return any(role_of(said, name) for name in (_PROJECT_NAME, _LISTING_NAME))


def role_of(said: str, name: re.Pattern[str]) -> str:
    if name.fullmatch(said):
        return NAME
    return next((role for role, form in _ROLES if re.fullmatch(form, said)), "")
