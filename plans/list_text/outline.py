"""The tree of a list's headings, each with the lines below it that are still to be read.

What has a heading with a word is put where it says. A sign alone (（イ）…, ②…) is a group or a
measure only where the items of the section do not use such signs themselves.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from japanese.characters import alike
from plans.list_text.columns import ListColumns, columns_of, is_header
from plans.list_text.headings import (
    ListHeading,
    MeasureHead,
    is_broken_heading,
    is_side_by_side,
    measure_head,
    prose_heading,
    read_heading,
)
from plans.list_text.lines import (
    Habits,
    Line,
    blank_parts,
    is_title,
    is_unfinished,
    joined,
    numbered_parts,
)
from plans.list_text.listing_texts import has_sentence
from plans.list_text.markers import Marker, follows, number_of, read_marker
from plans.list_text.result import Notes, Place, PlanPart
from plans.list_text.words import GOAL, GROUP, KPIS, MEASURE, NUMERIC_TARGETS, PROJECTS, LevelWords


@dataclass
class ListTable:
    """Lines under one line of headers; `columns` is None where the text prints none."""

    columns: ListColumns | None = None
    lines: list[Line] = field(default_factory=list)


@dataclass
class ListSection:
    """The lines of the listings or projects of one goal or measure."""

    tables: list[ListTable] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        return [line for table in self.tables for line in table.lines]

    def add(self, line: Line) -> None:
        if not self.tables:
            self.tables.append(ListTable())
        self.tables[-1].lines.append(line)

    def begin(self, columns: ListColumns) -> None:
        if not self.tables or self.tables[-1].columns != columns:
            self.tables.append(ListTable(columns))


@dataclass
class MeasureDraft:
    place: Place
    title: str
    line: int
    style: str = ""
    kpis: ListSection = field(default_factory=ListSection)
    projects: ListSection = field(default_factory=ListSection)

    @property
    def position(self) -> int:
        return self.place.measure or 0


@dataclass
class GroupDraft:
    place: Place
    title: str
    line: int
    measures: list[MeasureDraft] = field(default_factory=list)

    @property
    def symbol(self) -> str:
        return self.place.group


@dataclass
class GoalDraft:
    place: Place
    title: str
    line: int
    word: str = ""
    targets: ListSection = field(default_factory=ListSection)
    groups: list[GroupDraft] = field(default_factory=list)

    @property
    def position(self) -> int:
        return self.place.goal or 0

    @property
    def measures(self) -> list[MeasureDraft]:
        return [measure for group in self.groups for measure in group.measures]


Titled = GoalDraft | GroupDraft | MeasureDraft


@dataclass
class Outline:
    """Goals with their parts, and the lines before the first of them."""

    goals: list[GoalDraft] = field(default_factory=list)
    front: list[Line] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)


def outline_of(lines: list[Line], words: LevelWords, habits: Habits, notes: Notes) -> Outline:
    """Return the tree of headings; `notes` gets what has no place in it."""
    builder = _Builder(words, habits, notes)
    index = 0
    while index < len(lines):
        index += builder.take(lines[index : index + _MOST_LINES])
    return builder.outline


SIDE_BY_SIDE = "階層を横に並べた表"
_MOST_LINES = 8
"""No heading and no row of headers is broken over more lines."""


class _Builder:
    """Takes line after line and knows where in the plan it is."""

    def __init__(self, words: LevelWords, habits: Habits, notes: Notes) -> None:
        self.words = words
        self.habits = habits
        self.notes = notes
        self.outline = Outline()
        self.goal: GoalDraft | None = None
        self.group: GroupDraft | None = None
        self.measure: MeasureDraft | None = None
        self.section: ListSection | None = None
        self.kind = ""
        self.repeated: Titled | None = None
        """What has just got its heading again: its title may be on the next line."""
        self.titled: Titled | None = None
        """What has just got its heading: the next line may go on with its title."""
        self.title_line: Line | None = None
        self.awaits_measures = False
        self.awaited_goal: ListHeading | None = None
        """The heading 基本目標 alone, whose number and title come on the next line."""
        self.last_measure = 0
        self.prose = ""
        """The heading of the text that is being passed over."""
        self.opening = 0
        """The line of a section's heading that nothing has followed yet."""

    # --- One line ---------------------------------------------------------------------------

    def take(self, lines: list[Line]) -> int:
        """Take the first of the lines and what belongs to it; return how many were taken."""
        line = lines[0]
        if columns := self._headers(line):
            count = 1
            while wider := self._broken_row_of_headers(lines[: count + 1], columns):
                columns, count = wider, count + 1
            self._begin_table(line, columns)
            return count
        cells = [cell for cell in line.cells if cell] if line.has_tabs else line.text.split()
        if is_side_by_side(cells, self.words):
            self._begin_prose(line, SIDE_BY_SIDE)
            return 1
        heading, rest = self._heading(line)
        if heading:
            self.prose = ""
            self._take_heading(line, heading, rest)
            return 1
        if self.goal and (prose := prose_heading(line.text)):
            self._begin_prose(line, prose)
            return 1
        if count := self._broken_headers(lines):
            return count
        for count in (2, 3):
            texts = [one.text for one in lines[:count]]
            if len(texts) == count and is_broken_heading(texts, self.words):
                broken = read_heading("".join(texts), self.words)
                assert broken
                self._take_heading(line, broken, None)
                return count
        self._take_text(line)
        return 1

    def _begin_prose(self, line: Line, word: str) -> None:
        self.prose = word
        self.section = self.titled = None
        self.awaits_measures = False
        self.notes.unplace(line.number, line.text, self._reason())

    def _headers(self, line: Line) -> ListColumns | None:
        cells = [cell for cell in line.cells if cell] if line.has_tabs else line.text.split()
        return columns_of(cells)

    def _broken_row_of_headers(self, lines: list[Line], columns: ListColumns) -> ListColumns | None:
        """Return the columns if the last of the lines continues the headers above it."""
        for between in (" ", ""):
            wider = columns_of(between.join(line.text for line in lines).split())
            if wider and len(wider.columns) > len(columns.columns):
                return wider
        return None

    def _broken_headers(self, lines: list[Line]) -> int:
        """Take headers that are on a line each; return the number of lines."""
        headers: list[str] = []
        for line in lines:
            if line.has_tabs or not is_header(line.text):
                break
            headers.append(line.text)
        columns = columns_of(headers)
        if not columns:
            return 0
        self._begin_table(lines[0], columns)
        return len(headers)

    def _heading(self, line: Line) -> tuple[ListHeading | None, Line | None]:
        """Return the heading of a line, and the rest of it as a line of its own."""
        if line.has_tabs:
            filled = [index for index, cell in enumerate(line.cells) if cell]
            first = read_heading(line.cells[filled[0]], self.words) if filled else None
            if first and first.level in (NUMERIC_TARGETS, KPIS, PROJECTS) and not first.rest:
                cells = line.cells[filled[0] + 1 :]
                rest = " ".join(cell for cell in cells if cell)
                whole = Line(line.number, rest, cells, False, line.is_closed, line.has_gap)
                return first, whole if rest else None
        heading = read_heading(line.text, self.words)
        return heading, line.rest(heading.rest) if heading and heading.rest else None

    def _take_heading(self, line: Line, heading: ListHeading, rest: Line | None) -> None:
        self.outline.words.setdefault(heading.level, heading.word)
        if heading.level == GOAL:
            is_bare = not heading.numbers and not heading.rest
            self.awaited_goal = heading if is_bare else None
            if not is_bare:
                self._open_goal(line, heading)
        elif heading.level == GROUP:
            self._open_named_group(line, heading)
        elif heading.level == MEASURE:
            self._open_measure_heading(line, heading)
        else:
            self._open_section(line, heading.level, heading.word, bool(heading.numbers))
            if rest and heading.numbers and self.section is not None:
                sign = f"({number_of(heading.numbers[0])}) "
                self.section.add(line.rest(sign + heading.rest))
            elif rest:
                self.take([rest])

    # --- Goals ------------------------------------------------------------------------------

    def _open_goal(self, line: Line, heading: ListHeading) -> None:
        position = number_of(heading.numbers[-1]) if _is_counted(heading.numbers) else None
        same = [
            goal
            for goal in self.outline.goals
            if goal.word == heading.word
            and _is_again(goal.title, heading.rest)
            and position in (None, goal.position)
        ]
        if same:
            is_running_head = same[0] is self.goal
            section = self.section
            self._again(line, same[0], same[0].place)
            if is_running_head:
                self.section = section
            else:
                self.goal, self.group, self.measure = same[0], None, None
            return
        used = [goal.position for goal in self.outline.goals]
        place = Place(PlanPart.GOAL, self._free(position, used))
        self._doubt_position(line, place, position, max(used, default=0))
        self.goal = GoalDraft(place, heading.rest, line.number, heading.word)
        self.group = self.measure = None
        self.outline.goals.append(self.goal)
        self._title(self.goal, line)

    def _free(self, wanted: int | None, used: list[int]) -> int:
        return wanted if wanted and wanted not in used else max(used, default=0) + 1

    def _doubt_position(self, line: Line, place: Place, wanted: int | None, before: int) -> None:
        """ListDoubt the number of a goal or a measure unless it is the next one after `before`."""
        got = place.measure or place.goal
        if wanted is None:
            self.notes.doubt(place, line.number, f"番号がないため、順に{got}としました。")
        elif wanted != got:
            text = f"番号{wanted}は前にもあるため、続きの{got}としました。"
            self.notes.doubt(place, line.number, text)
        elif wanted != before + 1:
            self.notes.doubt(place, line.number, jump_text(before, wanted))

    def _again(self, line: Line, titled: Titled, place: Place) -> None:
        doubts = self.notes.doubts
        if doubts and (doubts[-1].line, doubts[-1].place.part) == (line.number, PlanPart.GROUP):
            # One line repeats the group and its measure.
            doubts.pop()
        text = "見出しが繰り返されています。ページの切れ目とみて、前の続きとして読みました。"
        self.notes.doubt(place, line.number, text)
        self._title(titled, line)
        self.repeated = titled

    def _title(self, titled: Titled, line: Line) -> None:
        self.titled, self.title_line = titled, line
        self.section, self.awaits_measures = None, False

    # --- Groups and measures ----------------------------------------------------------------

    def _open_named_group(self, line: Line, heading: ListHeading) -> None:
        if not self.goal:
            self._unplace_without_goal(line)
            return
        numbers, rest = heading.numbers, heading.rest
        if not numbers and (marker := read_marker(rest)) and marker.style != "bullet":
            numbers, rest = (marker.symbol or str(marker.number),), marker.rest
        last = numbers[-1] if numbers else ""
        symbol = str(number_of(last)) if _is_counted((last,)) else last
        if not symbol:
            symbol = str(len(self.goal.groups) + 1)
            place = Place(PlanPart.GROUP, self.goal.position, symbol)
            text = f"記号がないため、順に{symbol}としました。"
            self.notes.doubt(place, line.number, text)
        self._open_group(line, symbol, rest)
        self.awaits_measures = True

    def _open_group(self, line: Line, symbol: str, title: str) -> GroupDraft:
        assert self.goal
        place = Place(PlanPart.GROUP, self.goal.position, symbol)
        same = [group for group in self.goal.groups if group.symbol == symbol]
        if same and _is_again(same[0].title, title):
            if same[0] is not self.group:
                self._again(line, same[0], place)
            group = same[0]
        else:
            if same:
                text = f"記号{symbol}が、名称の違う二つの区分にあります。書かれたままとしました。"
                self.notes.doubt(place, line.number, text)
            group = GroupDraft(place, title, line.number)
            self.goal.groups.append(group)
        self.group, self.measure = group, None
        self._title(group, line)
        return group

    def _open_measure_heading(self, line: Line, heading: ListHeading) -> None:
        if not self.goal:
            self._unplace_without_goal(line)
            return
        head = measure_head(heading.numbers, heading.rest)
        if head.goal not in (None, self.goal.position):
            place = Place(PlanPart.MEASURE, self.goal.position, head.symbol, head.position)
            here = self.goal.position
            text = f"見出しの番号は基本目標{head.goal}ですが、基本目標{here}の下にあります。"
            self.notes.doubt(place, line.number, text)
        if head.symbol and (head.group_title or not self._has_group(head.symbol)):
            self._open_group(line, head.symbol, head.group_title)
        elif head.symbol:
            self.group = self._has_group(head.symbol)
        if head.position is None and not head.title:
            self.awaits_measures, self.section = True, None
            if not head.symbol:
                self.titled = None
            return
        self._open_measure(line, head, "word")

    def _has_group(self, symbol: str) -> GroupDraft | None:
        assert self.goal
        return next((one for one in self.goal.groups if one.symbol == symbol), None)

    def _open_measure(self, line: Line, head: MeasureHead, style: str) -> None:
        assert self.goal
        group = self.group or self._open_group(line, "", "")
        same = [one for one in group.measures if one.position == head.position]
        if same and _is_again(same[0].title, head.title):
            self._again(line, same[0], same[0].place)
            self.measure = same[0]
            return
        used = [one.position for one in group.measures]
        position = self._free(head.position, used)
        place = Place(PlanPart.MEASURE, self.goal.position, group.symbol, position)
        # Some plans count their measures through all groups or goals.
        last = max(used) if used else self.last_measure
        is_first = not used and head.position == 1
        self._doubt_position(line, place, head.position, 0 if is_first else last)
        self.last_measure = position
        self.measure = MeasureDraft(place, head.title, line.number, style)
        group.measures.append(self.measure)
        self._title(self.measure, line)

    def _unplace_without_goal(self, line: Line) -> None:
        self.notes.unplace(line.number, line.text, "この見出しより前に基本目標がありません。")
        self.section = self.titled = None

    # --- Sections ---------------------------------------------------------------------------

    def _open_section(self, line: Line, kind: str, word: str, is_numbered: bool = False) -> None:
        self.awaits_measures, self.titled = False, None
        if not self.goal:
            self._unplace_without_goal(line)
            return
        if kind != NUMERIC_TARGETS and self.group and not self.measure:
            self._measure_for_group(line)
        self.kind = self._kind_here(line, kind, word)
        self.section = self._section_of(self.kind)
        if self.section is None:
            reason = f"「{word}」の上に具体的施策がありません。"
            self.notes.unplace(line.number, line.text, reason)
        elif self.section.lines and not is_numbered:
            text = f"見出し「{word}」が繰り返されています。ページの切れ目とみて、続けて読みました。"
            self.notes.doubt(self._place(), line.number, text)
        self.opening = line.number

    def _measure_for_group(self, line: Line) -> None:
        assert self.group
        group, title = self.group, self.group.title
        if group.measures:
            return
        place = Place(PlanPart.MEASURE, group.place.goal, group.symbol, 1)
        text = "区分の下に施策の見出しがないため、区分と同じ名称の施策を置きました。"
        self.notes.doubt(place, line.number, text)
        self.measure = MeasureDraft(place, title, line.number, "word")
        group.measures.append(self.measure)

    def _kind_here(self, line: Line, kind: str, word: str) -> str:
        """Return what a section is where it stands: goals have no KPI, measures no 数値目標."""
        if kind == KPIS and not self.measure:
            text = f"施策より前にある「{word}」を、基本目標の数値目標として読みました。"
        elif kind == NUMERIC_TARGETS and self.measure:
            text = f"施策の下にある「{word}」を、施策のKPIとして読みました。"
        else:
            return kind
        self.notes.doubt(self._place(), line.number, text)
        return NUMERIC_TARGETS if kind == KPIS else KPIS

    def _section_of(self, kind: str) -> ListSection | None:
        if kind == NUMERIC_TARGETS:
            return self.goal.targets if self.goal else None
        if not self.measure:
            return None
        return self.measure.kpis if kind == KPIS else self.measure.projects

    def _place(self) -> Place:
        titled = self.measure or self.group or self.goal
        return titled.place if titled else Place()

    def _begin_table(self, line: Line, columns: ListColumns) -> None:
        """Take a line of headers; it opens a section where no heading has done so."""
        is_here = self.section is not None and (self.kind == PROJECTS) == columns.of_projects
        if not is_here:
            kind = PROJECTS if columns.of_projects else KPIS
            if kind == KPIS and not self.measure and not self.group:
                kind = NUMERIC_TARGETS
            self._open_section(line, kind, line.text)
        if self.section is not None:
            self.section.begin(columns)

    # --- Lines without a heading ------------------------------------------------------------

    def _take_text(self, line: Line) -> None:
        if self.prose and not self.goal:
            self.notes.unplace(line.number, line.text, self._reason())
            return
        if awaited := self.awaited_goal:
            self.awaited_goal = None
            marker = read_marker(line.text)
            number = (str(marker.number),) if marker and marker.number else ()
            rest = marker.rest if marker and number else line.text
            self._open_goal(line, ListHeading(GOAL, awaited.word, number, rest))
            return
        if not self.goal:
            self.outline.front.append(line)
            return
        repeated, self.repeated = self.repeated, None
        if repeated and alike(repeated.title) == alike(line.text):
            return
        marker = None if line.has_tabs and line.cells[0] == "" else read_marker(line.text)
        if marker and self._take_marked(line, marker):
            return
        if self.section is not None:
            for part in numbered_parts(line):
                self.section.add(part)
        elif not self._goes_on(line):
            self.notes.unplace(line.number, line.text, self._reason())

    def _reason(self) -> str:
        if self.prose == SIDE_BY_SIDE:
            return "階層を横に並べた表は読めません。"
        if self.prose:
            return f"「{self.prose}」の文章です。計画の様式に、入れるところがありません。"
        if self._is_refused_section():
            return "具体的施策の見出しがないため、どの施策に属するか分かりません。"
        return "見出しの下にありますが、数値目標、KPI、具体的事業のいずれの見出しもありません。"

    def _is_refused_section(self) -> bool:
        return self.opening > 0 and self.titled is None and not self.measure

    def _goes_on(self, line: Line) -> bool:
        """Take a line as the rest of the title above it, if it is."""
        titled, before = self.titled, self.title_line
        if not titled or not before or line.text[0] in "※＊*":
            return False
        if titled.title:
            is_open = self.habits.breaks_inside(before) or is_unfinished(titled.title)
            if not is_open:
                return False
            text = f"行の途中で切れていた名称に「{line.text}」をつなぎました。"
            self.notes.doubt(titled.place, line.number, text)
        titled.title = joined([titled.title, line.text])
        self.title_line = line
        return True

    # --- Signs without a word ---------------------------------------------------------------

    def _take_marked(self, line: Line, marker: Marker) -> bool:
        """Take a sign as the head of a group or a measure, if it is one."""
        if marker.style == "kana":
            return self._take_symbol(line, marker)
        if marker.number is None or not marker.rest:
            return False
        if not self._is_measure(marker):
            return False
        is_sure = self.measure and self.measure.style == marker.style
        if not self.awaits_measures and not is_sure:
            place = Place(PlanPart.MEASURE, self._place().goal, self._place().group, marker.number)
            text = "施策の見出しの語がなく、番号の順から施策として読みました。"
            self.notes.doubt(place, line.number, text)
        awaits = self.awaits_measures
        self._open_measure(line, MeasureHead("", "", marker.number, marker.rest), marker.style)
        self.awaits_measures = awaits
        return True

    def _take_symbol(self, line: Line, marker: Marker) -> bool:
        assert self.goal
        if self.section is not None and _first_style(self.section) == "kana":
            return False
        if not marker.rest or has_sentence(marker.rest):
            return False
        before = self.group.symbol if self.group else ""
        if self.group and marker.symbol == before:
            title = measure_head((before,), marker.rest).group_title
            if self.section is not None and not _is_again(self.group.title, title):
                return False
        elif not follows(marker.symbol, before) or self._is_empty_section():
            return False
        head = measure_head((marker.symbol,), marker.rest)
        self._open_group(line, marker.symbol, head.group_title)
        self.awaits_measures = True
        if head.position is not None:
            self._open_measure(line, head, "word")
            self.awaits_measures = True
        return True

    def _is_empty_section(self) -> bool:
        return self.section is not None and not self.section.lines

    def _is_measure(self, marker: Marker) -> bool:
        """Return whether a numbered line is a measure rather than an item of the section."""
        last = self.measure.position if self.measure else 0
        is_next = marker.number == last + 1
        if self.prose:
            return is_next and self.measure is not None and self.measure.style == marker.style
        if self.section is None:
            return is_next and (self.awaits_measures or not self._is_open_title())
        if not is_next or has_sentence(marker.rest):
            return False
        items = list(_numbers(self.section, marker.style))
        if items and marker.number == items[-1] + 1:
            return False
        if not self.section.lines:
            return False
        own = self.measure.style if self.measure else self._style_of_measures()
        return own == marker.style or (not own and _first_style(self.section) != marker.style)

    def _is_open_title(self) -> bool:
        return bool(self.titled and is_unfinished(self.titled.title))

    def _style_of_measures(self) -> str:
        styles = [one.style for goal in self.outline.goals for one in goal.measures]
        return styles[-1] if styles else ""


def jump_text(before: int, number: int) -> str:
    """Return the doubt about a number that does not follow the one before it (0 for none)."""
    return f"前の番号は{before or 'なし'}、次は{number}です。{number}のままとしました。"


def _is_counted(numbers: tuple[str, ...]) -> bool:
    return bool(numbers and numbers[-1]) and not re.fullmatch("[ア-ンA-Za-z]", numbers[-1])


def _is_again(title: str, said: str) -> bool:
    """Return whether a heading repeats a title; it may leave it out or add （続き）."""
    bare = re.sub(r"[（(]\s*(?:続き|つづき)\s*[)）]", "", said)
    plain = alike(re.sub(r"\s", "", bare))
    return not plain or plain == alike(re.sub(r"\s", "", title))


def _numbers(section: ListSection, style: str) -> Iterator[int]:
    """Yield the numbers of a section's lines that have signs of this style."""
    for line in section.lines:
        marker = read_marker(line.text)
        if marker and marker.style == style and marker.number is not None:
            yield marker.number


def _first_style(section: ListSection) -> str:
    first = section.lines[:1]
    marker = read_marker(first[0].text) if first else None
    return marker.style if marker else ""


def title_of(front: list[Line], notes: Notes) -> str:
    """Return the plan's name from the lines before the first goal; "" if there is none."""
    named = [line for line in front if is_title(line.text)]
    chosen = named[0] if named else None
    for line in front:
        if line is not chosen:
            notes.unplace(line.number, line.text, "最初の基本目標より前にあります。")
    if not chosen:
        notes.doubt(Place(), front[0].number if front else 1, "計画の名称が見つかりません。")
        return ""
    parts = blank_parts(chosen.text)
    while len(parts) > 1 and re.search(r"(?:一覧|体系|体系図|一覧表)(?:表|図)?$", parts[-1]):
        parts.pop()
    title = " ".join(parts)
    left = chosen.text.removeprefix(title).strip()
    text = f"基本目標より前の行「{chosen.text}」を計画の名称としました。"
    if left:
        text += f"「{left}」は名称に含めていません。"
    notes.doubt(Place(), chosen.number, text)
    return title
