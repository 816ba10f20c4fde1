"""The JSON of a strategy (docs/strategy-json.md), from the tree."""

from decimal import Decimal
from typing import Any, cast

from indicators.plan_words import own_words
from indicators.rules.judgement import Assessment
from indicators.rules.outlook import Outlook
from indicators.rules.scales import CHOICES, read_scale
from indicators.rules.terms import BANDS, STANDARD_SCALE, STATUSES, Scale
from japanese.characters import clean
from plans.indicator_json import amount_or_none, indicator_as_json
from plans.nodes import (
    ActualNode,
    CarriedNode,
    GoalOf,
    GroupOf,
    IndicatorNode,
    L,
    ListingNode,
    MeasureOf,
    PlainListing,
    PlainTree,
    ProjectNode,
    RevisionNode,
    StrategyTree,
    Version,
)
from reports.data_description import day_of_data

AnyTree = StrategyTree | PlainTree


def strategy_as_json(tree: AnyTree) -> dict[str, Any]:
    """Return the whole strategy as a dict for json.dumps.

    Positions and years are integers. Amounts are strings with the indicator's decimals (one more
    for expected values), percentages strings with one decimal; never with an exponent. Absent
    values are None, and so are all judgements of a plain tree. A judged tree also has the day and
    the part that the file shows, and the codes of its listings.
    """
    described = {
        "strategy": {
            "code": tree.code,
            "title": tree.title,
            "city": tree.city,
            "city_code": tree.city_code,
            "first_fiscal_year": tree.period.first,
            "last_fiscal_year": tree.period.last,
            "scale": _scale(tree.scale),
            "note": tree.note or None,
            "invented": tree.invented,
            **_words(tree),
            **_grants(tree),
            **_revisions(tree),
        },
        "fiscal_year": tree.fiscal_year if isinstance(tree, StrategyTree) else None,
        **_extent(tree),
        "goals": [_goal(tree, cast(GoalOf[Any], goal)) for goal in tree.goals],
        **_references(tree),
    }
    return cast(dict[str, Any], cleaned_json(described))


def _scale(scale: Scale) -> dict[str, Any]:
    return {
        "on_track": amount_or_none(Decimal(scale.on_track), 1),
        "mostly_on_track": amount_or_none(Decimal(scale.mostly_on_track), 1),
        "slightly_behind": amount_or_none(Decimal(scale.slightly_behind), 1),
        # Use a fixed order: PostgreSQL does not keep the order of a JSON object.
        "labels": {key: scale.labels[key] for key in STATUSES if key in scale.labels},
        "marks": {key: scale.marks[key] for key in (*BANDS, *STATUSES) if key in scale.marks},
        **_choices(scale),
    }


def _choices(scale: Scale) -> dict[str, Any]:
    """Return the choices of a plan that differ from the standard rules."""
    written: dict[str, Any] = {}
    for name in CHOICES:
        value = getattr(scale, name)
        if value != getattr(STANDARD_SCALE, name):
            written[name] = amount_or_none(value, 1) if isinstance(value, Decimal) else value
    return written


def _words(tree: AnyTree) -> dict[str, Any]:
    """Return the words of the plan that are not the standard ones; no key without any."""
    words = own_words(tree.words)
    return {"words": words} if words else {}


def _grants(tree: AnyTree) -> dict[str, Any]:
    """Return the 交付金 of the plan; no key without any."""
    grants = [
        {
            "number": grant.number,
            "name": grant.name,
            "type": grant.kind or None,
            "first_year": grant.first_year,
            "last_year": grant.last_year,
        }
        for grant in tree.grants
    ]
    return {"grants": grants} if grants else {}


def _carried(carried: CarriedNode) -> dict[str, Any]:
    """Return the further attributes of a part of the plan; no key for missing ones."""
    written: dict[str, Any] = {}
    if carried.sdgs:
        written["sdgs"] = list(carried.sdgs)
    if carried.grants:
        written["grants"] = [grant.number for grant in carried.grants]
    if carried.general_plan_code:
        written["general_plan_code"] = carried.general_plan_code
    return written


def _revisions(tree: AnyTree) -> dict[str, Any]:
    """Return the revisions that applied by the tree's year; no key without any."""
    revisions = [
        {
            "number": revision.number,
            "from_year": revision.from_fiscal_year,
            "decided_on": revision.decided_on.isoformat(),
            "decided_by": revision.decided_by,
            "document_number": revision.document_number or None,
            "reason": revision.reason,
            "previous_last_fiscal_year": revision.previous_last_fiscal_year,
            **_previous_scale(revision),
        }
        for revision in tree.revisions
    ]
    return {"revisions": revisions} if revisions else {}


def _previous_scale(revision: RevisionNode) -> dict[str, Any]:
    """Return the rules until a revision; no key where it left them alone."""
    rules = revision.previous_rules
    return {} if rules is None else {"previous_scale": _scale(read_scale(rules))}


def _references(tree: AnyTree) -> dict[str, Any]:
    """Return the indicators that targets are compared with beside those that the plan lists."""
    references = [
        _indicator(one) | {"actuals": _actuals(one)}
        for one in sorted(tree.references, key=lambda one: one.code)
    ]
    return {"references": references} if references else {}


def cleaned_json(content: Any) -> Any:
    """Return content for json.dumps with all its texts clean."""
    if isinstance(content, str):
        return clean(content)
    if isinstance(content, list):
        return [cleaned_json(one) for one in content]
    if isinstance(content, dict):
        return {key: cleaned_json(one) for key, one in content.items()}
    return content


def _extent(tree: AnyTree) -> dict[str, Any]:
    """Return the day and the part of the plan that the file shows.

    A plain tree is a description to load, of no day unless one was asked for.
    """
    if isinstance(tree, StrategyTree):
        return {"as_of": day_of_data(tree).isoformat(), "part": tree.part or None}
    return {"as_of": tree.as_of.isoformat()} if tree.as_of else {}


def _goal(tree: AnyTree, goal: GoalOf[L]) -> dict[str, Any]:
    return {
        "position": goal.position,
        "title": goal.title,
        **({"cross_cutting": True} if goal.is_cross_cutting else {}),
        **_in_time(tree, goal),
        "numeric_targets": [_listing(tree, target) for target in goal.numeric_targets],
        "measure_groups": [
            {
                "symbol": group.symbol,
                "title": group.title,
                **_in_time(tree, group),
                "measures": [_measure(tree, measure) for measure in group.measures],
            }
            for group in goal.groups
        ],
    }


def _measure(tree: AnyTree, measure: MeasureOf[L]) -> dict[str, Any]:
    return {
        "position": measure.position,
        "title": measure.title,
        "kpis": [_listing(tree, kpi) for kpi in measure.kpis],
        "projects": [_project(tree, project) for project in measure.projects],
        **_carried(measure.carried),
        **_in_time(tree, measure),
    }


def _in_time(tree: AnyTree, part: GoalOf[L] | GroupOf[L] | MeasureOf[L]) -> dict[str, Any]:
    """Return from when and until when a part holds, and its titles before the tree's year."""
    written = _years_in_force(tree, part)
    year = tree.fiscal_year if isinstance(tree, StrategyTree) else None
    former = [
        {"last_year": last, "title": part.former_titles[str(last)]}
        for last in sorted(map(int, part.former_titles))
        if year is None or last < year
    ]
    return {**written, "former_titles": former} if former else written


def _years_in_force(
    tree: AnyTree,
    part: GoalOf[L] | GroupOf[L] | MeasureOf[L] | ProjectNode | PlainListing,
) -> dict[str, Any]:
    """Return from when and until when a part holds, each only where a revision says so.

    A judged tree shows its year as it was then: whatever ended later had no end.
    """
    written: dict[str, Any] = {}
    if part.first_year is not None:
        written["first_year"] = part.first_year
    if part.last_year is not None and isinstance(tree, PlainTree):
        written |= {"last_year": part.last_year, "ending_reason": part.ending_reason or None}
    return written


def _project(tree: AnyTree, project: ProjectNode) -> dict[str, Any]:
    home = project.relisted_from
    return {
        "position": project.position,
        "category": project.category,
        "name": project.name,
        "content": project.content or None,
        "implementer": project.implementer or None,
        "relisted_from": home
        and dict(zip(("goal", "group", "measure", "position"), home, strict=True)),
        **({"section": project.section} if project.section else {}),
        **({"budget_item": project.budget_item} if project.budget_item else {}),
        **_carried(project.carried),
        **_years_in_force(tree, project),
    }


def _listing(tree: AnyTree, listing: PlainListing) -> dict[str, Any]:
    places = listing.indicator.decimals
    judged = isinstance(listing, ListingNode)
    return {
        **({"code": tree.code_of(listing)} if judged else {}),
        "position": listing.position,
        **({"part": listing.part} if listing.part else {}),
        "name": listing.name,
        "sentence": listing.sentence,
        "indicator": _indicator(listing.indicator),
        **_reading(listing, places),
        **_carried(listing.carried),
        **_years_in_force(tree, listing),
        **_replacement(tree, listing),
        **_versions(tree, listing),
        "actuals": _actuals(listing.indicator),
        **(
            {"outlook": _outlook(listing.outlook, places)}
            if isinstance(listing, ListingNode)
            else {}
        ),
        "assessment": (
            _assessment(listing.assessment, places) if isinstance(listing, ListingNode) else None
        ),
    }


def _reading(said: Version, places: int) -> dict[str, Any]:
    """Return how the sentence of a listing, or of one of its versions, is read."""
    baseline = None
    if said.baseline is not None:
        baseline = {
            "value": amount_or_none(said.baseline, places),
            "fiscal_year": said.baseline_year,
            "kind": said.baseline_kind,
        }
    return {
        "kind": said.kind,
        "direction": said.direction,
        "target": amount_or_none(said.target, places),
        **({} if said.upper is None else {"upper": amount_or_none(said.upper, places)}),
        **({"relation": said.relation} if said.relation else {}),
        **({"reference": said.reference.code} if said.reference else {}),
        "target_year": said.target_year,
        "baseline": baseline,
        "tolerance": amount_or_none(said.tolerance, places),
        "yearly_targets": {
            str(year): amount_or_none(value, places) for year, value in said.yearly_targets.items()
        },
        "confirmed": said.confirmed_at is not None,
        "doubts": list(said.doubts),
    }


def _replacement(tree: AnyTree, listing: PlainListing) -> dict[str, Any]:
    """Return the place of the listing that took the place of one that ended; {} without."""
    if listing.replaced_by_id is None or not isinstance(tree, PlainTree):
        return {}
    places = (
        other.place
        for other in tree.listings
        if (other.model, other.pk) == (listing.model, listing.replaced_by_id)
    )
    return {"replaced_by": next(places, None)}


def _versions(tree: AnyTree, listing: PlainListing) -> dict[str, Any]:
    """Return the versions of a listing with their first years; no key for a single version."""
    if not listing.versions:
        return {}
    numbers = {revision.from_fiscal_year: revision.number for revision in tree.revisions}
    start = listing.first_year or tree.period.first
    versions = [
        {
            "from_year": version.from_year or start,
            "revision": numbers.get(version.from_year or start),
            "name": version.name,
            "sentence": version.sentence,
            **_reading(version, listing.indicator.decimals),
        }
        for version in listing.versions
    ]
    return {"versions": versions}


def _indicator(indicator: IndicatorNode) -> dict[str, Any]:
    return indicator_as_json(indicator, section=indicator.section, entered_by=indicator.entered_by)


def _actuals(indicator: IndicatorNode) -> dict[str, Any]:
    places = indicator.decimals
    return {str(year): _actual(actual, places) for year, actual in indicator.actuals.items()}


def _actual(actual: ActualNode, places: int) -> dict[str, Any]:
    return {
        "value": amount_or_none(actual.value, places),
        **({"grade": actual.grade} if actual.grade else {}),
        "numerator": amount_or_none(actual.numerator, 0),
        "denominator": amount_or_none(actual.denominator, 0),
        "availability": actual.availability,
        "provisional": actual.provisional,
        "withheld": actual.withheld,
        "state": actual.state,
    }


def _outlook(outlook: Outlook, places: int) -> dict[str, Any] | None:
    if outlook.value is None:
        return None
    return {
        "value": amount_or_none(outlook.value, places + 1),
        "meets_target": outlook.meets_target,
        "explanation": outlook.explanation,
    }


def _assessment(assessment: Assessment, places: int) -> dict[str, Any]:
    return {
        "fiscal_year": assessment.fiscal_year,
        "basis_year": assessment.basis_year,
        "value": amount_or_none(assessment.value, places),
        "expected": amount_or_none(assessment.expected, places + 1),
        "attainment": amount_or_none(assessment.attainment, 1),
        "completion": amount_or_none(assessment.completion, 1),
        "pace": amount_or_none(assessment.pace, 1),
        "judged_by": assessment.judged_by and str(assessment.judged_by),
        "status": str(assessment.status),
        "label": assessment.label,
        "explanation": assessment.explanation,
    }
