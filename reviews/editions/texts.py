"""What the data of an edition say about indicators and their targets, as texts for people."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from indicators.models import availability_label, display_factor, format_for_display
from indicators.places import place_of
from indicators.plan_words import words_from
from indicators.rules.terms import BaselineKind, Direction, Kind, Relation
from japanese.fiscal_years import era_label, full_label
from plans.json_tree import listings_in

_RELATIONS: dict[str, str] = {str(one.value): one.label for one in Relation}

Json = Mapping[str, Any]
ListingKey = tuple[str, int]
"""The code of an indicator, and which of its listings it is, in the order of the plan."""


def keyed_listings(data: Json) -> dict[ListingKey, Json]:
    """Return the listings of an edition's data by what stays the same from edition to edition."""
    seen: Counter[str] = Counter()
    found = {}
    for listing in listings_in(data["plan"]):
        code = listing["indicator"]["code"]
        found[code, seen[code]] = listing
        seen[code] += 1
    return found


def values_in(data: Json) -> dict[tuple[str, int], str]:
    """Return the values in an edition's data, by indicator and fiscal year."""
    return {
        (listing["indicator"]["code"], int(year)): frozen_value_text(listing["indicator"], actual)
        for listing in listings_in(data["plan"])
        for year, actual in listing.get("actuals", {}).items()
    }


def withheld_codes(data: Json) -> set[str]:
    """Return the codes of the indicators of which an edition's data has a value that is 秘匿."""
    return {
        str(listing["indicator"]["code"])
        for listing in listings_in(data["plan"])
        if any(actual.get("withheld") for actual in listing.get("actuals", {}).values())
    }


def frozen_value_text(indicator: Json, actual: Json) -> str:
    """1,234人（速報値）, 未公表 …"""
    text = _amount(indicator, actual["value"])
    if not text or actual.get("grade"):
        text = availability_label(actual["availability"], "", actual.get("grade") or "")
    return f"{text}（速報値）" if actual.get("provisional") else text


def readings_in(data: Json, year: int) -> dict[ListingKey, tuple[str, dict[str, str]]]:
    """Return, by listing, its name and what an edition says about its target in a year."""
    return {
        key: (listing["name"], reading_texts(listing, year))
        for key, listing in keyed_listings(data).items()
    }


def reading_texts(listing: Json, year: int) -> dict[str, str]:
    """Return what the plan says about a listing in a year, as texts by the names of the fields."""
    versions = [one for one in listing.get("versions", ()) if one["from_year"] <= year]
    said = max(versions, key=lambda one: one["from_year"]) if versions else listing
    indicator, baseline = listing["indicator"], said.get("baseline")
    basis = ""
    if baseline:
        about = [BaselineKind(baseline["kind"]).label]
        about += [full_label(baseline["fiscal_year"])] if baseline["fiscal_year"] else []
        basis = f"{_amount(indicator, baseline['value'])}（{'、'.join(about)}）"
    bounds = (_amount(indicator, said.get(name)) for name in ("target", "upper"))
    yearly = sorted(said.get("yearly_targets", {}).items())
    texts = {
        "指標名": said.get("name", ""),
        "目標の文言": said.get("sentence", ""),
        "目標の種類": Kind(said["kind"]).label if said.get("kind") else "",
        "改善の方向": Direction(said["direction"]).label if said.get("direction") else "",
        "比べる値": _relation(said),
        "目標値": "～".join(filter(None, bounds)),
        "目標年度": full_label(said["target_year"]) if said.get("target_year") else "",
        "基準値": basis,
        "許容幅": _amount(indicator, said.get("tolerance")),
        "年度別目標値": "、".join(
            f"{era_label(int(one))} {_amount(indicator, value)}" for one, value in yearly
        ),
    }
    return texts


def _relation(said: Json) -> str:
    if not said.get("relation"):
        return ""
    label = _RELATIONS.get(said["relation"], "")
    return f"{label}：{said['reference']}" if said.get("reference") else label


def _amount(indicator: Json, value: str | None) -> str:
    if value is None:
        return ""
    unit, shown = indicator.get("unit") or "", indicator.get("display_unit") or ""
    factor = display_factor(unit, shown)
    text = format_for_display(Decimal(value), indicator.get("decimals", 0), factor)
    return text + (shown or unit)


def goal_names(plan: Json) -> dict[int, str]:
    """Return the goals of a plan's JSON by position: 基本目標1, in the words of the plan."""
    words = words_from(plan.get("strategy", {}).get("words") or {})
    return {
        goal["position"]: words.goal_label(
            goal["position"], 0 if goal.get("cross_cutting") else None
        )
        for goal in plan["goals"]
    }


def place_names(plan: Json) -> dict[str, str]:
    """Return the names of measures, KPIs and projects in a plan's JSON by their places."""
    found = {}
    for goal in plan["goals"]:
        for group in goal["measure_groups"]:
            for measure in group["measures"]:
                place = place_of(goal["position"], group.get("symbol"), measure["position"])
                found[place] = measure["title"]
                for one in (*measure["kpis"], *measure.get("projects", ())):
                    found[place_of(place, one["position"])] = one["name"]
    return found
