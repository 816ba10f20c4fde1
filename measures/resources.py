"""Bulk import and export of 具体的事業, and the columns that identify a 具体的施策."""

import re
from typing import Any

from django.db.models import QuerySet

from accounts.resources import sections_by_name
from goals.carried import read_grants, read_sdgs
from indicators.example_texts import CODE_EXAMPLE
from indicators.resources import PlanPartResource, in_force_column
from japanese.numerals import half_width, read_number
from measures.models import Measure, Project, symbol_key
from tables.cells import Cell
from tables.columns import SEPARATOR, Column, Named, Part, Text, WholeNumber, not_among


class Symbol(Text):
    """The symbol of a group, with or without brackets: ア, （ア）."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        return symbol_key(value)


class SymbolColumn(Column):
    """The symbol of a group, written as it is stored and found however wide it is typed.

    An empty cell names the group without a symbol, for measures of no group.
    """

    may_be_empty = True

    def get_value(self, instance: Any) -> str:
        return symbol_key(super().get_value(instance))

    def written(self, instance: Any) -> Cell:
        return super().get_value(instance)

    def take(self, instance: Any, cell: str) -> None:
        """Leave the symbol alone: it was found by its key."""


MEASURE_COLUMNS = {
    "strategy": Column(
        "総合戦略コード",
        "measure__group__goal__strategy__code",
        part=Part.KEY,
        note=f"例：{CODE_EXAMPLE}",
    ),
    "goal": Column(
        "基本目標", "measure__group__goal__position", WholeNumber(read_number), part=Part.KEY
    ),
    "group": SymbolColumn(
        "施策の区分",
        "measure__group__symbol",
        Symbol(),
        part=Part.KEY,
        note="記号。例：ア。区分のない計画では空欄。",
    ),
    "measure": Column(
        "具体的施策",
        "measure__position",
        WholeNumber(read_number),
        part=Part.KEY,
        note="①は1。基本目標の直下は0。",
    ),
}
"""The columns that identify the measure of a row."""


class SdgsColumn(Column):
    """The numbers of SDGs: 3、11."""

    def written(self, instance: Any) -> Cell:
        return SEPARATOR.join(map(str, self.get_value(instance)))

    def read(self, instance: Any, cell: str) -> list[int]:
        return read_sdgs(cell)


class GrantsColumn(Column):
    """交付金 of the plan, by their names."""

    def written(self, instance: Any) -> Cell:
        numbers = self.get_value(instance)
        names = self._names(instance) if numbers else {}
        return SEPARATOR.join(names[number] for number in numbers if number in names)

    def read(self, instance: Any, cell: str) -> list[int]:
        return read_grants(cell, self._names(instance)) if cell else []

    def _names(self, instance: Any) -> dict[int, str]:
        """Return the names by number; those of a plan are read once for a table."""
        plan = instance.strategy
        known: dict[int, dict[int, str]] = self.__dict__.setdefault("known", {})
        if plan.pk not in known:
            known[plan.pk] = dict(plan.grants.values_list("number", "name"))
        return known[plan.pk]


CARRIED_COLUMNS = {
    "sdgs": SdgsColumn("SDGs", "sdgs", note="1から17までの番号。例：3、11"),
    "grants": GrantsColumn("交付金", "grants", note="この計画の交付金の名称。"),
    "general_plan_code": Column("総合計画コード", "general_plan_code"),
}
"""The columns of what measures, KPIs and projects carry besides."""


def measures_by_place() -> dict[tuple[Any, ...], Measure]:
    """Return all measures by strategy code, number of the goal, symbol and number."""
    measures = Measure.objects.select_related("group__goal__strategy")
    return {
        (
            m.strategy.code,
            m.group.goal.position,
            symbol_key(m.group.symbol),
            m.position,
        ): m
        for m in measures
    }


class CategoryColumn(Column):
    """The 区分 of a project, one of those that its plan has."""

    def read(self, instance: Project, cell: str) -> str:
        names = instance.measure.strategy.wording.category_names
        if cell and cell not in names:
            raise ValueError(not_among(cell, names))
        return cell


class Home(Column):
    """The project that a row re-lists, by its place in the same plan: 1-ア-2-3."""

    projects: dict[tuple[Any, ...], Project]

    def written(self, instance: Project) -> Cell:
        home = instance.relisted_from
        return "" if home is None else f"{home.measure.code}-{home.position}"

    def read(self, instance: Project, cell: str) -> Project | None:
        if not cell:
            return None
        found = re.fullmatch(r"(\d+)-(?:(.+)-)?(\d+)-(\d+)", half_width(cell).replace(" ", ""))
        if found is None:
            raise ValueError(
                f"「{cell}」は事業の場所として読めません。「1-ア-2-3」のように入力してください。"
            )
        goal, symbol, measure, position = found.groups()
        key = (
            instance.measure.strategy.code,
            int(goal),
            symbol_key(symbol or ""),
            int(measure),
            int(position),
        )
        if key not in self.projects:
            raise ValueError(
                f"「{cell}」の事業は登録されていません。この総合戦略の基本目標、施策の区分、"
                "具体的施策、順番を「1-ア-2-3」のように入力してください。"
            )
        if self.projects[key] is instance:
            raise ValueError(
                "再掲元に、その事業自身を選ぶことはできません。"
                "最初に掲げた事業の場所を入力してください。"
            )
        return self.projects[key]


class ProjectResource(PlanPartResource):
    """具体的事業."""

    strategy = MEASURE_COLUMNS["strategy"]
    goal = MEASURE_COLUMNS["goal"]
    group = MEASURE_COLUMNS["group"]
    measure = MEASURE_COLUMNS["measure"]
    position = Column("順番", "position", WholeNumber(read_number), part=Part.KEY)
    category = CategoryColumn(
        "区分", "category", note="計画の区分のとおり。例：新規、拡充、民間等。空欄は継続。"
    )
    name = Column("事業名", "name", note="（再掲）は付けません。")
    content = Column("内容", "content")
    implementer = Column("実施主体", "implementer", note="市の事業は空欄にします。")
    section = Column(
        "担当課", "section", Named("担当課", sections_by_name), note="登録されている名称。"
    )
    budget_item = Column("予算科目", "budget_item")
    sdgs = CARRIED_COLUMNS["sdgs"]
    grants = CARRIED_COLUMNS["grants"]
    general_plan_code = CARRIED_COLUMNS["general_plan_code"]
    relisted_from = Home(
        "再掲元",
        "relisted_from",
        note="再掲の場合に、最初に掲げた事業の場所。例：1-ア-2-3",
    )
    first_year = in_force_column("追加した年度（参考）", "first_fiscal_year")
    last_year = in_force_column("終了した年度（参考）", "last_fiscal_year")

    parent = "measure"

    class Meta:
        model = Project

    def get_queryset(self) -> QuerySet[Project]:
        return Project.objects.select_related(
            "measure__group__goal__strategy", "relisted_from__measure__group__goal__strategy"
        ).order_by(
            "measure__group__goal__strategy__code",
            "measure__group__goal__position",
            "measure__group__position",
            "measure__position",
            "position",
        )

    def parents(self) -> dict[tuple[Any, ...], Measure]:
        return measures_by_place()

    def prepare(self) -> None:
        """Read original projects first, so that a file may contain a project and its re-listing."""
        super().prepare()
        home = self.fields["relisted_from"]
        home.projects = self.stored
        self.rows.sort(key=lambda row: bool(row.cells.get(home.header)))
