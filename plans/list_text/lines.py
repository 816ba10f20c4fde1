"""The lines of a copied text, the meaning of blanks around them, and what is of the page only.

Text copied from a PDF often ends each table cell with a blank; a line that ends without one was
broken inside its cell. Where blank lines lie between the paragraphs, a line right below another is
the next cell of its row. Where a text does neither, the lines themselves have to tell.
"""

import re
from collections import Counter
from dataclasses import dataclass

from japanese.characters import alike, clean
from japanese.numerals import half_width
from plans.list_text.markers import CIRCLED, read_marker
from plans.list_text.result import Notes, Unplaced

_MOST = 0.6
"""The share of lines from which on a text is said to do something always."""

_PAGE_NUMBER = re.compile(
    r"[-−–—‐―]\s*\d{1,3}\s*[-−–—‐―]|[Pp](?:age)?\.?\s*\d{1,3}|\d{1,3}\s*/\s*\d{1,3}"
    r"|\d{1,3}\s*(?:ページ|頁)"
)
_LEADER = re.compile(r"(?:[.・…‥]\s*){3,}[0-9]{1,3}$")
_BARE_NUMBER = re.compile(r"\d{1,3}")
_PAIRS = {"（": "）", "(": ")", "「": "」", "『": "』", "【": "】", "〔": "〕", "［": "］"}
# しごと, ひと, こと, 子ども and もの end in such a letter, too.
_GOES_ON = re.compile(
    r"(?:[、・,，／/＋＆をにやでへがは]|(?<!も)の|(?<!ど)も|(?<!しご)(?<!ふるさ)(?<![ひこも])と|とし|及び)$"
)


@dataclass(frozen=True)
class Line:
    """A line that is not blank.

    `number` counts from 1 as an editor does. `cells` are the parts between tabs, with empty ones;
    a line without a tab is one cell. `is_indented`: it begins with a blank or an empty cell.
    `is_closed`: it ends with a blank. `has_gap`: a blank line lies before it.
    """

    number: int
    text: str
    cells: tuple[str, ...]
    is_indented: bool = False
    is_closed: bool = False
    has_gap: bool = False

    @property
    def has_tabs(self) -> bool:
        """Return whether tabs part it; a tab may also just indent it."""
        return sum(cell != "" for cell in self.cells) > 1

    def rest(self, text: str) -> "Line":
        """Return the line with this text alone: what follows a heading or a sign."""
        return Line(self.number, text, (text,), False, self.is_closed, self.has_gap)


@dataclass(frozen=True)
class Habits:
    """The text's conventions: cells end with a blank, blank lines separate paragraphs."""

    closes: bool
    spaces: bool

    def breaks_inside(self, line: Line) -> bool:
        """Return whether the line certainly continues in the next one."""
        return self.closes and not line.is_closed


def lines_of(text: str, notes: Notes) -> tuple[list[Line], Habits]:
    """Return the lines without page numbers and repeated page heads, which `notes` gets."""
    lines = _lines(text)
    count = len(lines) or 1
    habits = Habits(
        closes=sum(line.is_closed for line in lines) / count >= _MOST,
        spaces=sum(line.has_gap for line in lines) / count >= _MOST,
    )
    furniture = _page_numbers(lines) | _contents(lines)
    furniture |= _page_heads(lines, furniture)
    for index, reason in sorted(furniture.items()):
        notes.left_out.append(Unplaced(lines[index].number, lines[index].text, reason))
    return [line for index, line in enumerate(lines) if index not in furniture], habits


def _lines(text: str) -> list[Line]:
    lines: list[Line] = []
    has_gap = False
    for number, physical in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        for raw in clean(physical).split("\n"):
            if not raw.strip():
                has_gap = True
                continue
            cells = tuple(cell.strip() for cell in raw.rstrip(" \u3000").split("\t"))
            filled = [cell for cell in cells if cell]
            spoken = " ".join(filled)
            lines.append(Line(number, spoken, cells, raw[0].isspace(), raw[-1].isspace(), has_gap))
            has_gap = False
    return lines


def _page_numbers(lines: list[Line]) -> dict[int, str]:
    plain = [half_width(line.text) for line in lines]
    found = [i for i, said in enumerate(plain) if _PAGE_NUMBER.fullmatch(said)]
    # A bare number may be a cell: it is a page only if such numbers count the pages.
    bare = [i for i, said in enumerate(plain) if _BARE_NUMBER.fullmatch(said)]
    numbers = [int(plain[i]) for i in bare]
    if len(bare) > 1 and numbers == list(range(numbers[0], numbers[0] + len(bare))):
        found += bare
    return dict.fromkeys(found, "ページ番号です。")


def _contents(lines: list[Line]) -> dict[int, str]:
    """Return the lines of a table of contents: 基本目標１ しごと ……… 3."""
    found = [i for i, line in enumerate(lines) if _LEADER.search(half_width(line.text))]
    if found:
        found += [i for i, line in enumerate(lines) if re.fullmatch(r"目\s*次", line.text)]
    return dict.fromkeys(found, "目次の行です。")


def _page_heads(lines: list[Line], numbers: dict[int, str]) -> dict[int, str]:
    """Return the lines repeated at the ends of pages, all but the first of each."""
    at_end = {i + step for i in numbers for step in (-1, 1)} - numbers.keys()
    candidates = [i for i in sorted(at_end) if 0 <= i < len(lines) and not lines[i].has_tabs]
    counts = Counter(alike(lines[i].text) for i in candidates)
    heads = {head for head, count in counts.items() if count > 1 and is_title(head)}
    if lines and is_title(lines[0].text):
        heads.add(alike(lines[0].text))
    seen: set[str] = set()
    found = {}
    for index, line in enumerate(lines):
        head = alike(line.text)
        if head in heads and head in seen:
            found[index] = "ページごとに繰り返される見出しです。"
        seen.add(head)
    return found


def is_title(text: str) -> bool:
    """Return whether a text can be the name of a plan."""
    return bool(re.search(r"戦略|計画|ビジョン|プラン|構想", text)) and not text.endswith("。")


def is_unfinished(text: str) -> bool:
    """Return whether a text certainly continues: an open bracket, or a word that joins."""
    return has_open_bracket(text) or _GOES_ON.search(text) is not None


def has_open_bracket(text: str) -> bool:
    return any(text.count(opening) > text.count(closing) for opening, closing in _PAIRS.items())


def style_of(lines: list[Line]) -> str:
    """Return the style of the signs by which the items of a section begin; "" for none.

    It is that of the first line or, where something is above the items, of two others.
    """
    styles = [marker.style if (marker := read_marker(line.text)) else "" for line in lines]
    if styles and styles[0]:
        return styles[0]
    common = Counter(style for style in styles if style).most_common(1)
    return common[0][0] if common and common[0][1] > 1 else ""


def is_remark(text: str) -> bool:
    """Return whether a whole line is in brackets."""
    return re.fullmatch(r"[（(][^（）()]*[)）]", text) is not None


def numbered_parts(line: Line) -> list[Line]:
    """Return the items of ①… ②… on one line as lines of their own."""
    if line.has_tabs or not re.match(CIRCLED, line.text):
        return [line]
    parts = re.split(rf"\s+(?={CIRCLED})", line.text)
    return [line] if len(parts) == 1 else [line.rest(part) for part in parts]


def joined(parts: list[str]) -> str:
    """Return the pieces of a broken text as one: a blank only between two Latin words."""
    whole = ""
    for part in parts:
        is_latin = re.search(r"[A-Za-z0-9]$", whole) and re.match(r"[A-Za-z]", part)
        whole += f" {part}" if is_latin else part
    return whole


def blank_parts(text: str) -> list[str]:
    """Return the parts between blanks; a blank inside brackets does not part."""
    parts: list[str] = []
    for word in text.split():
        if parts and has_open_bracket(parts[-1]):
            parts[-1] += f" {word}"
        else:
            parts.append(word)
    return parts
