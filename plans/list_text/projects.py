"""Reads the 具体的事業 of a measure: 区分, name, 内容, 実施主体 and whether it is listed again."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from plans.list_text import columns as column_roles
from plans.list_text.columns import ListColumns
from plans.list_text.lines import (
    Habits,
    Line,
    blank_parts,
    has_open_bracket,
    is_remark,
    is_unfinished,
    joined,
    style_of,
)
from plans.list_text.listings import NOTE, PlaceOf, joined_text
from plans.list_text.markers import read_marker
from plans.list_text.outline import ListSection, ListTable
from plans.list_text.result import Extra, Notes
from plans.list_text.tabbed_rows import TabbedRow, tabbed_rows

CONTINUED = ("継続", "既存")
"""The 区分 that the shape of a plan writes as ""."""

KNOWN = ("新規", "拡充", "民間等")
_OTHER = (
    "民間", "一部新規", "一部拡充", "新", "充実", "改善", "見直し", "縮小", "統合", "廃止", "完了",
    "休止", "移管",
)  # fmt: skip
_CATEGORY_WORDS = (*KNOWN, *CONTINUED, *_OTHER, "再掲")
_IN_BRACKETS = r"[【\[（(〔<＜《]\s*(?P<word>{words})\s*[】\]）)〕>＞》]"
_CATEGORY = "|".join(sorted(_CATEGORY_WORDS, key=len, reverse=True))
_BRACKETED = re.compile(_IN_BRACKETS.format(words=_CATEGORY.replace("|再掲", "")))
_BRACKETED_LAST = re.compile(rf"{_BRACKETED.pattern}\s*$")
_RELISTED = re.compile(r"[（(【〔\[]\s*(?:※\s*)?再掲(?P<note>[^）)】〕\]]*)[）)】〕\]]|※\s*再掲")
_NAME_END = re.compile(
    r"(?:事業|制度|プロジェクト|プログラム|補助金?|助成金?|支援金|交付金|奨励金|基金|講座|キャンペーン)"
    r"(?:[（(][^（）()]*[)）])?$"
)
# The slash of 1/2助成 separates nothing.
_SLASH = re.compile(r"\s*(?<![0-9０-９])[/／]\s*|\s*[/／](?![0-9０-９])\s*")


@dataclass
class ProjectDraft:
    """A row that is being put together: the segments are cells, each of one piece or more."""

    line: int
    category: str = ""
    segments: list[list[str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    is_relisted: bool = False


@dataclass(frozen=True)
class ReadProject:
    """A project in the shape of the plan, with its line and whether it says （再掲）."""

    project: dict[str, Any]
    line: int
    is_relisted: bool


def read_projects(
    section: ListSection, place_of: PlaceOf, habits: Habits, notes: Notes
) -> list[ReadProject]:
    """Return the projects of a section in their order; `relisted_from` is still None."""
    reader = _Reader(place_of, habits, notes)
    for table in section.tables:
        reader.read(table)
    return reader.rows


class _Reader:
    def __init__(self, place_of: PlaceOf, habits: Habits, notes: Notes) -> None:
        self.place_of = place_of
        self.habits = habits
        self.notes = notes
        self.rows: list[ReadProject] = []
        self.columns: ListColumns | None = None
        self.style = ""
        self.has_categories = False

    def read(self, table: ListTable) -> None:
        self.columns = table.columns or self.columns
        lines = self._without_notes(table.lines)
        if any(line.has_tabs for line in lines):
            width = len(self.columns.columns) if self.columns else None
            for row in tabbed_rows(lines, width, _Signs(self.columns)):
                self._finish_row(row)
            return
        self.style = style_of(lines)
        self.has_categories = any(_first_category(line.text)[0] for line in lines) or bool(
            self.columns and self.columns.has(column_roles.CATEGORY)
        )
        for draft in self._drafts(lines):
            self._finish(draft)

    def _without_notes(self, lines: list[Line]) -> list[Line]:
        kept = []
        for line in lines:
            if NOTE.match(line.text) and not line.text.startswith(("※再掲", "※ 再掲")):
                self.notes.unplace(line.number, line.text, "注記です。")
            elif line.text.endswith("。") and not line.has_tabs and len(line.text.split()) == 1:
                self.notes.unplace(line.number, line.text, "事業の行ではなく、文章です。")
            else:
                kept.append(line)
        return kept

    # --- Lines of text ----------------------------------------------------------------------

    def _drafts(self, lines: list[Line]) -> list[ProjectDraft]:
        drafts: list[ProjectDraft] = []
        before: Line | None = None
        for line in lines:
            draft = drafts[-1] if drafts else None
            is_first = not draft or not before or self._begins(draft, before, line)
            if is_first and is_remark(line.text) and not _first_category(line.text)[0]:
                self.notes.unplace(line.number, line.text, "注記です。")
                continue
            if not draft or not before or is_first:
                drafts.append(self._begun(line, draft is not None))
            elif self._is_foreign(draft, before, line):
                reason = "前の事業の続きとも、次の事業とも分かりません。"
                self.notes.unplace(line.number, line.text, reason)
                continue
            else:
                self._append(draft, before, line)
            before = line
        return drafts

    def _begins(self, draft: ProjectDraft, before: Line, line: Line) -> bool:
        """Return whether a line is the first one of a row."""
        if _first_category(line.text)[0]:
            return True
        if not draft.segments:
            return False
        marker = read_marker(line.text) if self.style else None
        if self.style:
            return bool(marker and marker.style == self.style)
        if self.habits.breaks_inside(before) or has_open_bracket(_whole(draft)):
            return False
        if line.is_indented and self.has_categories and not before.text.endswith("、"):
            return True
        return self._looks_new(draft, line)

    def _is_foreign(self, draft: ProjectDraft, before: Line, line: Line) -> bool:
        """Return whether the row above is certainly complete, so that a line is not part of it."""
        if not self.habits.closes or not before.is_closed or not draft.segments:
            return False
        _, content, _ = _cells(draft, self.columns)
        return content is not None and not is_unfinished(content)

    def _looks_new(self, draft: ProjectDraft, line: Line) -> bool:
        """Return whether a line without any mark reads as a row of its own."""
        name, content, _ = _cells(draft, self.columns)
        if is_unfinished(content or name):
            return False
        parts = blank_parts(line.text)
        if content is None and self._has_contents():
            return _is_name(name) and len(parts) > 1 and _is_name(parts[0])
        return _is_name(_RELISTED.sub("", parts[0]))

    def _has_contents(self) -> bool:
        return bool(self.columns and self.columns.has(column_roles.CONTENT))

    def _begun(self, line: Line, is_later: bool) -> ProjectDraft:
        draft = ProjectDraft(line.number)
        text = line.text
        marker = read_marker(text) if self.style else None
        if marker and marker.style == self.style:
            text = marker.rest
        word, rest = _first_category(text)
        if not word and self.columns and self.columns.columns[-1].role == column_roles.CATEGORY:
            rest, _, word = text.rpartition(" ")
            word = word if rest and word in _CATEGORY_WORDS else ""
        if word:
            draft.category, text = word, rest
        elif self.has_categories and not line.is_indented:
            if self.style or not is_later:
                draft.doubts.append("区分の記載がないため、空欄（継続）としました。")
            else:
                draft.doubts.append("区分の記載がない行を、区分が空欄（継続）の事業と読みました。")
            if glued := re.match("新規|拡充|民間等|継続", text):
                draft.doubts.append(f"事業名の初めの「{glued[0]}」は、区分かもしれません。")
        elif not self.has_categories and not self.style and (is_later or not self.columns):
            draft.doubts.append("区分も記号もない行を、一つの事業と読みました。")
        if text:
            draft.segments.append([text])
        return draft

    def _append(self, draft: ProjectDraft, before: Line, line: Line) -> None:
        if not draft.segments:
            draft.segments.append([line.text])
            return
        last = draft.segments[-1]
        if self._is_next_cell(draft, before, line):
            draft.segments.append([line.text])
        else:
            draft.doubts.append(joined_text(last[-1], line.text))
            last.append(line.text)

    def _is_next_cell(self, draft: ProjectDraft, before: Line, line: Line) -> bool:
        if self.habits.breaks_inside(before) or has_open_bracket(_whole(draft)):
            return False
        if self.habits.spaces:
            return not line.has_gap
        return len(draft.segments) == 1 and _is_name(joined(draft.segments[0]))

    def _finish(self, draft: ProjectDraft) -> None:
        if not draft.segments:
            reason = f"区分「{draft.category}」の後に事業名がありません。"
            self.notes.unplace(draft.line, draft.category, reason)
            return
        if self._finish_by_columns(draft):
            return
        name, content, doubt = _cells(draft, self.columns)
        if doubt:
            draft.doubts.append(doubt)
        if content is None and not _is_name(name) and self._lacks_its_cells(draft):
            reason = "区分も内容もなく、事業名と分かる語もありません。"
            self.notes.unplace(draft.line, name, reason)
            return
        names = name.split("、")
        if content is None and len(names) > 1 and all(_is_name(one) for one in names):
            draft.doubts.append(f"「{name}」を{len(names)}件の事業に分けました。")
        else:
            names = [name]
        for one in names:
            self._add(replace(draft, doubts=list(draft.doubts)), one, content, None)

    def _finish_by_columns(self, draft: ProjectDraft) -> bool:
        """Take a row that has as many words as the table has columns; return whether it was one."""
        if not self.columns or len(draft.segments) > 1:
            return False
        signs = (column_roles.NUMBER, column_roles.CATEGORY)
        columns = [column for column in self.columns.columns if column.role not in signs]
        words = blank_parts(joined(draft.segments[0]))
        if len(columns) < 3 or len(words) != len(columns):
            return False
        cells = {column.role: word for column, word in zip(columns, words, strict=True)}
        if column_roles.NAME not in cells:
            return False
        content, implementer = (
            cells.get(role) for role in (column_roles.CONTENT, column_roles.IMPLEMENTER)
        )
        self._add(draft, cells[column_roles.NAME], content, implementer)
        for column, word in zip(columns, words, strict=True):
            if column.role == column_roles.OTHER:
                place = self.place_of(len(self.rows))
                self.notes.extras.append(Extra(place, column.header, word, draft.line))
        return True

    def _lacks_its_cells(self, draft: ProjectDraft) -> bool:
        return self.has_categories and not draft.category and self._has_contents()

    # --- Tables with tabs -------------------------------------------------------------------

    def _finish_row(self, row: TabbedRow) -> None:
        draft = ProjectDraft(row.line, doubts=[joined_text(*pair) for pair in row.joins])
        if len(row.cells) == 1:
            # A row without tabs among rows with them.
            self._finish(self._begun(Line(row.line, row.cells[0], tuple(row.cells)), True))
            return
        roles = self._roles(row.cells)
        if len(row.cells) > len(roles):
            whole = " ".join(cell for cell in row.cells if cell)
            reason = "表の列より多くのセルがあり、どの列の値か分かりません。"
            self.notes.unplace(row.line, whole, reason)
            return
        cells = {role: cell for role, cell in zip(roles, row.cells, strict=False) if cell}
        name = cells.get(column_roles.NAME, "")
        if not name:
            whole = " ".join(cell for cell in row.cells if cell)
            self.notes.unplace(row.line, whole, "事業名の列が空です。")
            return
        draft.category = cells.get(column_roles.CATEGORY, "").strip("【】[]（）() ")
        marker = read_marker(name)
        if marker and marker.style not in ("kana", "kanji", "roman"):
            name = marker.rest
        implementer = cells.get(column_roles.IMPLEMENTER)
        self._add(draft, name, cells.get(column_roles.CONTENT), implementer)
        if not self.columns:
            return
        for column, cell in zip(self.columns.columns, row.cells, strict=False):
            if column.role == column_roles.OTHER and cell:
                place = self.place_of(len(self.rows))
                self.notes.extras.append(Extra(place, column.header, cell, row.line))

    def _roles(self, cells: list[str]) -> list[str]:
        if self.columns:
            return [column.role for column in self.columns.columns]
        is_category = not cells[0] or cells[0] in _CATEGORY_WORDS
        roles = [column_roles.NAME, column_roles.CONTENT]
        return [column_roles.CATEGORY, *roles] if is_category else roles

    # --- A whole row ------------------------------------------------------------------------

    def _add(
        self, draft: ProjectDraft, name: str, content: str | None, implementer: str | None
    ) -> None:
        doubts = draft.doubts
        name, is_again, note = _without_relisting(name)
        content_text, is_again_too, other_note = _without_relisting(content or "")
        if said := note or other_note:
            doubts.append(f"（再掲）にある「{said}」は取り込んでいません。")
        category, is_category_again = self._category(draft)
        if not draft.category and (bracketed := _BRACKETED_LAST.search(name)):
            category = self._known(bracketed["word"], doubts)
            name = name[: bracketed.start()].strip()
        if implementer is None and content_text:
            content_text, implementer = self._parted(content_text, category, doubts)
        position = len(self.rows) + 1
        for text in doubts:
            self.notes.doubt(self.place_of(position), draft.line, text)
        project = {
            "position": position,
            "category": category,
            "name": name,
            "content": content_text or None,
            "implementer": implementer or None,
            "relisted_from": None,
        }
        is_relisted = is_again or is_again_too or is_category_again
        self.rows.append(ReadProject(project, draft.line, is_relisted))

    def _category(self, draft: ProjectDraft) -> tuple[str, bool]:
        """Return the 区分 as the plan's shape writes it, and whether it says 再掲."""
        if draft.category == "再掲":
            return "", True
        return self._known(draft.category, draft.doubts), False

    def _known(self, word: str, doubts: list[str]) -> str:
        if word in ("", *KNOWN):
            return word
        if word in CONTINUED:
            return ""
        doubts.append(
            f"区分「{word}」は、新規、拡充、民間等、継続のいずれでもありません。書かれたままとしました。"
        )
        return word

    def _parted(self, content: str, category: str, doubts: list[str]) -> tuple[str, str | None]:
        """Return 内容 and 実施主体 of 内容/実施主体."""
        slashes = list(_SLASH.finditer(content))
        if not slashes:
            return content, None
        slash = slashes[-1]
        before, after = content[: slash.start()], content[slash.end() :]
        is_said = (
            any("実施主体" in c.header for c in self.columns.columns) if self.columns else False
        )
        if len(slashes) > 1 or not (is_said or category == "民間等"):
            doubts.append(f"「／」の前「{before}」を内容、後「{after}」を実施主体としました。")
        return before, after


@dataclass(frozen=True)
class _Signs:
    """Where rows of projects begin: at a 区分, or below the name of another project."""

    columns: ListColumns | None

    def begins(self, row: list[str], cells: list[str]) -> bool:
        return bool(_first_category(cells[0])[0]) or (_is_name(row[-1]) and _is_name(cells[0]))

    def is_next(self, row: list[str]) -> bool:
        if not self.columns:
            return False
        roles = [column.role for column in self.columns.columns]
        return roles[0] == column_roles.NAME and roles[-1] != column_roles.CONTENT

    def is_full(self, cell: str) -> bool:
        return cell in _CATEGORY_WORDS


def _whole(draft: ProjectDraft) -> str:
    return joined([piece for segment in draft.segments for piece in segment])


def _first_category(text: str) -> tuple[str, str]:
    """Return the 区分 at the head of a row and the rest; "" if there is none."""
    if match := re.match(rf"\s*{_BRACKETED.pattern}\s*", text):
        return match["word"], text[match.end() :].strip()
    word, _, rest = " ".join(text.split()).partition(" ")
    return (word, rest) if word in _CATEGORY_WORDS else ("", text)


def _is_name(text: str) -> bool:
    return _NAME_END.search(_RELISTED.sub("", text).strip()) is not None


def _without_relisting(text: str) -> tuple[str, bool, str]:
    """Return a text without （再掲）, whether it had one, and what else its brackets say."""
    match = _RELISTED.search(text)
    if not match:
        return text, False, ""
    bare = re.sub(r"\s{2,}", " ", text[: match.start()] + text[match.end() :]).strip()
    return bare, True, (match["note"] or "").strip("：: 、")


def _cells(draft: ProjectDraft, columns: ListColumns | None) -> tuple[str, str | None, str]:
    """Return name, 内容 and the doubt about where one ends ("" if a mark says it)."""
    texts = [joined(segment) for segment in draft.segments]
    words = blank_parts(re.sub(r"\s+(?=[（(【]再掲)", "", texts[0]))
    if columns and not columns.has(column_roles.CONTENT):
        return " ".join(texts), None, ""
    if len(texts) > 1:
        head = next((i for i in range(1, len(words)) if _is_name(" ".join(words[:i]))), None)
        name = " ".join(words[:head]) if head else texts[0]
        content = joined([" ".join(words[head:]) if head else "", *texts[1:]])
        return name, content, f"事業名は「{name}」まで、内容は「{content[:12]}」からと読みました。"
    if len(words) == 1:
        return words[0], None, ""
    named = [i for i in range(1, len(words)) if _is_name(" ".join(words[:i]))]
    end = named[0] if named else 1
    name, content = " ".join(words[:end]), " ".join(words[end:])
    if len(words) == 2:
        return name, content, ""
    return name, content, f"事業名は「{name}」まで、内容は「{words[end]}」からと読みました。"
