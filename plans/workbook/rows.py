"""The rows of 計画様式.xlsx for a plan in the JSON of docs/strategy-json.md."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from indicators.models import Indicator
from indicators.places import place_of
from indicators.plan_words import STANDARD_WORDS, Words, words_from
from indicators.rules.scales import FLAGS, TERMS
from indicators.rules.terms import TARGET_AWAITED, BaselineKind, Direction, Kind, Relation
from japanese.fiscal_years import era_label
from plans.workbook.columns import CONFIRMED, NOT_OF_THE_CITY_MARK, UNCONFIRMED
from tables.cells import NO, YES, Cell

Row = dict[str, Cell]


@dataclass
class PlanRows:
    """What the cells of a workbook hold: items of the sheet 計画, rows by sheet, years by sheet."""

    items: Row = field(default_factory=dict)
    sheets: dict[str, list[Row]] = field(default_factory=dict)
    years: dict[str, list[int]] = field(default_factory=dict)
    words: Words = STANDARD_WORDS
    unplaced: list[Row] = field(default_factory=list)
    """What could not be placed, of a list that was read as text; see plans/list_text."""

    def add(self, sheet: str, row: Row) -> None:
        self.sheets.setdefault(sheet, []).append(row)


def workbook_rows(plan: Mapping[str, Any]) -> PlanRows:
    """Return the rows of a plan. Everything but goals and titles may be missing from it."""
    strategy = plan.get("strategy") or plan
    rows = PlanRows(words=words_from(strategy.get("words") or {}))
    _put_items(rows, strategy)
    for grant in strategy.get("grants", []):
        years = {key: era_label(grant[key]) if grant[key] else "" for key in _GRANT_YEARS}
        named = {"position": grant["number"], "name": grant["name"], "type": grant["type"]}
        rows.add("grants", named | years)
    for goal in plan.get("goals", []):
        _put_goal(rows, goal)
    first, last = rows.items.get("first"), rows.items.get("last")
    if isinstance(first, int) and isinstance(last, int):
        rows.years["yearly"] = sorted({*range(first, last + 1), *rows.years.get("yearly", [])})
        # Earlier years: those of the sheet 実績値 that people are likely to know.
        known = rows.years.get("actuals") or range(first - 5, first)
        rows.years["actuals"] = sorted(known)
    for key in ("first", "last"):
        year = rows.items.get(key)
        rows.items[key] = era_label(year) if isinstance(year, int) else ""
    rows.sheets["sections"] = [{"name": name} for name in _sections(plan)]
    return rows


_GRANT_YEARS = ("first_year", "last_year")


def _put_items(rows: PlanRows, strategy: Mapping[str, Any]) -> None:
    scale = strategy.get("scale") or {}
    rows.items = {
        "title": strategy.get("title"),
        "city": strategy.get("city"),
        "city_code": strategy.get("city_code"),
        "first": strategy.get("first_fiscal_year"),
        "last": strategy.get("last_fiscal_year"),
        "code": strategy.get("code"),
        "note": strategy.get("note"),
        "invented": YES if strategy.get("invented") else "",
    }
    for key, word in (strategy.get("words") or {}).items():
        rows.items[f"words.{key}"] = word if isinstance(word, str) else _categories(word)
    for key, value in scale.items():
        if key in ("labels", "marks"):
            rows.items |= {f"{key}.{name}": word for name, word in value.items()}
        elif key in TERMS:
            rows.items[f"scale.{key}"] = TERMS[key](value).label
        elif key in FLAGS:
            rows.items[f"scale.{key}"] = YES if value else NO
        else:
            rows.items[f"scale.{key}"] = _number_or_text(value)


def _number_or_text(value: str | None) -> Decimal | str:
    """Return a number of the plan's JSON for a cell; "" for none."""
    return "" if value is None else Decimal(value)


def _categories(stored: list[dict[str, Any]]) -> str:
    """Return the 区分 of a plan for one cell: 新規、拡充、民間等（市以外）."""
    marks = {True: NOT_OF_THE_CITY_MARK, False: ""}
    return "、".join(one["name"] + marks[bool(one.get("not_of_city"))] for one in stored)


def _put_goal(rows: PlanRows, goal: Mapping[str, Any]) -> None:
    number = goal["position"]
    cross = YES if goal.get("cross_cutting") else ""
    rows.add("goals", {"position": number, "title": goal["title"], "cross": cross})
    for target in goal.get("numeric_targets", []):
        _put_listing(
            rows, "targets", f"{rows.words.numeric_target}{number}-", target, {"goal": number}
        )
    for group in goal.get("measure_groups", []):
        if group["symbol"]:
            rows.add("groups", {"goal": number, "symbol": group["symbol"], "title": group["title"]})
        for measure in group["measures"]:
            _put_measure(rows, number, group["symbol"], measure)


def _put_measure(rows: PlanRows, goal: int, symbol: str, measure: Mapping[str, Any]) -> None:
    place = place_of(goal, symbol, measure["position"])
    if measure["title"]:
        row = {"goal": goal, "group": symbol, "position": measure["position"]}
        rows.add("measures", {**row, "title": measure["title"], **_carried(measure)})
        above = place
    else:  # directly under the goal
        place, above = f"{rows.words.goal}{goal}", place
    for kpi in measure.get("kpis", []):
        prefix = f"{rows.words.kpi_short}{above}-"
        _put_listing(rows, "kpis", prefix, kpi, {"measure": place, **_carried(kpi)})
    for project in measure.get("projects", []):
        home = project.get("relisted_from")
        name = project["name"] + ("（再掲）" if home else "")
        rows.add(
            "projects",
            {
                "measure": place,
                "position": project["position"],
                "category": project["category"] or rows.words.uncategorised,
                "name": name,
                "content": project.get("content"),
                "implementer": project.get("implementer"),
                "home": _home(home) if home else "",
                "section": project.get("section"),
                "budget_item": project.get("budget_item"),
                **_carried(project),
            },
        )


def _carried(part: Mapping[str, Any]) -> Row:
    """Return the further attributes of a measure, KPI or project."""
    return {
        "sdgs": "、".join(map(str, part.get("sdgs", ()))),
        "grants": "、".join(map(str, part.get("grants", ()))),
        "general_plan_code": part.get("general_plan_code"),
    }


def _home(home: Mapping[str, Any]) -> str:
    return f"{place_of(home['goal'], home['group'], home['measure'])}-{home['position']}"


def _put_listing(
    rows: PlanRows, sheet: str, prefix: str, listing: Mapping[str, Any], above: Row
) -> None:
    place = f"{prefix}{listing['position']}{listing.get('part', '')}"
    rows.add(sheet, {**above, **_listing(listing)})
    _put_by_year(rows, "yearly", place, listing["name"], listing.get("yearly_targets") or {})
    actuals = {
        year: actual["value"]
        for year, actual in (listing.get("actuals") or {}).items()
        if actual.get("value") is not None
    }
    _put_by_year(rows, "actuals", place, listing["name"], actuals)


def _put_by_year(
    rows: PlanRows, sheet: str, place: str, name: str, values: Mapping[str, str]
) -> None:
    if not values:
        return
    known = set(rows.years.get(sheet, ()))
    rows.years[sheet] = sorted(known | {int(year) for year in values})
    by_year = {f"year.{year}": _number_or_text(value) for year, value in values.items()}
    rows.add(sheet, {"listing": place, "name": name, **by_year})


def _listing(listing: Mapping[str, Any]) -> Row:
    indicator = listing.get("indicator") or {}
    row: Row = {
        "position": listing["position"],
        "part": listing.get("part", ""),
        "name": listing["name"],
        "sentence": listing["sentence"],
    }
    if "kind" in listing:
        row |= _reading(listing)
    if indicator:
        row |= _indicator(indicator, listing["name"])
    return row


def _reading(listing: Mapping[str, Any]) -> Row:
    baseline = listing.get("baseline") or {}
    relation = listing.get("relation") or ""
    year, due = baseline.get("fiscal_year"), listing.get("target_year")
    return {
        "kind": Kind(listing["kind"]).label,
        "direction": Direction(listing["direction"]).label,
        "target": _number_or_text(listing.get("target")),
        "upper": _number_or_text(listing.get("upper")),
        "target_year": era_label(due) if due else "",
        "baseline": _number_or_text(baseline.get("value")),
        "baseline_year": era_label(year) if year else "",
        "baseline_kind": BaselineKind(baseline["kind"]).label if baseline else "",
        "relation": Relation(relation).label if relation not in ("", TARGET_AWAITED) else "",
        "reference": listing.get("reference", ""),
        "tolerance": _number_or_text(listing.get("tolerance")),
        "confirmed": CONFIRMED if listing.get("confirmed") else UNCONFIRMED,
        "doubts": "\n".join(listing.get("doubts") or ()),
    }


def _indicator(indicator: Mapping[str, Any], name: str) -> Row:
    return {
        "indicator": indicator["code"],
        "indicator_name": indicator["name"] if indicator["name"] != name else "",
        "unit": indicator["unit"],
        "display_unit": indicator["display_unit"],
        "decimals": indicator["decimals"],
        "minimum": _number_or_text(indicator["minimum"]),
        "maximum": _number_or_text(indicator["maximum"]),
        "moment": Indicator.Moment(indicator["moment"]).label,
        "ratio": YES if indicator["ratio"] else NO,
        "running_total": YES if indicator["running_total"] else NO,
        "carry_years": indicator["carry_years"],
        "section": indicator["section"],
        "entered_by": indicator["entered_by"],
        "method": indicator["method"],
        "source": indicator["source"],
    }


def _sections(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the sections of a plan, each once, in the order of the plan."""
    seen = set()
    for indicator in _indicators(plan):
        for key in ("section", "entered_by"):
            name = indicator.get(key)
            if name and name not in seen:
                seen.add(name)
                yield name


def _indicators(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for goal in plan.get("goals", []):
        listings = list(goal.get("numeric_targets", []))
        for group in goal.get("measure_groups", []):
            for measure in group["measures"]:
                listings += measure.get("kpis", [])
        for listing in listings:
            if listing.get("indicator"):
                yield listing["indicator"]
