"""Two editions side by side: everything that differs, as texts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import DateField

from indicators.places import place_of
from indicators.rules.terms import WITHHELD_WORD
from japanese.calendar_days import day_label
from japanese.fiscal_years import era_label
from reviews.editions.texts import (
    frozen_value_text,
    goal_names,
    keyed_listings,
    place_names,
    reading_texts,
)
from reviews.models import (
    Council,
    GoalReview,
    GrantReview,
    KPIReview,
    MeasureReview,
    Opinion,
    ProjectYear,
    yen_label,
)

Json = Mapping[str, Any]
Said = dict[tuple[str, str], str]
"""Texts by subject and item, in the order of the page."""

_INSIDE = frozenset({"number", "kpis", "opinions"})
"""Keys that count the rows or have parts of their own."""


@dataclass(frozen=True)
class DifferingRow:
    """What two editions say of an item of a subject; "" where one says nothing."""

    subject: str
    item: str
    before: str
    now: str


@dataclass(frozen=True)
class ComparedPart:
    """A part of two editions in which something differs."""

    heading: str
    rows: tuple[DifferingRow, ...]


def compared(before: Json, now: Json) -> list[ComparedPart]:
    """Return the parts in which two editions differ, as their data; [] if they say the same."""
    parts = (
        ComparedPart(heading, tuple(_differing(read(before), read(now))))
        for heading, read in _PARTS.items()
    )
    return [part for part in parts if part.rows]


def _differing(before: Said, now: Said) -> Iterator[DifferingRow]:
    for key in dict.fromkeys([*before, *now]):
        old, new = before.get(key, ""), now.get(key, "")
        if old != new:
            yield DifferingRow(*key, old, new)


def _titles(data: Json) -> Said:
    plan = data["plan"]
    said = {("計画", "名称"): plan.get("strategy", {}).get("title", "")}
    labels = goal_names(plan)
    for goal in plan["goals"]:
        about = labels[goal["position"]]
        said[about, "名称"] = goal.get("title", "")
        for group in goal["measure_groups"]:
            under = place_of(goal["position"], group.get("symbol"))
            said[under, "名称"] = group.get("title", "")
            for measure in group["measures"]:
                said[place_of(under, measure["position"]), "名称"] = measure.get("title", "")
    return said


def _named_listings(data: Json) -> Iterator[tuple[str, Json]]:
    """Yield the listings with distinct names."""
    for (_, number), listing in keyed_listings(data).items():
        yield f"{listing['name']}{'（再掲）' if number else ''}", listing


def _readings(data: Json) -> Said:
    said: Said = {}
    for name, listing in _named_listings(data):
        texts = reading_texts(listing, data["fiscal_year"])
        texts["担当課"] = listing["indicator"].get("section", "")
        said |= {(name, item): text for item, text in texts.items()}
    return said


def _values(data: Json) -> Said:
    """Return the values up to the edition's year: of later years it reports nothing."""
    said: Said = {}
    for (_, number), listing in keyed_listings(data).items():
        actuals = {} if number else listing.get("actuals", {})
        for year in sorted(map(int, actuals)):
            if year <= data["fiscal_year"]:
                told = _value(listing["indicator"], actuals[str(year)])
                said[listing["name"], era_label(year)] = told
    return said


def _value(indicator: Json, actual: Json) -> str:
    text = frozen_value_text(indicator, actual)
    return f"{text}（{WITHHELD_WORD}）" if actual.get("withheld") else text


def _judgements(data: Json) -> Said:
    said: Said = {}
    for name, listing in _named_listings(data):
        judged = listing.get("assessment") or {}
        rate = f"（{judged['attainment']}％）" if judged.get("attainment") else ""
        said[name, "判定"] = f"{judged.get('label', '')}{rate}"
    return said


def _projects(data: Json) -> Said:
    return _of_places(data, data.get("project_years", ()), "project", ProjectYear)


def _evaluations(data: Json) -> Said:
    reviews = data.get("measure_reviews", ())
    said = _of_places(data, reviews, "measure", MeasureReview)
    kpis = [one for review in reviews for one in review.get("kpis", ())]
    return said | _of_places(data, kpis, "kpi", KPIReview)


def _grants(data: Json) -> Said:
    return _written(((one["grant"], one) for one in data.get("grant_reviews", ())), GrantReview)


def _verdicts(data: Json) -> Said:
    labels = goal_names(data["plan"])
    reviews = data.get("goal_reviews", ())
    return _written(((labels.get(one["goal"], ""), one) for one in reviews), GoalReview)


def _councils(data: Json) -> Said:
    said: Said = {}
    for held in data.get("councils", ()):
        meeting = f"第{held['number']}回"
        people = (
            f"{one['name']}（{'出席' if one['attended'] else '欠席'}）"
            for one in held.get("members", ())
        )
        said |= _written([(meeting, {**held, "members": "、".join(people)})], Council)
        opinions = held.get("opinions", ())
        said |= _written(((f"{meeting} 意見{one['number']}", one) for one in opinions), Opinion)
    return said


def _of_places(data: Json, rows: Iterable[Json], key: str, model: Any) -> Said:
    names = place_names(data["plan"])
    told = ((f"{one[key]} {names.get(one[key], '')}".strip(), one) for one in rows)
    return _written(told, model)


_OF_NO_FIELD = {"about": "対象", "members": "委員", "kind": "種類"}
_PLACES = ("goal",)
"""What says where a row belongs, which its subject tells."""


def _written(rows: Iterable[tuple[str, Json]], model: Any) -> Said:
    """Return the texts of rows of an edition by subject, with the names of the model's fields."""
    said: Said = {}
    for subject, row in rows:
        for name, content in row.items():
            if name not in (*_INSIDE, *_PLACES) and content not in (
                None,
                "",
                subject.partition(" ")[0],
            ):
                label, text = _OF_NO_FIELD.get(name, ""), str(content)
                if not label:
                    field = model._meta.get_field(name)
                    label = str(field.verbose_name).removesuffix("（円）")
                    text = str(dict(field.flatchoices).get(content, content))
                    if isinstance(field, DateField):
                        text = day_label(date.fromisoformat(content))
                if isinstance(content, int) and name != "ends_in":
                    text = yen_label(content)
                said[subject, label] = text
    return said


_PARTS: dict[str, Callable[[Json], Said]] = {
    "計画の名称と構成": _titles,
    "指標の目標と読み方": _readings,
    "実績値": _values,
    "判定": _judgements,
    "事業の実績": _projects,
    "内部評価": _evaluations,
    "交付金の検証": _grants,
    "外部評価": _verdicts,
    "有識者会議と意見": _councils,
}
