"""Searches the rows of history: the conditions, and the query that finds the rows.

Each model has a history table of its own. `find` combines the tables in one query that returns
only the places of rows, newest first, so that the database does the counting and paging.
changes/past_changes.py reads the rows at these places.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, reduce
from operator import or_
from typing import Any, cast

from django.db.models import (
    CharField,
    Exists,
    Max,
    Model,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
    Value,
    Window,
)
from django.db.models.lookups import IsNull

from accounts.models import Section, SectionFormerName, SectionSuccession
from goals.models import (
    BasicGoal,
    Grant,
    NumericTarget,
    NumericTargetOutlook,
    NumericTargetVersion,
    NumericTargetYear,
    Revision,
    Strategy,
)
from indicators.entries import CONTENT_FIELDS
from indicators.models import Actual, EarlyRemarks, Evidence, FiscalYear, Indicator, PastDuty
from indicators.plan_states import PlanState
from indicators.rules.narrowing_types import given
from kpis.models import KPI, KPIOutlook, KPIVersion, KPIYear
from measures.models import Measure, MeasureGroup, Project
from trail.history import ADDED, CHANGED, DELETED, end_of, history_of


class HistoryKind(TextChoices):
    """The kind of change that a row of history records."""

    ENTERED = "entered", "実績値の登録"
    CORRECTED = "corrected", "実績値の変更"
    MOVED = "moved", "状態の変更"
    TAKEN_BACK = "taken_back", "実績値の取消し"
    INDICATOR = "indicator", "指標の変更"
    READING = "reading", "目標と読み方の変更"
    PLAN = "plan", "計画の変更"
    EVIDENCE = "evidence", "根拠資料の添付・取下げ"
    REMARKS = "remarks", "未入力の備考"
    OFFICE = "office", "年度・担当課の変更"
    REVIEW = "review", "評価・有識者会議・検証調書"


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """The conditions for changes; those not given are ignored.

    - `person`: a user's id; NOBODY finds changes by unknown people.
    - `section`: is or was responsible for the indicator, or enters or entered it; or answers for
      what else the row is about, or did.
    - `indicators`: what belongs to these indicators; with `named`, also what belongs to these
      measures, projects, goals and 交付金, by model.
    - `fiscal_year`: the year of the value, or the year that the row is about. The days are
      those of the change.
    - `after_confirmation`: changes to values that had been confirmed before.
    - `plan`: the code of a strategy. Finds changes to the strategy, to its listings, to the
      indicators that it lists or listed, and to its years.
    - `with_drafts`: also finds changes to plans that are 作成中 and to their parts.
    """

    person: int | None = None
    section: int | None = None
    indicators: frozenset[int] | None = None
    named: Mapping[type[Model], frozenset[int]] = field(default_factory=dict)
    kind: str = ""
    door: str = ""
    since: date | None = None
    until: date | None = None
    fiscal_year: int | None = None
    after_confirmation: bool = False
    plan: str = ""
    with_drafts: bool = False

    @cached_property
    def parents(self) -> dict[type[Model], tuple[str, QuerySet]]:
        """How rows refer to the plan: a field of each model, and the ids that match.

        The ids are subqueries, shared by the queries of all tables.
        """
        return _parents(_ids_of(Strategy, code=self.plan))

    @cached_property
    def of_section(self) -> "Found":
        """What `section` answers for or did, by model."""
        return _of_a_section(given(self.section))

    @cached_property
    def drafts(self) -> dict[type[Model], tuple[str, QuerySet]]:
        """How rows refer to plans that are 作成中, or were so when they were deleted.

        {} where there is none: to leave out nothing took half of the time of the whole query.
        """
        later = Strategy.history.filter(id=OuterRef("id"), history_id__gt=OuterRef("history_id"))
        drafts = Strategy.history.filter(~Exists(later), state=PlanState.DRAFT).order_by()
        return _parents(drafts.values("id")) if drafts.exists() else {}


def _parents(plans: QuerySet) -> dict[type[Model], tuple[str, QuerySet]]:
    """Return the field by which rows of each model refer to plans, and the ids that match."""
    goals = _ids_of(BasicGoal, strategy_id__in=plans)
    groups = _ids_of(MeasureGroup, goal_id__in=goals)
    measures = _ids_of(Measure, group_id__in=groups)
    parents: dict[type[Model], tuple[str, QuerySet]] = {
        Strategy: ("id", plans),
        BasicGoal: ("strategy_id", plans),
        Revision: ("strategy_id", plans),
        Grant: ("strategy_id", plans),
        MeasureGroup: ("goal_id", goals),
        Measure: ("group_id", groups),
        Project: ("measure_id", measures),
        NumericTarget: ("goal_id", goals),
        KPI: ("measure_id", measures),
        **dict.fromkeys(
            (NumericTargetYear, NumericTargetOutlook, NumericTargetVersion),
            ("listing_id", _ids_of(NumericTarget, goal_id__in=goals)),
        ),
        **dict.fromkeys(
            (KPIYear, KPIOutlook, KPIVersion), ("listing_id", _ids_of(KPI, measure_id__in=measures))
        ),
    }
    for model in _ABOVE:
        _add_parent(parents, model, plans)
    return parents


def _add_parent(
    parents: dict[type[Model], tuple[str, QuerySet]], model: type[Model], plans: QuerySet
) -> None:
    """Add how rows of a model of an app above refer to plans, by the path that the model names."""
    field = cast(Any, model).plan_path.partition("__")[0]
    parent = cast(type[Model], model._meta.get_field(field).related_model)
    if parent is Strategy:
        ids = plans
    else:
        if parent not in parents:
            _add_parent(parents, parent, plans)
        of_parent, found = parents[parent]
        manager = history_of(parent) if hasattr(parent, "history") else parent._base_manager
        ids = manager.filter(**{f"{of_parent}__in": found}).order_by().values("id")
    parents[model] = (f"{field}_id", ids)


Found = Mapping[type[Model], Collection[int] | QuerySet]
"""Ids of objects by model."""

NOBODY = 0
"""`Conditions.person` for changes by unknown people, mostly commands."""


@dataclass(frozen=True)
class Source:
    """A model with history: the kind of its changes, and how its rows refer to other objects.

    `kind` is None for values, whose kind depends on what changed. `indicator`, `fiscal_year` and
    `section` are columns, or "". With `listing`, a row refers to its indicator through a listing.
    `fiscal_year` may be the column of what the row refers to: council__fiscal_year_id. `about` are
    the columns of the measures, projects, listings … that the row is about.
    """

    model: type[Model]
    kind: HistoryKind | None
    indicator: str = ""
    fiscal_year: str = ""
    listing: type[Model] | None = None
    section: str = ""
    about: tuple[str, ...] = ()

    @property
    def has_subject(self) -> bool:
        """Whether its rows are about something that has a name to search for."""
        return bool(self.indicator or self.listing or self.about)


SOURCES = {
    source.model._meta.label_lower: source
    for source in (
        Source(Actual, None, indicator="indicator_id", fiscal_year="fiscal_year_id"),
        Source(Indicator, HistoryKind.INDICATOR, indicator="id"),
        Source(PastDuty, HistoryKind.INDICATOR, indicator="indicator_id"),
        Source(NumericTarget, HistoryKind.READING, indicator="indicator_id"),
        Source(KPI, HistoryKind.READING, indicator="indicator_id"),
        Source(
            NumericTargetYear, HistoryKind.READING, fiscal_year="fiscal_year", listing=NumericTarget
        ),
        Source(KPIYear, HistoryKind.READING, fiscal_year="fiscal_year", listing=KPI),
        Source(
            NumericTargetOutlook,
            HistoryKind.READING,
            fiscal_year="fiscal_year",
            listing=NumericTarget,
        ),
        Source(KPIOutlook, HistoryKind.READING, fiscal_year="fiscal_year", listing=KPI),
        Source(NumericTargetVersion, HistoryKind.READING, listing=NumericTarget),
        Source(KPIVersion, HistoryKind.READING, listing=KPI),
        Source(
            Evidence, HistoryKind.EVIDENCE, indicator="indicator_id", fiscal_year="fiscal_year_id"
        ),
        Source(
            EarlyRemarks,
            HistoryKind.REMARKS,
            indicator="indicator_id",
            fiscal_year="fiscal_year_id",
        ),
        Source(Strategy, HistoryKind.PLAN),
        Source(Revision, HistoryKind.PLAN),
        Source(Grant, HistoryKind.PLAN, about=("id",)),
        Source(BasicGoal, HistoryKind.PLAN, about=("id",)),
        Source(MeasureGroup, HistoryKind.PLAN, about=("id",)),
        Source(Measure, HistoryKind.PLAN, about=("id",)),
        Source(Project, HistoryKind.PLAN, about=("id",)),
        Source(FiscalYear, HistoryKind.OFFICE, fiscal_year="year"),
        Source(Section, HistoryKind.OFFICE, section="id"),
        Source(SectionFormerName, HistoryKind.OFFICE, section="section_id"),
        Source(SectionSuccession, HistoryKind.OFFICE, section="section_id"),
    )
}


_ABOVE: list[type[Model]] = []


def register_source(source: Source) -> None:
    """Have the register search the history of a model of an app above, which has a `plan_path`."""
    SOURCES[source.model._meta.label_lower] = source
    _ABOVE.append(source.model)


_REACHED = Window(Max("history_date"), order_by="history_id")
"""The latest time in a table up to a row: unlike the times of rows, it never runs backwards."""


def find(conditions: Conditions) -> QuerySet:
    """Return the places (model label, history_id) of the matching rows, newest first.

    Rows of one table are in the order of writing, even if the server's clock was set back: a row
    takes its place by the latest time written until then. Only between tables, which have no order
    of writing in common, that time alone decides.
    """
    places = [
        rows.order_by()
        .annotate(table=Value(label, output_field=CharField()), reached=_REACHED)
        .values_list("table", "history_id", "reached")
        for label, source in SOURCES.items()
        for rows in _rows(source, conditions)
    ]
    if not places:
        return Actual.history.none()
    # Rows of the same time are in reverse order of writing.
    newest_first = ("-reached", "table", "-history_id")
    return places[0].union(*places[1:], all=True).order_by(*newest_first)


def of_value(indicator_id: int, fiscal_year: int, until: date | None = None) -> QuerySet:
    """Return the places of all rows of one value, newest first, including withdrawn ones.

    `until` is the last day to include; None means all days.
    """
    rows = Actual.history.filter(indicator_id=indicator_id, fiscal_year_id=fiscal_year)
    if until is not None:
        rows = rows.filter(history_date__lt=end_of(until))
    return (
        rows.annotate(table=Value(Actual._meta.label_lower, output_field=CharField()))
        .order_by("-history_id")
        .values_list("table", "history_id", "history_date")
    )


def only_state_changed() -> Q:
    """Return the condition that a row of a value has the same content as its previous version."""
    same = Q()
    for name in CONTENT_FIELDS:
        # In SQL, NULL does not equal NULL.
        same &= Q(**{name: OuterRef(name)}) | (
            Q(**{f"{name}__isnull": True}) & Q(IsNull(OuterRef(name), True))
        )
    before = Actual.history.filter(same, id=OuterRef("id"), version=OuterRef("version") - 1)
    return Q(Exists(before), history_type=CHANGED)


def last_confirmed() -> QuerySet:
    """Return a subquery: the earlier rows that confirmed the outer row's value, newest first.

    It is not limited to the previous row. Somebody who first changes a remark and then the value
    changes what was confirmed, and so does somebody who withdraws a value and enters another.
    """
    return (
        Actual.history.filter(
            indicator_id=OuterRef("indicator_id"),
            fiscal_year_id=OuterRef("fiscal_year_id"),
            history_id__lt=OuterRef("history_id"),
            state=Actual.State.CONFIRMED,
        )
        .exclude(history_type=DELETED)
        .order_by("-history_id")
    )


def _rows(source: Source, conditions: Conditions) -> Iterator[QuerySet]:
    """Yield the matching rows of one model; nothing if none can match."""
    rows = _of_kind(source, conditions)
    for restrict in (_without_drafts, _of_plan, _of_indicators, _of_section, _of_fiscal_year):
        if rows is not None:
            rows = restrict(rows, source, conditions)
    if rows is None:
        return
    if conditions.person is not None:
        rows = rows.filter(history_user_id=conditions.person or None)
    if conditions.door:
        rows = rows.filter(door=conditions.door)
    if conditions.since:
        rows = rows.filter(history_date__gte=end_of(conditions.since - timedelta(days=1)))
    if conditions.until:
        rows = rows.filter(history_date__lt=end_of(conditions.until))
    yield rows


def _of_kind(source: Source, conditions: Conditions) -> QuerySet | None:
    kind, rows = conditions.kind, history_of(source.model).all()
    if source.kind is not None:
        fits = kind in ("", source.kind) and not conditions.after_confirmation
        return rows if fits else None
    if conditions.after_confirmation:
        rows = rows.filter(~only_state_changed(), Exists(last_confirmed()))
    if not kind:
        return rows
    if kind not in VALUE_KINDS:
        return None
    rows = rows.filter(history_type=VALUE_KINDS[kind])
    if kind == HistoryKind.MOVED:
        return rows.filter(only_state_changed())
    return rows.filter(~only_state_changed()) if kind == HistoryKind.CORRECTED else rows


VALUE_KINDS: dict[str, str] = {
    HistoryKind.ENTERED: ADDED,
    HistoryKind.CORRECTED: CHANGED,
    HistoryKind.MOVED: CHANGED,
    HistoryKind.TAKEN_BACK: DELETED,
}


def _of_plan(rows: QuerySet, source: Source, conditions: Conditions) -> QuerySet | None:
    if not conditions.plan:
        return rows
    parents = conditions.parents
    if source.model in parents:
        field, ids = parents[source.model]
        return rows.filter(**{f"{field}__in": ids})
    if source.model is FiscalYear:
        years = Strategy.objects.filter(
            code=conditions.plan,
            first_fiscal_year__lte=OuterRef("year"),
            last_fiscal_year__gte=OuterRef("year"),
        )
        return rows.filter(Exists(years))
    if not source.indicator:
        return None
    listed = Q()
    for model in (NumericTarget, KPI):
        field, ids = parents[model]
        of_model = model.history.filter(**{f"{field}__in": ids}).order_by()
        listed |= Q(**{f"{source.indicator}__in": of_model.values("indicator_id")})
    return rows.filter(listed)


def _without_drafts(rows: QuerySet, source: Source, conditions: Conditions) -> QuerySet:
    if conditions.with_drafts or source.model not in conditions.drafts:
        return rows
    field, ids = conditions.drafts[source.model]
    return rows.exclude(**{f"{field}__in": ids})


def _ids_of(model: type[Model], **conditions: object) -> QuerySet:
    """Return the ids of objects that meet the conditions now or did in the past."""
    return history_of(model).filter(**conditions).order_by().values("id")


def _of_indicators(rows: QuerySet, source: Source, conditions: Conditions) -> QuerySet | None:
    if conditions.indicators is None:
        return rows
    found = {**_listed(conditions.indicators), **conditions.named}
    return _leading_to(rows, source, found) if source.has_subject else None


def _of_section(rows: QuerySet, source: Source, conditions: Conditions) -> QuerySet | None:
    section = conditions.section
    if section is None:
        return rows
    if source.section and not source.about:
        return rows.filter(**{source.section: section})
    if not source.has_subject:
        return None
    own = Q(**{source.section: section}) if source.section else Q()
    return _leading_to(rows, source, conditions.of_section, own)


def _of_a_section(section: int) -> Found:
    """Return what a section answers for or did: a measure through its KPIs and its projects."""
    concerned = Q(section_id=section) | Q(entered_by_id=section)
    ever = Indicator.history.filter(concerned).order_by().values("id")
    earlier = PastDuty.history.filter(concerned).order_by().values("indicator_id")
    found = _listed(ever.union(earlier))
    projects = Project.history.filter(section_id=section).order_by()
    of_kpis = KPI.history.filter(id__in=found[KPI]).order_by().values("measure_id")
    return {
        **found,
        Project: projects.values("id"),
        Measure: of_kpis.union(projects.values("measure_id")),
    }


def _listed(indicators: Collection[int] | QuerySet) -> Found:
    """Return these indicators with the ids of their listings."""
    return {
        Indicator: indicators,
        **{one: _ids_of(one, indicator_id__in=indicators) for one in (NumericTarget, KPI)},
    }


def _leading_to(rows: QuerySet, source: Source, found: Found, or_else: Q | None = None) -> QuerySet:
    """Return the rows that refer to any of the objects found; `or_else` are further ones."""
    ways = [or_else] if or_else else []
    if source.indicator:
        ways.append(Q(**{f"{source.indicator}__in": found[Indicator]}))
    if source.listing:
        ways.append(Q(listing_id__in=found[source.listing]))
    for column in source.about:
        target = _target(source.model, column)
        if target in found:
            ways.append(Q(**{f"{column}__in": found[target]}))
    if not ways:
        return rows.none()
    return rows.filter(reduce(or_, ways))


def _target(model: type[Model], column: str) -> type[Model]:
    """Return the model whose ids a column has."""
    if column == "id":
        return model
    return cast(type[Model], model._meta.get_field(column.removesuffix("_id")).related_model)


def _of_fiscal_year(rows: QuerySet, source: Source, conditions: Conditions) -> QuerySet | None:
    if conditions.fiscal_year is None:
        return rows
    if not source.fiscal_year:
        return None
    parent, _, column = source.fiscal_year.rpartition("__")
    if not parent:
        return rows.filter(**{column: conditions.fiscal_year})
    # Through history, where there is one: what the row refers to may be gone.
    model = _target(source.model, parent)
    manager = history_of(model) if hasattr(model, "history") else model._base_manager
    of_year = manager.filter(**{column: conditions.fiscal_year}).order_by().values("id")
    return rows.filter(**{f"{parent}_id__in": of_year})


def beyond(conditions: Conditions) -> list[str]:
    """Return the names of the records that lack what the conditions ask for and are left out.

    Those are records of the kind asked for that have no year, section or subject to search for.
    """

    def lacks(source: Source) -> bool:
        return (
            (conditions.fiscal_year is not None and not source.fiscal_year)
            or (conditions.indicators is not None and not source.has_subject)
            or (conditions.section is not None and not (source.section or source.has_subject))
        )

    return [
        str(source.model._meta.verbose_name)
        for source in SOURCES.values()
        if source.kind is not None
        and conditions.kind in ("", source.kind)
        and not conditions.after_confirmation
        and lacks(source)
    ]
