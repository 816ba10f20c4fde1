"""Makes a plan, as docs/strategy-json.md describes it, of the rows of 計画様式.xlsx.

Rows refer to each other as people write it. Codes and positions that are left out are assigned
here, and readings of sentences are proposed; nothing is decided silently: whatever the workbook
does not say is in `doubts`. No database: what is registered already comes in as `Known`.

The steps, each in a class that the next one is built on: cells (`cells.py`), the plan itself
(`plan_items.py`), goals, groups and measures (`plan_frame.py`), then listings (`listed.py`),
projects and numbers by year.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from indicators.places import place_of
from japanese.fiscal_years import full_label
from japanese.numerals import half_width
from plans.workbook.cells import Unreadable
from plans.workbook.columns import categories_of, same, sheets_in
from plans.workbook.described import Described, Json, Known, identity
from plans.workbook.listed import UNDECIDED_SECTION, Indicators, Listed
from plans.workbook.plan_frame import RELISTED, PlanFrame
from plans.workbook.reading import BookRow, CellFault, PlanBook
from plans.workbook.texts import number_in, place_key

MAIN_SHEETS = ("targets", "measures", "kpis", "projects")
"""Sheets that few plans do without."""


def describe_book(book: PlanBook, known: Known, decisions: Mapping[str, str]) -> Described:
    """Return the plan of a workbook. `decisions` answers questions, by their id.

    The answer is the code of the indicator to share, SHARE or NEW; that to ALL_OTHERS holds where
    a question has none of its own.
    """
    return _Describing(book, known, decisions).run()


class _Describing(PlanFrame):
    """Describes one workbook; not reusable."""

    def __init__(self, book: PlanBook, known: Known, decisions: Mapping[str, str]) -> None:
        super().__init__(book, known)
        self.indicators = Indicators(self, known, decisions)
        self.listings: list[Listed] = []
        self.homes: list[tuple[BookRow, Json, str]] = []
        """Rows that list a project again, with what they say of its home."""
        self.projects: list[tuple[tuple[int, str, int, int], Json]] = []
        self.loading: list[tuple[str, list[Json], Json, BookRow]] = []
        """How the loader names an object by its number among others, with the object's row."""

    def run(self) -> Described:
        found = self.found
        found.plan = {"strategy": self.describe_strategy(), "fiscal_year": None, "goals": []}
        self.indicators.plan = found.code
        self.indicators.default_section = self.item("default_section")
        self._sections()
        self.describe_frame()
        for key, take in (
            ("targets", self._target),
            ("kpis", self._kpi),
            ("projects", self._project),
        ):
            for row in self.book.of(key):
                self.attempt(take, row)
        self._find_homes()
        for key, take in (("yearly", self._yearly), ("actuals", self._actual)):
            for row in self.book.of(key):
                self.attempt(take, row)
        for listed in self.listings:
            listed.finish()
        self._doubt_missing_sheets()
        found.doubts += self.book.doubts
        self._doubt_twins()
        self._doubt_sections()
        if self.spaced_out:
            found.doubts.append(
                CellFault(
                    f"文字の間に空白のあるセルが{self.spaced_out}個あり、空白を除いて読みました。"
                )
            )
        found.plan["goals"] = [self.goals[number] for number in sorted(self.goals)]
        for goal in found.plan["goals"]:
            _sort(goal)
        with_yearly = {id(listed.data): listed for listed in self.listings if listed.yearly}
        for name, among, one, row in self.loading:
            number = next(place for place, other in enumerate(among, 1) if other is one)
            found.places[name.format(number)] = row
            if described := with_yearly.get(id(one)):
                found.yearly[name.format(number)] = described.yearly_row
        return found

    def _doubt_missing_sheets(self) -> None:
        """Report what is taken for empty because its sheet is missing."""
        for sheet in sheets_in(self.words):
            if sheet.key in MAIN_SHEETS and sheet.key not in self.book.titles:
                self.found.doubts.append(
                    CellFault(
                        f"シート「{sheet.title}」がありません。{sheet.title}はないものとして読みました。"
                    )
                )

    def _doubt_sections(self) -> None:
        """Report once how many listings have no sentence, and how many no section."""
        if rows := self.indicators.composed:
            self.doubt(
                rows[0],
                "sentence",
                f"目標の文言が空欄の指標が{len(rows)}件あります。"
                "文言は、基準値と目標値の欄から作りました。",
            )
        if rows := self.indicators.without_section:
            section = self.indicators.default_section or UNDECIDED_SECTION
            self.doubt(
                rows[0],
                "section",
                f"担当課が空欄の指標が{len(rows)}件あります。「{section}」としました。",
            )

    def _sections(self) -> None:
        for row in self.book.of("sections"):
            try:
                name = self.required(row, "name", "担当課")
                department = self.text(row, "department")
            except Unreadable:
                continue
            if name in self.found.sections:
                self.fault(row, "name", f"担当課「{name}」が二度あります。一つにしてください。")
            self.found.sections[name] = department

    def _target(self, row: BookRow) -> None:
        goal = self.goal_of(row)
        above = self.goals[goal]["numeric_targets"]
        words = self.words
        loading = f"{words.goal}{goal}の{{}}番目の{words.numeric_target}"
        self._list(row, above, f"{words.numeric_target}{goal}-", loading)

    def _kpi(self, row: BookRow) -> None:
        goal, symbol, position, measure = self.measure_of(row)
        place = place_of(goal, symbol, position)
        words = self.words
        loading = f"{words.measure}{place_of(goal, symbol, position)}"
        loading += f"の{{}}番目の{words.kpi_short}"
        self._list(row, measure["kpis"], f"{words.kpi_short}{place}-", loading)
        measure["kpis"][-1] |= self.carried(row)

    def _list(self, row: BookRow, above: list[Json], prefix: str, loading: str) -> None:
        if not self.text(row, "name") and not self.text(row, "sentence"):
            self.required(row, "name", "指標名")
        name = self.required(row, "name", "指標名")
        part = half_width(self.text(row, "part")).lower()
        number, name = self.numbered(row, name, "KPI", "数値目標", "指標")
        taken = [one["position"] for one in above]
        position = number or max(taken, default=0) + 1
        if (position, part) in {(one["position"], one.get("part", "")) for one in above}:
            self.fault(
                row, "position", f"{prefix}{position}{part}が二つあります。番号を直してください。"
            )
            raise Unreadable
        listed = Listed(self.indicators, row, f"{prefix}{position}{part}", name)
        data = listed.read()
        data |= {"position": position} | ({"part": part} if part else {})
        above.append(data)
        self.listings.append(listed)
        self.loading.append((loading, above, data, row))

    def _doubt_twins(self) -> None:
        """Note listings of one name and unit in the workbook that are indicators of their own."""
        by_name: dict[tuple[str, str], list[Listed]] = {}
        for listed in self.listings:
            if listed.data:
                indicator = listed.data["indicator"]
                what = identity(indicator["name"], indicator["unit"] or "")
                by_name.setdefault(what, []).append(listed)
        for twins in by_name.values():
            codes = {listed.data["indicator"]["code"] for listed in twins}
            if len(codes) > 1:
                first, *others = twins
                for listed in others:
                    self.doubt(
                        listed.row, "name",
                        f"{first.place}と名称と単位が同じですが、別の指標としました。同じ指標なら、"
                        "両方の「指標コード」に同じ文字（半角英数字）を書いてください。",
                    )  # fmt: skip

    def _project(self, row: BookRow) -> None:
        goal, symbol, number, measure = self.measure_of(row)
        name = self.required(row, "name", "事業名")
        typed = self.text(row, "position")
        position = number_in(typed) if typed else None
        taken = {one["position"] for one in measure["projects"]}
        if typed and not position:
            self.fault(
                row,
                "position",
                f"番号「{typed}」は、「①」「1」のような1以上の番号で書いてください。",
            )
            raise Unreadable
        position = position or max(taken, default=0) + 1
        place = place_of(goal, symbol, number)
        if position in taken:
            self.fault(
                row,
                "position",
                f"{place}に、{position}番の事業が二つあります。番号を直してください。",
            )
            raise Unreadable
        category = self._category(row)
        content, implementer = self.text(row, "content"), self.text(row, "implementer")
        if not self.words.is_of_city(category) and not implementer:
            content, implementer = self._split(row, content)
        home = self.text(row, "home")
        relisted = RELISTED.search(name)
        project: Json = {
            "position": position,
            "category": category,
            "name": RELISTED.sub("", name),
            "content": content or None,
            "implementer": implementer or None,
            "relisted_from": None,
        }
        for key in ("section", "budget_item"):
            if text := self.text(row, key):
                project[key] = text
        project |= self.carried(row)
        measure["projects"].append(project)
        own = (goal, symbol, number, position)
        named = f"{self.words.measure}{place}の{{}}番目の{self.words.project}"
        self.loading.append((named, measure["projects"], project, row))
        if relisted or home:
            self.homes.append((row, project, home))
        else:
            self.projects.append((own, project))

    def _category(self, row: BookRow) -> str:
        text = self.text(row, "category")
        words = self.words
        if not text or same(text) in map(same, (words.uncategorised, "-", "－")):
            return ""
        for word in words.category_names:
            if same(text) == same(word):
                return word
        named = "、".join(f"「{word}」" for word in categories_of(words))
        self.fault(
            row, "category",
            f"{words.category}「{text}」はありません。{named}か空欄にしてください。ほかの{words.category}を"
            "使う計画では、シート「計画」の「区分の一覧」に書いてください。",
        )  # fmt: skip
        raise Unreadable

    def _split(self, row: BookRow, content: str) -> tuple[str, str]:
        before, slash, after = content.partition("／" if "／" in content else "/")
        if not slash or not before.strip() or not after.strip():
            return content, ""
        self.doubt(
            row, "content",
            f"民間等の事業の内容「{content}」を、内容「{before.strip()}」と実施主体「{after.strip()}」に"
            "分けました。",
        )  # fmt: skip
        return before.strip(), after.strip()

    def _find_homes(self) -> None:
        for row, project, text in self.homes:
            try:
                found = self._homes_called(row, project["name"], text)
            except Unreadable:
                continue
            if not found and self.may_be_of_failed("projects"):
                continue
            if len(found) == 1:
                goal, group, measure, position = found[0]
                project["relisted_from"] = {
                    "goal": goal, "group": group, "measure": measure, "position": position,
                }  # fmt: skip
                continue
            places = "、".join(f"{place_of(*one[:3])}-{one[3]}" for one in found[:5])
            self.fault(
                row, "home" if text else "name",
                f"再掲の事業「{project['name']}」の再掲元が、いくつもあります（{places}）。"
                "「再掲元」に、そのどれかを書いてください。"
                if found
                else f"再掲の事業「{project['name']}」の再掲元がありません。同じ名称の事業を"
                "先に掲げるか、「（再掲）」と「再掲元」を消してください。",
            )  # fmt: skip

    def _homes_called(self, row: BookRow, name: str, text: str) -> list[tuple[int, str, int, int]]:
        named = [key for key, one in self.projects if same(one["name"]) == same(name)]
        if not text:
            return named
        key = self.key(text)
        exact = [
            one for one, _ in self.projects if place_key(f"{place_of(*one[:3])}-{one[3]}") == key
        ]
        if len(exact) == 1:
            return exact
        if self.may_be_of_failed("projects"):
            return []
        goal, symbol, number, _ = self.measure_of(row, "home")
        return [one for one in named if one[:3] == (goal, symbol, number)]

    def _listing_of(self, row: BookRow) -> "Listed":
        text = self.text(row, "listing") or self.required(row, "name", "指標")
        found = [one for one in self.listings if same(one.name) == same(text)]
        if not found:
            is_kpi = _begins_with(self.words.kpi_short, self.words.kpi, "KPI")
            is_target = _begins_with(self.words.numeric_target, "数値目標")
            key, word = self.key(text), same(text)
            short = key.replace("-", "-0-", 1)  # directly under a goal: KPI3-1 is KPI3-0-1
            found = [
                one
                for one in self.listings
                if self.key(one.place) in (key, *((short,) if is_kpi(word) else ()))
                and not (is_kpi(word) and one.is_target)
                and not (is_target(word) and not one.is_target)
            ]
        if len(found) == 1:
            self._check_name(row, found[0])
            return found[0]
        if not found and self.may_be_of_failed("targets", "kpis"):
            raise Unreadable
        places = "、".join(one.place for one in found[:5])
        self.fault(
            row, "listing",
            f"指標「{text}」がいくつもあります（{places}）。「{places.split('、')[0]}」のように番号で書いてください。"
            if found
            else f"指標「{text}」がありません。「数値目標1-①」「KPI1-ア-①-②」のような番号か、"
            "指標名を書いてください。",
        )  # fmt: skip
        raise Unreadable

    def _check_name(self, row: BookRow, listed: Listed) -> None:
        """Refuse a row whose number and name disagree: a block was pasted a row too low."""
        name = self.text(row, "name")
        if name and same(name) != same(listed.name):
            self.fault(
                row,
                "name",
                f"指標「{self.text(row, 'listing')}」の名称は「{listed.name}」ですが、"
                f"「{name}」と書かれています。番号か名称を直してください。",
            )
            raise Unreadable

    def _numbers(self, row: BookRow, listed: "Listed") -> Iterator[tuple[int, Decimal]]:
        for key in row.cells:
            if not key.startswith("year."):
                continue
            try:
                number = listed.number(key, full_label(int(key[5:])), row=row)
            except Unreadable:
                continue
            if number is not None:
                yield int(key[5:]), number

    def _yearly(self, row: BookRow) -> None:
        listed = self._listing_of(row)
        if listed.yearly:
            self._repeated(row, listed, listed.yearly_row)
        for year, number in self._numbers(row, listed):
            listed.yearly[year] = number
            listed.yearly_row = row

    def _actual(self, row: BookRow) -> None:
        listed = self._listing_of(row)
        if listed.actuals:
            self._repeated(row, listed, next(iter(listed.actuals.values()))[1])
        for year, number in self._numbers(row, listed):
            if year > self.known.newest_year:
                self.fault(
                    row,
                    f"year.{year}",
                    f"{full_label(year)}は、まだ始まっていません。実績値は、始まった年度の分だけを"
                    "書いてください。",
                )
                continue
            listed.actuals[year] = (number, row)

    def _repeated(self, row: BookRow, listed: Listed, first: BookRow) -> None:
        self.fault(
            row,
            "listing",
            f"{listed.place}「{listed.name}」の行が二つあります（{first.number}行目にも）。"
            "一つにまとめてください。",
        )
        raise Unreadable


def _sort(goal: Json) -> None:
    """Put all parts of a goal in the order of their numbers."""
    goal["numeric_targets"].sort(key=lambda one: (one["position"], one.get("part", "")))
    for group in goal["measure_groups"]:
        group["measures"].sort(key=lambda one: one["position"])
        for measure in group["measures"]:
            measure["kpis"].sort(key=lambda one: (one["position"], one.get("part", "")))
            measure["projects"].sort(key=lambda one: one["position"])


def _begins_with(*words: str) -> Callable[[str], bool]:
    """Return whether a text that `same` has folded begins with one of some words."""
    folded = tuple(same(word) for word in words)
    return lambda text: text.startswith(folded)
