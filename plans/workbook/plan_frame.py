"""Describes the frame of a plan: goals, groups and measures, and what refers to them."""

import re
from collections.abc import Callable

from indicators.places import in_brackets, place_of
from measures.models import symbol_key
from plans.workbook.cells import Unreadable
from plans.workbook.columns import same
from plans.workbook.described import Json, Known
from plans.workbook.plan_items import PlanItems
from plans.workbook.reading import BookRow, CellFault, PlanBook
from plans.workbook.texts import number_in, numbered, place_key

_RELISTED = r"[\s\u3000]*[(（\[［【]再掲[)）\]］】][\s\u3000]*"
RELISTED = re.compile(rf"^{_RELISTED}|{_RELISTED}$")


PlacedMeasure = tuple[int, str, int, Json]
"""Goal, symbol of the group, number and measure."""


class PlanFrame(PlanItems):
    """Describes goals, groups and measures, and finds them again as people call them."""

    def __init__(self, book: PlanBook, known: Known) -> None:
        super().__init__(book, known)
        self.goals: dict[int, Json] = {}
        self.measures: list[PlacedMeasure] = []
        self.measures_by_text: dict[str, list[PlacedMeasure]] = {}
        self.failed: set[str] = set()
        """The sheets with rows that cannot be read: what refers to these is not wrong itself."""

    def attempt(self, take: Callable[[BookRow], None], row: BookRow) -> None:
        try:
            take(row)
        except Unreadable:
            self.fail(row)

    def fail(self, row: BookRow) -> None:
        self.failed.add(row.sheet)

    def may_be_of_failed(self, *sheets: str) -> bool:
        """Return whether a reference may fail only because its row has errors of its own."""
        return not (self.failed | self.book.unread).isdisjoint(sheets)

    def describe_frame(self) -> None:
        """Read goals, groups and measures."""
        self._goals()
        self._groups()
        self._measures()

    def _goals(self) -> None:
        for row in self.book.of("goals"):
            try:
                title = self.required(row, "title", f"{self.words.goal}の名称")
                number, title = self.numbered(row, title, self.words.goal, "基本目標")
            except Unreadable:
                self.fail(row)
                continue
            position = number or max(self.goals, default=0) + 1
            if position in self.goals:
                self.fault(
                    row,
                    "position",
                    f"{self.words.goal}{position}が二つあります。番号を直してください。",
                )
                self.fail(row)
                continue
            goal: Json = {"position": position, "title": title}
            if self.flag_or_none(row, "cross", self.words.cross_goal):
                goal["cross_cutting"] = True
            self.goals[position] = goal | {"numeric_targets": [], "measure_groups": []}
            self.found.places[f"{self.words.goal}{position}"] = row
        if not self.goals and "goals" in self.book.titles:
            self.found.faults.append(
                CellFault(
                    f"{self.words.goal}が一つもありません。一行に一つ書いてください。",
                    sheet=self.book.titles["goals"],
                )
            )

    def goal_of(self, row: BookRow) -> int:
        text = self.required(row, "goal", self.words.goal)
        for position, goal in self.goals.items():
            if same(goal["title"]) == same(text):
                return position
        key = self.key(text)
        number = number_in(key.split("-")[0]) if key else None
        if number in self.goals:
            self._check_title(row, "goal", text, self.goals[number]["title"])
            return number
        across = [position for position, goal in self.goals.items() if goal.get("cross_cutting")]
        if len(across) == 1 and same(text) in map(same, (self.words.cross_goal, "横断的目標")):
            return across[0]
        if self.may_be_of_failed("goals"):
            raise Unreadable
        known = "、".join(str(position) for position in self.goals) or "なし"
        self.fault(
            row, "goal",
            f"{self.words.goal}「{text}」がありません。シート「{self.book.titles.get('goals')}」の番号（{known}）か"
            "名称を書いてください。",
        )  # fmt: skip
        raise Unreadable

    def _check_title(self, row: BookRow, key: str, text: str, title: str) -> None:
        """Refuse a number with the name of another part behind it."""
        if same(text) == same(title):
            return
        levels = "|".join(map(re.escape, (self.words.goal, self.words.measure, "基本目標", "施策")))
        found = re.fullmatch(rf"(?:{levels})?[\s　]*[\S]*[0-9０-９①-⑳][\s　:：]+(\D{{2,}}.*)", text)
        if found and same(found[1]) != same(title):
            self.fault(
                row, key, f"「{text}」の番号の名称は「{title}」です。番号か名称を直してください。"
            )
            raise Unreadable

    def _groups(self) -> None:
        for row in self.book.of("groups"):
            try:
                goal = self.goal_of(row)
                symbol = half_brackets(self.required(row, "symbol", "記号"))
                title = self.required(row, "title", "施策の区分の名称")
            except Unreadable:
                continue
            groups = self.goals[goal]["measure_groups"]
            if any(symbol_key(one["symbol"]) == symbol_key(symbol) for one in groups):
                self.fault(
                    row, "symbol",
                    f"{self.words.goal}{goal}に、記号「{symbol}」の{self.words.group}が二つあります。"
                    "記号を直してください。",
                )  # fmt: skip
                continue
            if not re.fullmatch(r"\w{1,4}", symbol):
                self.fault(
                    row, "symbol",
                    f"記号「{symbol}」は、画面のアドレスに使えません。「ア」「A」「1」のように、"
                    "かな、漢字、英字、数字の4字までで書いてください。",
                )  # fmt: skip
                continue
            title = re.sub(rf"^[(（]{re.escape(symbol)}[)）][\s　]*", "", title)
            groups.append({"symbol": symbol, "title": title, "measures": []})
            self.found.places[f"{self.words.goal}{goal}{in_brackets(symbol)}"] = row

    def _group_of(self, row: BookRow, goal: int) -> Json:
        text = half_brackets(self.text(row, "group"))
        groups = self.goals[goal]["measure_groups"]
        for group in groups:
            if text and symbol_key(group["symbol"]) == symbol_key(text):
                return group
            if text and same(group["title"]) == same(text):
                return group
            if text and symbol_key(group["symbol"]) == symbol_key(text.split(" ")[0]):
                return group
        if not text:
            if named := [one["symbol"] for one in groups if one["symbol"]]:
                self.doubt(
                    row, "group",
                    f"{self.words.group}が空欄のため、{self.words.goal}{goal}の{self.words.group}"
                    f"（{'、'.join(named)}）に入らない{self.words.measure}としました。",
                )  # fmt: skip
            return self._unnamed_group(goal)
        known = "、".join(one["symbol"] for one in groups if one["symbol"]) or "なし"
        self.fault(
            row, "group",
            f"{self.words.goal}{goal}に、{self.words.group}「{text}」がありません（{known}）。"
            f"シート「{self.book.titles.get('groups', self.words.group)}」に書くか、"
            "記号を直してください。",
        )  # fmt: skip
        raise Unreadable

    def _unnamed_group(self, goal: int) -> Json:
        """Return the group that stands for none."""
        groups = self.goals[goal]["measure_groups"]
        for group in groups:
            if not group["symbol"]:
                return group
        groups.insert(0, {"symbol": "", "title": "", "measures": []})
        return groups[0]

    def _measures(self) -> None:
        for row in self.book.of("measures"):
            try:
                goal = self.goal_of(row)
                group = self._group_of(row, goal)
                title = self.required(row, "title", f"{self.words.measure}の名称")
                number, title = self.numbered(row, title, self.words.measure, "具体的施策", "施策")
            except Unreadable:
                self.fail(row)
                continue
            taken = {measure["position"] for measure in group["measures"]}
            position = number or max(taken, default=0) + 1
            place = place_of(goal, group["symbol"], position)
            if position in taken:
                self.fault(
                    row,
                    "position",
                    f"{self.words.measure}{place}が二つあります。番号を直してください。",
                )
                self.fail(row)
                continue
            measure: Json = {"position": position, "title": title, "kpis": [], "projects": []}
            measure |= self.carried(row)
            group["measures"].append(measure)
            self.measures.append((goal, group["symbol"], position, measure))
            self.found.places[f"{self.words.measure}{place}"] = row

    def measure_of(self, row: BookRow, key: str = "measure") -> PlacedMeasure:
        text = self.required(row, key, self.words.measure)
        if (direct := self._directly_under(text)) is not None:
            return direct
        found = self._measures_called(text)
        if len(found) == 1:
            self._check_title(row, key, text, found[0][3]["title"])
            return found[0]
        if not found and self.may_be_of_failed("measures"):
            self.fail(row)
            raise Unreadable
        places = "、".join(place_of(*one[:3]) for one in found[:5])
        self.fault(
            row, key,
            f"{self.words.measure}「{text}」がいくつもあります（{places}）。"
            f"「{places.split('、')[0]}」のように番号で書いてください。"
            if found
            else f"{self.words.measure}「{text}」がありません。"
            f"シート「{self.book.titles.get('measures', self.words.measure)}」にある番号"
            "（1-ア-①など）か名称を書いてください。",
        )  # fmt: skip
        raise Unreadable

    def _measures_called(self, text: str) -> list[PlacedMeasure]:
        """Return the measures of a name or of a place; a name takes precedence over a place.

        Hundreds of rows name the same few measures: each text is looked up once.
        """
        if text not in self.measures_by_text:
            self.measures_by_text[text] = self._look_up(text)
        return self.measures_by_text[text]

    def _look_up(self, text: str) -> list[PlacedMeasure]:
        if named := [one for one in self.measures if same(one[3]["title"]) == same(text)]:
            return named
        part = re.split(r"[\s　:：]", text)[0]
        for place in (text, part):
            key = self.key(place)
            if whole := [one for one in self.measures if place_key(place_of(*one[:3])) == key]:
                return whole
            short = [
                one
                for one in self.measures
                if one[1] and key and place_key(f"{one[1]}-{one[2]}") == key
            ]
            if short:
                return short
        rest = numbered(text)[1]
        return [one for one in self.measures if same(one[3]["title"]) == same(rest)]

    def _directly_under(self, text: str) -> PlacedMeasure | None:
        """Return the place directly under a goal, if the text names a goal."""
        for position, goal in self.goals.items():
            if same(text) not in map(
                same,
                (goal["title"], f"基本目標{position}", f"{self.words.goal}{position}"),
            ):
                continue
            group = self._unnamed_group(position)
            for measure in group["measures"]:
                if not measure["title"]:
                    return position, "", measure["position"], measure
            measure = {"position": 0, "title": "", "kpis": [], "projects": []}
            group["measures"].insert(0, measure)
            return position, "", 0, measure
        return None


def half_brackets(symbol: str) -> str:
    """Return a symbol without its brackets: ア for （ア）."""
    return re.sub(r"^[(（\[［]+|[)）\]］]+$", "", symbol.strip()).strip()
