"""What the public may see of an edition: one JSON, frozen with the edition.

`public_contents` makes it when a year is fixed; `public_data` reads it again. Public pages and the
static site show this and the other public files of the edition, and ask nothing else of the
database: whatever changes later, they stay as they were published.

No name of a person is in it, no draft, nothing of how the year was fixed, and no value marked 秘匿
with what would reveal it (reviews/editions/withholding.py).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from indicators.rules.terms import WITHHELD_LABEL
from plans.counting import count_by_band, count_listings, count_projects, progress_sentence
from plans.nodes import ListingNode, MeasureNode, StrategyTree
from reviews.models import Edition

Json = dict[str, Any]

PUBLIC_JSON = "public"
"""The kind of the file of an edition with its public data."""

PUBLIC_PARTS = (
    "plan", "measure_reviews", "project_years", "councils", "goal_reviews", "grant_reviews",
)  # fmt: skip
"""The parts of an edition's data that are public, too."""


PUBLIC_NOTE = (
    "職員と委員の氏名、確認していない値、秘匿の値と、それが分かる数値や判定は載せていません。"
    "ただし、評価や実績などの文章は、書かれたまま載ります。"
)
"""The note on public files: only people can judge a text."""


class NoPublicData(LookupError):
    """The edition was fixed before editions had public files; it cannot be published."""


def public_data(edition: Edition) -> Json:
    """Return what the public may see of an edition, as it was frozen; one query.

    The other public files are the rows of `edition.files` whose kind is in
    `reviews.editions.freezing.public_kinds()`; `edition_path(kind)` there is their name in
    addresses (edition.xlsx, data.csv), by which datapackage.json names them.

    Raises NoPublicData for an edition without public files. The keys:

    - `format`: 1.
    - `code`, `title`, `city`, `city_code`: the plan. `invented`: whether its values are made up.
    - `number`, `fiscal_year`, `decided_on` ("2019-01-10"), `document_number`: the edition.
    - `sha256`: the digest of the canonical JSON of everything else here. `Edition.sha256` is never
      shown to the public: with all else known, it would confirm a guess of a withheld value.
    - `plan`: the strategy JSON (docs/strategy-json.md) with goals, listings, `actuals` and
      `assessment`. A withheld value has the availability "withheld" and no number; a withheld
      judgement the status "no_judgement" and the label 秘匿（人数が少ないため公表しません）.
    - `counts`: {"plan": COUNT, "goals": {"1": COUNT}, "measures": {"1-ア-1": COUNT}, "projects":
      {"total", "distinct", "relisted"}}. COUNT = {"total", "distinct", "relisted", "monitors",
      "withheld", "bands": [{"band", "mark", "name", "total", "labels": [[label, number]]}],
      "sentence"}; keys of goals and measures are the positions and places in addresses.
    - `measure_reviews`: [{"measure": place, "results", "causes", "issues", "grade", "grade_reason",
      "policy", "policy_reason", "budget", "decision", "decided_on", "kpis": [{"kpi": place,
      "comment", "outlook"}], "grade_withheld"}]. A KPI with a withheld value is not among them: its
      comment is about that value. `grade_withheld` says that a KPI of the measure has a withheld
      value or judgement in the year of the edition: `grade` and `grade_reason` are "" then. As
      another grade than the judgements suggest needs a reason, they would tell the judgement.
      Editions that were fixed before may lack it.
    - `project_years`: [{"project": place, "section", "grant", "done", "output", "outcome",
      "issues", "budget", "settlement", "national", "prefectural", "bonds", "other_funds",
      "general", "policy", "ends_in"}], money in 円.
    - `councils`: [{"number", "name", "held_on", "place", "fields": [{"field", "members",
      "attended"}], "opinions": [{"number", "field", "about", "text", "answer", "response",
      "section", "due_on", "outcome"}]}]. Members are counted by field, without names and posts;
      the minutes name them and stay inside. Codes of fields and responses are those of
      reviews.models.
    - `goal_reviews`: [{"goal": position, "verdict", "summary"}].
    - `grant_reviews`: [{"grant", "kind", "amount", "effect", "effect_reason", "policy",
      "policy_reason", "opinion", "opinion_on"}].
    - `differences`: what differs from what earlier editions said of earlier years, [{"name",
      "fiscal_year", "before", "now", …, "kind", "reason"}], see
      reviews.editions.differences.Difference; none of an indicator that has a withheld value.
    - `withheld`: [{"listing": place, "fiscal_year"}], the values that are left out.
    """
    file = edition.files.filter(kind=PUBLIC_JSON).first()
    if file is None:
        raise NoPublicData(str(edition))
    found: Json = json.loads(bytes(file.content))
    return found


def public_contents(
    tree: StrategyTree, data: Mapping[str, Any], differences: Sequence[Json]
) -> Json:
    """Return the public parts of an edition's data, without what says which edition it is.

    `tree` is public_tree(confirmed_only(…)), `data` was made of it, and `differences` are all that
    the edition has.
    """
    withheld = _withheld(tree)
    told_by_grade = {one.place for one in tree.parts if hides_grade(one)}
    public = {name: data[name] for name in PUBLIC_PARTS if name in data}
    public["measure_reviews"] = [
        _measure_review(
            review,
            {one["listing"] for one in withheld},
            grade_is_hidden=review["measure"] in told_by_grade,
        )
        for review in data["measure_reviews"]
    ]
    public["councils"] = [_council(held) for held in data["councils"]]
    public |= {
        "format": 1,
        "code": tree.code,
        "title": tree.title,
        "city": tree.city,
        "city_code": tree.city_code,
        "invented": tree.invented,
        "fiscal_year": tree.fiscal_year,
        "counts": _counts(tree),
        "withheld": withheld,
    }
    return public | {"differences": _differences(differences, tree)}


def _measure_review(
    review: Mapping[str, Any], withheld: set[str], *, grade_is_hidden: bool
) -> Json:
    kept = {name: text for name, text in review.items() if name != "proposed_grade"}
    if grade_is_hidden:
        kept |= {"grade": "", "grade_reason": ""}
    return kept | {
        "kpis": [one for one in review["kpis"] if one["kpi"] not in withheld],
        "grade_withheld": grade_is_hidden,
    }


def hides_grade(part: MeasureNode) -> bool:
    """Return whether the grade of a measure of a public tree would reveal a withheld judgement."""
    return any(map(_is_withheld, part.kpis))


def _is_withheld(kpi: ListingNode) -> bool:
    """Return whether the value or the judgement of the tree's year is withheld."""
    actual = kpi.indicator.actuals.get(kpi.fiscal_year)
    return kpi.is_withheld or (actual is not None and actual.withheld)


def grade_label(review: Mapping[str, Any]) -> str:
    """Return the grade in an edition's data as people read it: 秘匿 where it is left out."""
    return WITHHELD_LABEL if review.get("grade_withheld") else review["grade"] or ""


def _council(held: Mapping[str, Any]) -> Json:
    """Return a meeting with the number of its members by field, in the order of the fields."""
    fields: dict[str, Json] = {}
    for member in held["members"]:
        one = fields.setdefault(
            member["field"], {"field": member["field"], "members": 0, "attended": 0}
        )
        one["members"] += 1
        one["attended"] += int(member["attended"])
    kept = {name: said for name, said in held.items() if name not in ("members", "minutes")}
    return kept | {"fields": list(fields.values())}


def _withheld(tree: StrategyTree) -> list[Json]:
    return [
        {"listing": listing.place, "fiscal_year": year}
        for listing in tree.listings
        for year, actual in sorted(listing.indicator.actuals.items())
        if actual.withheld
    ]


def _differences(differences: Sequence[Json], tree: StrategyTree) -> list[Json]:
    """Return the differences of indicators without a withheld value: others might reveal it.

    No earlier edition has one either.
    """
    hidden = {
        listing.indicator.code
        for listing in tree.listings
        if any(actual.withheld for actual in listing.indicator.actuals.values())
    }
    return [
        one for one in differences if one["indicator"] not in hidden and not one.get("withheld")
    ]


def _counts(tree: StrategyTree) -> Json:
    projects = count_projects(tree.projects)
    return {
        "plan": _count(tree.listings, tree),
        "goals": {str(goal.position): _count(goal.listings, tree) for goal in tree.goals},
        "measures": {one.place: _count(one.kpis, tree) for one in tree.measures},
        "projects": {
            "total": projects.total,
            "distinct": projects.distinct,
            "relisted": projects.relisted,
        },
    }


def _count(listings: Sequence[ListingNode], tree: StrategyTree) -> Json:
    count, bands = count_listings(listings), count_by_band(listings, tree.scale)
    withheld = sum(one.is_withheld and not one.is_monitor for one in listings)
    sentence = progress_sentence(count, bands)
    if withheld:
        sentence += f"このうち{withheld}件は、人数が少ないため公表しません。"
    return {
        "total": count.total,
        "distinct": count.distinct,
        "relisted": count.relisted,
        "monitors": count.monitors,
        "withheld": withheld,
        "bands": [
            {
                "band": band.band,
                "mark": band.mark,
                "name": band.name,
                "total": band.count.total,
                "labels": [list(label) for label in band.labels],
            }
            for band in bands
        ],
        "sentence": sentence,
    }
