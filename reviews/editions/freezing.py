"""検証調書: everything that a year says, frozen as data and files.

`fix` stores the edition. What it contains besides the evaluations of this app is registered by the
apps above (`register_part`, `register_file`): reports make the plan as JSON and the workbook.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from goals.models import BasicGoal, NumericTarget, Strategy
from indicators.models import FiscalYear
from indicators.plan_states import PlanState
from japanese.fiscal_years import era_label, full_label
from measures.models import Measure
from plans.nodes import StrategyTree
from reviews.council.meetings import goal_ids
from reviews.duties import measure_ids
from reviews.editions.confirmed import confirmed_only
from reviews.editions.differences import Difference
from reviews.editions.editions_of_plan import VALUE, ends_entry, fixed_plans
from reviews.editions.open_matters import left_open_as_json
from reviews.editions.public_data import public_contents
from reviews.editions.withholding import public_tree
from reviews.grants.of_year import grants_of_year
from reviews.models import (
    Council,
    Edition,
    EditionFile,
    EditionSeal,
    GoalReview,
    GrantReview,
    MeasureReview,
    Opinion,
    ProjectYear,
    State,
)
from reviews.recording import ReviewError, ReviewProblem

Json = dict[str, Any]

_PARTS: dict[str, Callable[[StrategyTree], Any]] = {}
_FILES: dict[str, "_File"] = {}


@dataclass(frozen=True)
class Frozen:
    """What is known of an edition when its files are made.

    `data` is what `text` says; of public files both are the public data
    (reviews/editions/public_data.py).
    """

    number: int
    decided_on: date
    document_number: str
    fixed_at: Any
    text: str
    sha256: str
    data: Json


@dataclass(frozen=True)
class _File:
    content_type: str
    make: Callable[[StrategyTree, Frozen], bytes]
    path: str
    public_name: str


def register_part(name: str, make: Callable[[StrategyTree], Any]) -> None:
    """Have `make` return a part of the data of each edition, from the confirmed tree."""
    _PARTS[name] = make


def register_file(
    kind: str, content_type: str, make: Callable[[StrategyTree, Frozen], bytes]
) -> None:
    """Have `make` return the bytes of a file of each edition; `kind` is the file's ending."""
    _FILES[kind] = _File(content_type, make, f"edition.{kind}", "")


def register_public_file(
    kind: str,
    names: tuple[str, str],
    content_type: str,
    make: Callable[[StrategyTree, Frozen], bytes],
) -> None:
    """Have `make` return the bytes of a public file of each edition.

    It gets the tree and the data as the public may see them. `names` are its path among the public
    files (data.csv) and what people see (データ.csv); `kind` has 10 letters at most.
    """
    path, name = names
    _FILES[kind] = _File(content_type, make, path, name)


def edition_content_type(kind: str) -> str:
    """Return the content type of a file of an edition."""
    return _FILES[kind].content_type


def edition_path(kind: str) -> str:
    """Return the name of a file of an edition in addresses: edition.xlsx, data.csv."""
    return _FILES[kind].path


def public_kinds() -> tuple[str, ...]:
    """Return the kinds of the public files of an edition, in the order in which they are shown.

    `edition_path` has their names for addresses: datapackage.json names them so.
    """
    return tuple(kind for kind, file in _FILES.items() if file.public_name)


def public_name(kind: str) -> str:
    """Return what people see as the name of a public file: データ.csv."""
    return _FILES[kind].public_name


@dataclass(frozen=True)
class Decision:
    """What planning says when it fixes a year.

    `left_open` has what was open then by kind (heading and names), with the reason to fix the year
    anyway, `differences` what it says differently of earlier years than the editions before.
    """

    decided_on: date
    document_number: str
    by: Any
    left_open: tuple[tuple[str, tuple[str, ...]], ...] = ()
    reason: str = ""
    differences: tuple[Difference, ...] = ()


def fix(tree: StrategyTree, year: FiscalYear, decision: Decision) -> Edition:
    """Store the edition of the tree's year with its files and return it; entry of the year ends.

    `tree` has the words for readers, whoever asks. Raises ReviewError if the year is fixed already,
    the plan is a draft, or a value that was published waits for confirmation.
    """
    with transaction.atomic():
        strategy = Strategy.objects.select_for_update().get(code=tree.code)
        if strategy.state == PlanState.DRAFT:
            message = (
                f"「{strategy}」は作成中の計画なので、確定できません。"
                "計画を実施中にしてから、確定してください。"
            )
            raise ReviewError([ReviewProblem(0, "", message)])
        if strategy.pk in fixed_plans(year.pk):
            message = f"{full_label(year.pk)}の検証調書は、もう確定しています。"
            raise ReviewError([ReviewProblem(0, "", message)])
        if message := why_not_yet(tree, decision.differences):
            raise ReviewError([ReviewProblem(0, "", message)])
        confirmed = confirmed_only(tree)
        left_open = left_open_as_json(decision.left_open, decision.reason)
        differences = [one.as_json() for one in decision.differences]
        decided = {"left_open": left_open, "differences": differences}
        reviewed = reviews_of_year(confirmed, strategy, year)
        last = strategy.editions.order_by("-number").first()
        number = last.number + 1 if last else 1
        # The digests distinguish two editions with the same content, one of them withdrawn.
        named = _named(number, decision.decided_on, decision.document_number)
        data = contents(confirmed, reviewed) | decided | named
        text = canonical(data)
        frozen = Frozen(
            number=number,
            decided_on=decision.decided_on,
            document_number=decision.document_number,
            fixed_at=timezone.now(),
            text=text,
            sha256=digest(text.encode()),
            data=data,
        )
        edition = Edition.objects.create(
            strategy=strategy,
            fiscal_year=year,
            number=frozen.number,
            decided_on=decision.decided_on,
            document_number=decision.document_number,
            data=text,
            sha256=frozen.sha256,
            fixed_by=decision.by,
            fixed_at=frozen.fixed_at,
        )
        _store_files(edition, (confirmed, frozen), _public(confirmed, reviewed, frozen))
        EditionSeal.objects.create(edition=edition)
        _end_entry(year, strategy)
        return edition


def why_not_yet(tree: StrategyTree, differences: Sequence[Difference]) -> str:
    """Return which published values wait for confirmation, so that no year can be fixed; or ""."""
    waiting = _unconfirmed(tree, differences)
    if not waiting:
        return ""
    return (
        f"前の号で公表した{'、'.join(waiting)}は、変更がまだ確認されていません。"
        "確認してから、確定してください。"
    )


def _unconfirmed(tree: StrategyTree, differences: Sequence[Difference]) -> list[str]:
    """Return the values that earlier editions published and that wait for confirmation now.

    The edition would leave them out, as if they had never been known.
    """
    gone = {
        (one.changed.indicator, one.changed.fiscal_year)
        for one in differences
        if one.changed.what == VALUE and one.changed.before and not one.changed.now
    }
    return [
        f"「{listing.name_alone}」（{era_label(year)}）"
        for listing in tree.listings
        for year, actual in listing.indicator.actuals.items()
        if (listing.indicator.code, year) in gone
        and listing.first_listing
        and not actual.is_confirmed
    ]


def _end_entry(year: FiscalYear, strategy: Strategy) -> None:
    """End the entry of a fixed year: sections are not asked for it any more."""
    current = FiscalYear.objects.select_for_update().get(pk=year.pk)
    if ends_entry(current, strategy.code):
        current.entry_is_open = False
        current.save(update_fields=["entry_is_open"])


def _store_files(
    edition: Edition,
    inside: tuple[StrategyTree, Frozen],
    public: tuple[StrategyTree, Frozen],
) -> None:
    tree, frozen = inside
    title = f"{tree.title}_{full_label(tree.fiscal_year)}_検証調書_第{frozen.number}号"
    files = []
    for kind, file in _FILES.items():
        content = file.make(*(public if file.public_name else inside))
        name = f"{title}_公表用_{file.public_name}" if file.public_name else f"{title}.{kind}"
        files.append(
            EditionFile(
                edition=edition, kind=kind, name=name, content=content, sha256=digest(content)
            )
        )
    EditionFile.objects.bulk_create(files)


def _public(confirmed: StrategyTree, reviewed: Json, frozen: Frozen) -> tuple[StrategyTree, Frozen]:
    """Return the tree and the data as the public may see them."""
    tree = public_tree(confirmed)
    data = public_contents(tree, contents(tree, reviewed), frozen.data["differences"])
    data |= _named(frozen.number, frozen.decided_on, frozen.document_number)
    data["sha256"] = digest(canonical(data).encode())
    return tree, replace(frozen, text=canonical(data), sha256=data["sha256"], data=data)


def _named(number: int, decided_on: date, document_number: str) -> Json:
    """Return which edition data are of."""
    return {
        "number": number,
        "decided_on": decided_on.isoformat(),
        "document_number": document_number,
    }


def canonical(data: Json) -> str:
    """Return JSON with sorted keys and no spaces: the same data give the same bytes."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal digits."""
    return sha256(content).hexdigest()


def said_of_plan(tree: StrategyTree) -> Json:
    """Return what an edition of a year would say of the plan; `tree` has confirmed values only."""
    parts = {name: make(tree) for name, make in _PARTS.items()}
    return {"fiscal_year": tree.fiscal_year, **parts}


def contents(tree: StrategyTree, reviewed: Json) -> Json:
    """Return everything that an edition of a year says. `tree` has confirmed values only.

    Nobody's name is in it, except those of the members of the council.
    """
    return {"format": 1, **said_of_plan(tree), **reviewed}


def reviews_of_year(tree: StrategyTree, strategy: Strategy, year: FiscalYear) -> Json:
    """Return what was written of a year, apart from its values."""
    return {
        "measure_reviews": _measure_reviews(tree, year),
        "project_years": _project_years(tree, year),
        "councils": _councils(strategy, year),
        "goal_reviews": _goal_reviews(tree, year),
        "grant_reviews": _grant_reviews(strategy, year),
    }


def _measure_reviews(tree: StrategyTree, year: FiscalYear) -> list[Json]:
    places = {pk: place for place, pk in measure_ids(tree.code).items()}
    rows = MeasureReview.objects.filter(
        measure__in=places, fiscal_year=year, state=State.CONFIRMED
    ).prefetch_related("kpi_reviews")
    kpis = {kpi.pk: kpi for measure in tree.measures for kpi in measure.kpis}
    written = []
    for row in rows:
        names = (
            "results", "causes", "issues", "grade", "proposed_grade", "grade_reason", "policy",
            "policy_reason", "budget", "decision",
        )  # fmt: skip
        written.append(
            {
                "measure": places[row.measure_id],
                **{name: getattr(row, name) for name in names},
                "decided_on": _day(row.decided_on),
                "kpis": [
                    {
                        "kpi": kpis[one.kpi_id].place,
                        "comment": one.comment,
                        "outlook": one.outlook,
                    }
                    for one in row.kpi_reviews.all()
                    if one.kpi_id in kpis
                ],
            }
        )
    return sorted(written, key=lambda one: one["measure"])


def _project_years(tree: StrategyTree, year: FiscalYear) -> list[Json]:
    places = {one.pk: one.place for one in tree.projects}
    rows = ProjectYear.objects.filter(
        project__in=places, fiscal_year=year, state=State.CONFIRMED
    ).select_related("section", "grant")
    names = (
        "done", "output", "outcome", "issues", "budget", "settlement", "national", "prefectural",
        "bonds", "other_funds", "general", "policy", "ends_in",
    )  # fmt: skip
    written = [
        {
            "project": places[row.project_id],
            "section": row.section.name if row.section else None,
            "grant": row.grant.name if row.grant else None,
            **{name: getattr(row, name) for name in names},
        }
        for row in rows
    ]
    return sorted(written, key=lambda one: one["project"])


def _councils(strategy: Strategy, year: FiscalYear) -> list[Json]:
    rows = Council.objects.filter(strategy=strategy, fiscal_year=year)
    opinions = Opinion.objects.select_related(
        "section",
        "goal__strategy",
        "measure__group__goal__strategy",
        "numeric_target__goal__strategy",
        "kpi__measure__group__goal__strategy",
        "project__measure__group__goal__strategy",
    )
    return [
        {
            "number": row.number,
            "name": row.name,
            "held_on": _day(row.held_on),
            "place": row.place,
            "minutes": row.minutes,
            "members": [
                {
                    "name": one.name,
                    "post": one.post,
                    "field": one.field,
                    "attended": one.attended,
                }
                for one in row.members.all()
            ],
            "opinions": [
                {
                    "number": one.number,
                    "field": one.field,
                    "about": str(one.about),
                    "goal": _goal_of(one.about).position,
                    "text": one.text,
                    "answer": one.answer,
                    "response": one.response,
                    "section": one.section.name if one.section else None,
                    "due_on": _day(one.due_on),
                    "outcome": one.outcome,
                }
                for one in row.opinions.all()
            ],
        }
        for row in rows.prefetch_related("members", Prefetch("opinions", opinions))
    ]


def _goal_of(about: Any) -> BasicGoal:
    """Return the goal of what an opinion is about."""
    match about:
        case BasicGoal():
            return about
        case Measure():
            return about.group.goal
        case NumericTarget():
            return about.goal
    goal: BasicGoal = about.measure.group.goal
    return goal


def _goal_reviews(tree: StrategyTree, year: FiscalYear) -> list[Json]:
    positions = {pk: position for position, pk in goal_ids(tree.code).items()}
    rows = GoalReview.objects.filter(goal__in=positions, fiscal_year=year)
    written = [
        {"goal": positions[row.goal_id], "verdict": row.verdict, "summary": row.summary}
        for row in rows
    ]
    return sorted(written, key=lambda one: one["goal"])


def _grant_reviews(strategy: Strategy, year: FiscalYear) -> list[Json]:
    """Return what is written of each 交付金 of the year; one without a review is there as well."""
    rows = GrantReview.objects.filter(grant__strategy=strategy, fiscal_year=year)
    written = {row.grant_id: row for row in rows.select_related("grant")}
    grants = {grant.pk: grant for grant in grants_of_year(strategy.code, year.pk)}
    grants |= {pk: row.grant for pk, row in written.items()}
    found = []
    for grant in sorted(grants.values(), key=lambda one: one.number):
        row = written.get(grant.pk, GrantReview())
        found.append(
            {
                "grant": grant.name,
                "kind": grant.kind,
                "amount": row.amount,
                "effect": row.effect,
                "effect_reason": row.effect_reason,
                "policy": row.policy,
                "policy_reason": row.policy_reason,
                "opinion": row.opinion,
                "opinion_on": _day(row.opinion_on),
            }
        )
    return found


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
