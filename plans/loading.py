"""Reads a strategy from the JSON of docs/strategy-json.md into the database.

Everything goes through model validation and leaves history; either the whole file is taken or
nothing. Loading again what is already there as described changes nothing.

A plan has hundreds of objects, so that they are written in bulk, kind by kind, and rules that span
rows are left to the constraints of the database. Only where something is wrong is the file read
again and each object validated and written where the file has it: then each message names a place.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Prefetch
from django.utils import timezone

from accounts.models import Section
from accounts.sections import confused_with
from goals.models import (
    BasicGoal,
    Grant,
    NumericTarget,
    NumericTargetVersion,
    NumericTargetYear,
    Revision,
    Strategy,
)
from indicators.listings import Listing, check_reading, question_about_sums
from indicators.models import Indicator
from indicators.places import in_brackets, place_of
from indicators.plan_states import PlanState
from indicators.plan_words import STANDARD_WORDS, check_words, words_as_json, words_from
from indicators.rules.scales import FLAGS, LAST_YEAR_AND_ABOVE, TERMS, read_scale, scale_data
from indicators.rules.terms import KINDS_WITHOUT_NUMBER, STANDARD_SCALE, TARGET_AWAITED
from indicators.versions import EarlierVersion
from japanese.fiscal_years import full_label
from kpis.models import KPI, KPIVersion, KPIYear
from measures.models import Measure, MeasureGroup, Project, symbol_key
from plans.json_reader import FaultyObject, JsonReader
from trail.clean_records import cleaned_field
from trail.history import Door, changing, create_with_history, update_with_history

READING_FIELDS = (
    "kind", "direction", "target", "upper", "relation", "reference", "target_year", "baseline",
    "baseline_year", "baseline_kind", "tolerance",
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """An object that was created or changed: its place in the file and what changed of it.

    `fields` are the Japanese name, the old and the new value of each changed field; empty for a
    new object.
    """

    place: str
    instance: models.Model
    is_new: bool
    fields: tuple[tuple[str, Any, Any], ...] = ()


@dataclass
class LoadResult:
    """How many objects were created, changed and found as described, and what was left alone.

    `written` are the created and changed ones, `objects` all that the file describes, by model.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    notes: list[str] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    objects: dict[type[models.Model], list[tuple[str, Any]]] = field(default_factory=dict)


class LoadError(Exception):
    """The file was not taken; `problems` says why, each with its place in the file."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def load_strategy(
    data: Any,
    *,
    by: Any = None,
    reason: str = "",
    at: datetime | None = None,
    as_draft: bool = False,
) -> LoadResult:
    """Make the database hold the strategy that `data` (parsed JSON) describes.

    What the file does not name stays; a file without a revision, or a version, of the stored plan
    is refused, as it would change years that are judged already. A reading that a person confirmed
    stays confirmed unless the file reads the sentence differently; the mark 架空の値を含む is never
    taken away. Actuals and assessments in the file are not taken: values come in through
    indicators/recording.py.
    `at` dates the history (None: now). A new strategy is 実施中 or, with `as_draft`, 作成中; a
    known one keeps its state. Raises LoadError, nothing written.
    """
    state = PlanState.DRAFT if as_draft else PlanState.RUNNING
    confirming = {"confirmed_at": at or timezone.now(), "confirmed_by": by}
    with changing(by=by, door=Door.COMMAND, reason=reason, at=at):
        return _load(data, _InBulk(), confirming, state)


def load_draft(data: Any, confirming: dict[str, Any], *, rehearsed: bool = False) -> LoadResult:
    """Make a draft hold what `data` describes, as part of the caller's change; see load_strategy.

    `confirming` are the fields of a reading that is confirmed: when and by whom. `rehearsed`: the
    caller rolls it back, so that new objects get no history. Raises LoadError.
    """
    return _load(data, _InBulk(rehearsed=rehearsed), confirming, PlanState.DRAFT)


def _load(
    data: Any, in_bulk: "_InBulk", confirming: dict[str, Any], state: PlanState
) -> LoadResult:
    """Load in bulk or, where something is wrong, one by one. Raises LoadError."""
    try:
        return _Loader(in_bulk, confirming, state).load(data)
    except (LoadError, ValidationError, IntegrityError):
        return _Loader(_OneByOne(), confirming, state).load(data)


class _OneByOne:
    """Validates and writes each object immediately."""

    def put(self, instance: models.Model) -> None:
        """Write an object. Raises ValidationError."""
        instance.full_clean()
        instance.save()

    def flush(self) -> None:
        """Do nothing: no object is pending."""


class _InBulk:
    """Queues objects until `flush` validates and writes them, one model at a time."""

    order = (
        Section, Indicator, Strategy, Revision, Grant, BasicGoal,
        NumericTarget, NumericTargetYear, NumericTargetVersion,
        MeasureGroup, Measure, KPI, KPIYear, KPIVersion, Project,
    )  # fmt: skip
    """Each model comes after those it refers to."""

    def __init__(self, *, rehearsed: bool = False) -> None:
        self.rehearsed = rehearsed
        self.waiting: dict[type[models.Model], list[models.Model]] = {m: [] for m in self.order}

    def put(self, instance: models.Model) -> None:
        """Queue an object. The objects it refers to may be queued, too."""
        self.waiting[type(instance)].append(instance)

    def flush(self) -> None:
        """Write all queued objects.

        Raises ValidationError or IntegrityError; some objects may have been written by then.
        """
        for model, instances in self.waiting.items():
            relations = [field for field in model._meta.fields if field.is_relation]
            for instance in instances:
                _refer_to_ids(instance, relations)
                instance.full_clean(
                    exclude={field.name for field in relations},
                    validate_unique=False,
                    validate_constraints=False,
                )
            new = [instance for instance in instances if instance._state.adding]
            known = [instance for instance in instances if not instance._state.adding]
            create_with_history(model, new, rehearsed=self.rehearsed)
            update_with_history(model, known)
            instances.clear()


def _refer_to_ids(instance: models.Model, relations: Iterable[models.Field]) -> None:
    """Set foreign keys to objects that had no id yet when they were assigned."""
    for relation in relations:
        if cast(models.ForeignKey, relation).is_cached(instance):
            setattr(instance, relation.name, getattr(instance, relation.name))


class _Loader:
    """Loads one file; not reusable.

    `confirming`: the fields that mark a reading as confirmed. `state` is that of a new strategy.
    """

    def __init__(
        self, writer: _OneByOne | _InBulk, confirming: dict[str, Any], state: PlanState
    ) -> None:
        self.writer = writer
        self.state = state
        self.confirming = confirming
        self.result = LoadResult()
        self.problems: list[str] = []
        self.sections = {section.name: section for section in Section.objects.all()}
        self.indicators: dict[str, tuple[Indicator, dict[str, Any]]] = {}
        self.stored_indicators: dict[str, Indicator] = {}
        self.described_indicators: dict[str, Any] = {}
        self.projects: dict[tuple[int, str, int, int], Project] = {}
        self.relistings: list[tuple[str, Project, tuple[int, str, int, int], bool]] = []
        self.listings: dict[tuple[type[Listing], str], Listing] = {}
        self.replacements: list[tuple[str, Listing, str]] = []
        self.revision_years: set[int] = set()
        self.grant_numbers: set[int] = set()
        self.code = ""
        self.words = STANDARD_WORDS
        self.ignored_actuals = 0

    def load(self, data: Any) -> LoadResult:
        """Load the file. Raises LoadError and what the writer raises; then nothing is written."""
        with transaction.atomic():
            self._load(JsonReader(data, "ファイル", self.problems))
            if self.problems:
                raise LoadError(self.problems)
        return self.result

    def _load(self, top: JsonReader) -> None:
        try:
            strategy = self._strategy(top.object("strategy"))
            self.stored_indicators = _stored_indicators(top.data)
            self.described_indicators = dict(_indicators_in(top.data))
            self._references(top)
            goals = _children(strategy, "goals")
            for reader in top.objects("goals", "{position}番目の基本目標"):
                with suppress(FaultyObject):
                    self._goal(reader, strategy, goals)
            top.done("fiscal_year", "as_of", "part")
        except FaultyObject:
            return
        self.writer.flush()
        self._relist()
        self._replace()
        if self.ignored_actuals:
            self.result.notes.append(
                f"ファイルにある実績値{self.ignored_actuals}件は読み込みません。"
                "実績値は入力画面か一括取込で入れてください。"
            )

    def _strategy(self, reader: JsonReader) -> Strategy:
        scale = reader.object("scale")
        code = self.code = reader.text("code")
        stored = Strategy.objects.filter(code=code).prefetch_related(*_STORED).first()
        invented = reader.flag("invented") or bool(stored and stored.invented)
        fields: dict[str, Any] = {
            "code": code,
            "title": reader.text("title"),
            "city": reader.text("city"),
            "city_code": reader.text("city_code"),
            "first_fiscal_year": reader.integer("first_fiscal_year"),
            "last_fiscal_year": reader.integer("last_fiscal_year"),
            "on_track": scale.number("on_track"),
            "mostly_on_track": scale.number("mostly_on_track"),
            "slightly_behind": scale.number("slightly_behind"),
            "labels": scale.mapping("labels"),
            "marks": scale.mapping("marks"),
            **_choices(scale),
            "note": reader.text("note", default=""),
            "words": self._words(reader),
            "invented": invented,
            "state": stored.state if stored else self.state,
        }
        if stored and self.state == PlanState.DRAFT and not stored.is_draft:
            self.result.notes.append(
                f"「{stored}」は、すでに{stored.get_state_display()}です。状態は変えていません。"
            )
        revisions = list(
            reader.objects("revisions", "{position}番目の改訂", "number", optional=True)
        )
        grants = list(reader.objects("grants", "{position}番目の交付金", "number", optional=True))
        reader.done()
        scale.done()
        first, last = fields["first_fiscal_year"], fields["last_fiscal_year"]
        if first and last and first > last:
            reader.problem(
                f"最初の年度（{first}）が最後の年度（{last}）より後です。"
                "first_fiscal_year と last_fiscal_year を確かめてください。"
            )
        if stored and not self._has_revisions(stored, revisions, reader):
            raise FaultyObject
        strategy = self._put(Strategy, stored, fields, reader)
        known = _children(strategy, "revisions", "number")
        for item in revisions:
            with suppress(FaultyObject):
                self._revision(item, strategy, known)
        known = _children(strategy, "grants", "number")
        self.grant_numbers |= known.keys()
        for item in grants:
            with suppress(FaultyObject):
                self._grant(item, strategy, known)
        return strategy

    def _words(self, reader: JsonReader) -> dict[str, Any]:
        """Read the words of the plan. Raises FaultyObject."""
        words = dict(reader.mapping("words"))
        problems = check_words(words)
        for problem in problems:
            reader.problem(f"words の{problem}")
        if problems:
            raise FaultyObject
        self.words = words_from(words)
        return words_as_json(words)

    def _grant(self, reader: JsonReader, strategy: Strategy, stored: dict[int, Grant]) -> None:
        number = reader.integer("number")
        fields = {
            "strategy": strategy,
            "number": number,
            "name": reader.text("name"),
            "kind": reader.text("type", default=""),
            "first_fiscal_year": reader.integer("first_year", optional=True),
            "last_fiscal_year": reader.integer("last_year", optional=True),
        }
        reader.done()
        self.grant_numbers.add(number)
        self._put(Grant, stored.get(number), fields, reader)

    def _carried(self, reader: JsonReader) -> dict[str, Any]:
        """Read the further attributes of a measure, KPI or project."""
        grants = reader.whole_numbers("grants")
        if unknown := sorted(set(grants) - self.grant_numbers):
            numbers = "、".join(map(str, unknown))
            reader.problem(
                f"番号{numbers}の交付金がありません。grants の番号を確かめるか、"
                "strategy の grants に、その交付金を書いてください。"
            )
        return {
            "sdgs": sorted(set(reader.whole_numbers("sdgs"))),
            "grants": sorted(set(grants)),
            "general_plan_code": reader.text("general_plan_code", default=""),
        }

    def _has_revisions(
        self, stored: Strategy, described: list[JsonReader], reader: JsonReader
    ) -> bool:
        """Return whether the file has all revisions of the stored plan; note those it has not."""
        years = {one.data.get("number"): one.data.get("from_year") for one in described}
        missing = [
            revision
            for revision in stored.revisions.all()
            if years.get(revision.number) != revision.from_fiscal_year
        ]
        for revision in missing:
            reader.problem(
                f"登録されている「{stored}」の{revision.label}が、"
                "ファイルの revisions にありません。"
                f"{_LOSES_HISTORY.format(code=stored.code)}"
            )
        return not missing

    def _revision(
        self, reader: JsonReader, strategy: Strategy, stored: dict[int, Revision]
    ) -> None:
        number = reader.integer("number")
        reader.place = f"第{number}回の改訂"
        fields = {
            "strategy": strategy,
            "number": number,
            "from_fiscal_year": reader.integer("from_year"),
            "decided_on": reader.day("decided_on"),
            "decided_by": reader.text("decided_by"),
            "document_number": reader.text("document_number", default=""),
            "reason": reader.text("reason"),
            "previous_last_fiscal_year": reader.integer("previous_last_fiscal_year", optional=True),
            "previous_rules": _previous_rules(reader),
        }
        reader.done()
        old = stored.get(number)
        if old and "previous_last_fiscal_year" not in reader.data:
            del fields["previous_last_fiscal_year"]
        if old and "previous_scale" not in reader.data:
            del fields["previous_rules"]
        self.revision_years.add(fields["from_fiscal_year"])
        self._put(Revision, old, fields, reader)

    def _goal(self, reader: JsonReader, strategy: Strategy, stored: dict[int, BasicGoal]) -> None:
        position = reader.integer("position")
        reader.place = f"{self.words.goal}{position}"
        goal = self._put(
            BasicGoal,
            stored.get(position),
            {
                "strategy": strategy,
                "position": position,
                "is_cross_cutting": reader.optional_flag("cross_cutting"),
                **self._title(reader, stored.get(position)),
            },
            reader,
        )
        targets = _children(goal, "numeric_targets", "position", "part")
        for item in reader.listings(
            "numeric_targets", f"{{position}}番目の{self.words.numeric_target}"
        ):
            with suppress(FaultyObject):
                self._listing(item, _Rows(NumericTarget, {"goal": goal}, str(position), targets))
        groups = _children(goal, "measure_groups", "symbol")
        symbols: dict[str, str] = {}
        for index, item in enumerate(
            reader.objects("measure_groups", f"{{position}}番目の{self.words.group}", key="symbol"),
            1,
        ):
            with suppress(FaultyObject):
                self._check_symbol(item, symbols)
                self._group(item, index, goal, groups)
        reader.done()

    def _check_symbol(self, reader: JsonReader, seen: dict[str, str]) -> None:
        """Note a symbol that reads like another of the goal: people would confuse them."""
        symbol = reader.data.get("symbol")
        if isinstance(symbol, str):
            first = seen.setdefault(symbol_key(symbol), symbol)
            if first != symbol:
                reader.problem(
                    f"記号「{symbol}」は、「{first}」と、全角と半角やかっこの違いしかありません。"
                    "別の記号にしてください。"
                )

    def _group(
        self, reader: JsonReader, index: int, goal: BasicGoal, stored: dict[str, MeasureGroup]
    ) -> None:
        symbol = reader.text("symbol")
        reader.place = f"{self.words.goal}{goal.position}{in_brackets(symbol)}"
        fields = {
            "goal": goal,
            "position": index,
            "symbol": symbol,
            **self._title(reader, stored.get(symbol)),
        }
        group = self._put(MeasureGroup, stored.get(symbol), fields, reader)
        measures = _children(group, "measures")
        for item in reader.objects("measures", f"{{position}}番目の{self.words.measure}"):
            with suppress(FaultyObject):
                self._measure(item, group, measures)
        reader.done()

    def _measure(self, reader: JsonReader, group: MeasureGroup, stored: dict[int, Measure]) -> None:
        position = reader.integer("position")
        place = place_of(group.goal.position, group.symbol, position)
        reader.place = f"{self.words.measure}{place}"
        measure = self._put(
            Measure,
            stored.get(position),
            {
                "group": group,
                "position": position,
                **self._title(reader, stored.get(position)),
                **self._carried(reader),
            },
            reader,
        )
        kpis = _children(measure, "kpis", "position", "part")
        for item in reader.listings("kpis", f"{{position}}番目の{self.words.kpi_short}"):
            with suppress(FaultyObject):
                self._listing(item, _Rows(KPI, {"measure": measure}, measure.code, kpis))
        projects = _children(measure, "projects")
        for item in reader.objects("projects", f"{{position}}番目の{self.words.project}"):
            with suppress(FaultyObject):
                self._project(item, measure, projects)
        reader.done()

    def _project(self, reader: JsonReader, measure: Measure, stored: dict[int, Project]) -> None:
        position = reader.integer("position")
        fields: dict[str, Any] = {
            "measure": measure,
            "position": position,
            "category": reader.text("category", default=""),
            "name": reader.text("name"),
            "content": reader.text("content", default=""),
            "implementer": reader.text("implementer", default=""),
            "section": self._project_section(reader),
            "budget_item": reader.text("budget_item", default=""),
            **self._carried(reader),
            **self._years_in_force(reader, stored.get(position)),
        }
        home = reader.optional_object("relisted_from")
        if home is None:
            fields["relisted_from"] = None
        else:
            key = (
                home.integer("goal"),
                home.text("group"),
                home.integer("measure"),
                home.integer("position"),
            )
            home.done()
        reader.done()
        unchanged = self.result.unchanged
        project = self._put(Project, stored.get(position), fields, reader)
        self.projects[(*_place(measure), position)] = project
        if home is not None:
            is_unchanged = self.result.unchanged > unchanged
            self.relistings.append((reader.place, project, key, is_unchanged))

    def _project_section(self, reader: JsonReader) -> Section | None:
        """Return the section of a project; None if the file names none."""
        return self._section(reader, "section") if reader.text("section", default="") else None

    def _relist(self) -> None:
        """Link re-listings to their homes; runs last because a home may come later in the file."""
        links = []
        for place, project, key, is_unchanged in self.relistings:
            home = self.projects.get(key)
            if home is None:
                goal, group, measure, position = key
                self.problems.append(
                    f"{place}：再掲元（{place_of(goal, group, measure, position)}）の"
                    f"{self.words.project_short}がありません。"
                    "relisted_from を直してください。"
                )
            elif project.relisted_from_id != home.pk:
                links.append((place, project, home))
                self.result.changed += is_unchanged  # counted as unchanged until its link changed
                self.result.unchanged -= is_unchanged
        for place, project, _ in links:
            # Clear all links first: an old home that becomes a re-listing must not have any left.
            if project.relisted_from_id is not None:
                self._link(project, None, place)
        self.writer.flush()
        for place, project, home in links:
            self._link(project, home, place)
        self.writer.flush()

    def _link(self, project: Project, home: Project | None, place: str) -> None:
        project.relisted_from = home
        try:
            self.writer.put(project)
        except ValidationError as error:
            self._note(error, project, place)

    def _listing(self, reader: JsonReader, rows: "_Rows") -> None:
        position = reader.integer("position")
        versions = list(
            reader.objects("versions", "{position}番目の版", "from_year", optional=True)
        )
        revised = [version.integer("from_year") for version in versions[1:]]
        part = reader.text("part", default="")
        old = rows.stored.get((position, part))
        self._check_versions(reader, versions, old)
        fields: dict[str, Any] = {
            **rows.parent,
            "position": position,
            "part": part,
            "indicator": self._indicator(reader.object("indicator")),
            **_said(reader),
            **self._years_in_force(reader, old),
            **(self._carried(reader) if rows.model is KPI else {}),
            "from_fiscal_year": revised[-1] if revised else None,
        }
        if fields["target"] is None and not (fields["sentence"] or fields["relation"]):
            is_numeric = fields["kind"] not in KINDS_WITHOUT_NUMBER
            fields["relation"] = TARGET_AWAITED if is_numeric else ""
        indicator = fields["indicator"]
        fields["reference"] = self._reference(reader, old)
        yearly = reader.numbers_by_year("yearly_targets")
        if old is not None and old.indicator_id == indicator.pk:
            old.indicator = indicator  # as the file describes it
        reread = old is None or any(getattr(old, name) != fields[name] for name in READING_FIELDS)
        is_confirmed = old is not None and old.is_confirmed
        if reader.flag("confirmed"):
            if reread or not is_confirmed:
                fields |= self.confirming
        elif reread:
            fields |= {"confirmed_at": None, "confirmed_by": None}
        elif is_confirmed:
            self.result.notes.append(
                f"{reader.place}：確認済みの読み方を、ファイルに合わせて未確認に戻すことはしません。"
            )
        self.ignored_actuals += len(reader.mapping("actuals"))
        replacement = reader.text("replaced_by", default="")
        reader.done("outlook", "assessment", "code")
        listing = self._put(rows.model, old, fields, reader)
        self.listings[rows.model, f"{rows.place}-{listing.number}"] = listing
        if replacement:
            self.replacements.append((reader.place, listing, replacement))
        self._yearly_targets(listing, yearly, rows.year_model, reader)
        known = _children(listing, "earlier_versions", "from_fiscal_year")
        for version in versions[:-1]:
            with suppress(FaultyObject):
                self._version(
                    version, listing, rows.version_model, known, is_first=version is versions[0]
                )

    def _check_versions(
        self, reader: JsonReader, versions: list[JsonReader], stored: Listing | None
    ) -> None:
        """Note versions that do not follow from the revisions, or leave out a stored one.

        Without a stored version that the file leaves out, no two versions begin together.
        """
        years = [year for one in versions if isinstance(year := one.data.get("from_year"), int)]
        if years != sorted(years):
            reader.problem("versions を、from_year の古い順に並べてください。")
        revised = years[1:]
        for year in sorted(set(revised) - self.revision_years):
            reader.problem(
                f"versions に{full_label(year)}からの版がありますが、この年度から適用する改訂が"
                "ありません。from_year か、strategy の revisions を直してください。"
            )
        if stored is None:
            return
        earlier = stored.earlier_versions.all()  # type: ignore[attr-defined]  # of the subclass
        before = {one.from_fiscal_year for one in earlier}
        lost = before - {None, *revised} if revised else set(before)
        lost |= {stored.from_fiscal_year} - {None, *revised}
        if revised and revised[-1] in before:
            lost.add(stored.from_fiscal_year)
        if lost:
            starts = [
                f"{full_label(year)}からの版" if year else "当初の版"
                for year in sorted(lost, key=lambda year: year or 0)
            ]
            reader.problem(
                f"登録されている「{stored.name}」の{'、'.join(starts)}が、ファイルの versions に"
                "ありません。"
                f"{_LOSES_HISTORY.format(code=self.code)}"
            )

    def _title(self, reader: JsonReader, stored: Any) -> dict[str, Any]:
        """Read how a part is called and was called before, and from when until when it holds."""
        former: dict[str, str] = {}
        for one in reader.objects(
            "former_titles", "{position}番目の改訂前の名称", "last_year", optional=True
        ):
            last, title = one.integer("last_year"), one.text("title")
            one.done()
            if one.faulty:
                raise FaultyObject
            former[str(last)] = title
        for last in sorted(int(year) for year in former):
            if last + 1 not in self.revision_years:
                reader.problem(
                    f"former_titles に{full_label(last)}までの名称がありますが、その次の年度から"
                    "適用する改訂がありません。last_year か、strategy の revisions を"
                    "直してください。"
                )
        if stored is not None and (lost := stored.former_titles.keys() - former.keys()):
            years = "、".join(full_label(int(last)) for last in sorted(lost))
            reader.problem(
                f"登録されている「{stored}」の{years}までの名称が、ファイルの former_titles に"
                f"ありません。{_LOSES_HISTORY.format(code=self.code)}"
            )
        return {
            "title": reader.text("title"),
            "former_titles": former,
            **self._years_in_force(reader, stored),
        }

    def _years_in_force(self, reader: JsonReader, stored: Any) -> dict[str, Any]:
        """Read from when and until when a part of the plan holds.

        What the file leaves out stays: a part that ended does not hold again.
        """
        fields: dict[str, Any] = {
            "first_fiscal_year": reader.integer("first_year", optional=True),
            "last_fiscal_year": reader.integer("last_year", optional=True),
            "ending_reason": reader.text("ending_reason", default=""),
        }
        if stored is None:
            return fields
        if "first_year" not in reader.data:
            fields["first_fiscal_year"] = stored.first_fiscal_year
        if "last_year" not in reader.data:
            fields["last_fiscal_year"] = stored.last_fiscal_year
            if "ending_reason" not in reader.data:
                fields["ending_reason"] = stored.ending_reason
            if stored.last_fiscal_year is not None:
                self.result.notes.append(
                    f"{reader.place}：ファイルに last_year がないため、"
                    f"{full_label(stored.last_fiscal_year)}で終了したままにしました。"
                )
        return fields

    def _version(
        self,
        reader: JsonReader,
        listing: Listing,
        model: type[EarlierVersion],
        stored: dict[int | None, Any],
        *,
        is_first: bool,
    ) -> None:
        """Read what the plan said about a listing before a revision."""
        year = None if is_first else reader.integer("from_year")
        yearly = reader.numbers_by_year("yearly_targets")
        fields = {
            "listing": listing,
            **_said(reader),
            "reference": self._reference(reader, stored.get(year)),
            "from_fiscal_year": year,
            "yearly_targets": {str(y): str(value) for y, value in sorted(yearly.items())},
        }
        old = stored.get(year)
        if not reader.flag("confirmed"):
            fields |= {"confirmed_at": None, "confirmed_by": None}
        elif old is None or not old.is_confirmed:
            fields |= self.confirming
        reader.integer("from_year")
        reader.integer("revision", optional=True)
        reader.done()
        self._put(model, old, fields, reader)

    def _replace(self) -> None:
        """Link listings that ended to those that took their place."""
        for place, listing, name in self.replacements:
            other = self.listings.get((type(listing), name))
            if other is None:
                self.problems.append(
                    f"{place}：代わりの指標「{name}」がありません。replaced_by を直してください。"
                )
            elif listing.replaced_by_id != other.pk:  # type: ignore[attr-defined]
                listing.replaced_by = other
                self.writer.put(listing)
        self.writer.flush()

    def _yearly_targets(
        self,
        listing: Listing,
        wanted: dict[int, Decimal],
        model: type[models.Model],
        reader: JsonReader,
    ) -> None:
        try:
            check_reading(listing, wanted)
        except ValidationError as error:
            self._note(error, listing, reader.place)
            return
        if question := question_about_sums(listing, wanted):
            self.result.notes.append(f"{reader.place}：{question}ファイルを確かめてください。")
        stored = _children(listing, "yearly_targets", "fiscal_year")
        for year in stored.keys() - wanted.keys():
            stored[year].delete()
            self.result.changed += 1
        for year, value in wanted.items():
            fields = {"listing": listing, "fiscal_year": year, "value": value}
            self._put(model, stored.get(year), fields, reader)

    def _indicator(self, reader: JsonReader) -> Indicator:
        code = reader.text("code")
        content = {key: value for key, value in reader.data.items() if key != "actuals"}
        if code in self.indicators:
            indicator, described = self.indicators[code]
            if content != described:
                reader.problem(
                    f"指標「{code}」が、ファイルの別の場所で違う内容になっています。"
                    "同じ指標は同じ内容にしてください。"
                )
            return indicator
        fields = {
            "code": code,
            "name": reader.text("name"),
            "unit": reader.text("unit", default=""),
            "display_unit": reader.text("display_unit", default=""),
            "decimals": reader.integer("decimals"),
            "minimum": reader.number("minimum", optional=True),
            "maximum": reader.number("maximum", optional=True),
            "moment": reader.text("moment"),
            "ratio": reader.flag("ratio"),
            "running_total": reader.flag("running_total"),
            "carry_years": reader.integer("carry_years"),
            "section": self._section(reader, "section"),
            "entered_by": self._section(reader, "entered_by"),
            "method": reader.text("method", default=""),
            "source": reader.text("source", default=""),
        }
        reader.done()
        indicator = self._put(Indicator, self.stored_indicators.get(code), fields, reader)
        self.indicators[code] = (indicator, content)
        return indicator

    def _references(self, top: JsonReader) -> None:
        """Read the indicators that targets are compared with and that the plan does not list."""
        for reader in top.objects(
            "references", "{position}番目の比べる指標", key="code", optional=True
        ):
            self.ignored_actuals += len(reader.mapping("actuals"))
            with suppress(FaultyObject):
                self._indicator(reader)

    def _reference(self, reader: JsonReader, stored: Any) -> Indicator | None:
        """Return the indicator that a target is compared with; None for other targets.

        It may be described anywhere in the file, or be registered already.
        """
        code = reader.text("reference", default="")
        if not code:
            return None
        if code in self.indicators:
            indicator, _ = self.indicators[code]
        elif code in self.described_indicators:
            described = self.described_indicators[code]
            indicator = self._indicator(JsonReader(described, reader.place, self.problems))
        elif code in self.stored_indicators:
            indicator = self.stored_indicators[code]
        else:
            reader.problem(
                f"比べる指標「{code}」がありません。指標の符号（reference）を確かめるか、"
                "ファイルの references に、その指標を書いてください。"
            )
            raise FaultyObject
        if stored is not None and stored.reference_id == indicator.pk:
            stored.reference = indicator  # as the file describes it
        return indicator

    def _section(self, reader: JsonReader, key: str) -> Section:
        name = reader.text(key)
        if name not in self.sections:
            if message := confused_with(name, self.sections):
                reader.problem(message)
                raise FaultyObject
            fields = {"name": name, "position": len(self.sections) + 1}
            self.sections[name] = self._put(Section, None, fields, reader)
        return self.sections[name]

    def _put(
        self,
        model: type[models.Model],
        stored: Any,
        fields: dict[str, Any],
        reader: JsonReader,
    ) -> Any:
        """Return the object with these fields; save it only if something differs."""
        if reader.faulty:
            raise FaultyObject
        fields = {k: cleaned_field(model._meta.get_field(k), v) for k, v in fields.items()}
        objects = self.result.objects.setdefault(model, [])
        if stored is not None and all(getattr(stored, k) == v for k, v in fields.items()):
            self.result.unchanged += 1
            objects.append((reader.place, stored))
            return stored
        changes: tuple[tuple[str, Any, Any], ...] = tuple(
            _in_words(cast(models.Field, model._meta.get_field(k)), old, v)
            for k, v in fields.items()
            if stored is not None and k not in self.confirming and (old := getattr(stored, k)) != v
        )
        if (
            stored is not None
            and "confirmed_at" in fields
            and stored.is_confirmed != (fields["confirmed_at"] is not None)
        ):
            words = ("未確認", "確認済み")
            changes = (
                *changes,
                ("読み方の確認", words[stored.is_confirmed], words[not stored.is_confirmed]),
            )
        instance = stored or model()
        for name, value in fields.items():
            setattr(instance, name, value)
        try:
            self.writer.put(instance)
        except ValidationError as error:
            self._note(error, instance, reader.place)
            raise FaultyObject from None
        objects.append((reader.place, instance))
        self.result.written.append(Written(reader.place, instance, stored is None, changes))
        if stored is None:
            self.result.created += 1
        else:
            self.result.changed += 1
        return instance

    def _note(self, error: ValidationError, instance: models.Model, place: str) -> None:
        fields = {model_field.name: model_field for model_field in instance._meta.fields}
        for name, messages in error.message_dict.items():
            where = place
            if name in fields:  # errors may also be keyed by __all__ or yearly_targets
                where += f"：{fields[name].verbose_name}（{getattr(instance, name)}）"
            self.problems.extend(f"{where}：{message}" for message in messages)


_LOSES_HISTORY = """\
読み込むと、改訂より前の年度の内容と判定が変わります。\
今の計画を「manage.py export_strategy {code}」で出力し、そのファイルを直して読み込んでください。"""
"""What a file would do that does not know a stored plan as it is now, and the remedy."""

_STORED = (
    "revisions",
    "grants",
    "goals__numeric_targets__yearly_targets",
    "goals__numeric_targets__earlier_versions",
    "goals__measure_groups__measures__kpis__yearly_targets",
    "goals__measure_groups__measures__kpis__earlier_versions",
    Prefetch(
        "goals__measure_groups__measures__projects",
        Project.objects.select_related("relisted_from", "section"),
    ),
)
"""All relations of a stored plan, for prefetching."""


@dataclass(frozen=True)
class _Rows:
    """Where listings of a file go: their model, parent and its place, and the stored ones."""

    model: type[Listing]
    parent: dict[str, models.Model]
    place: str
    stored: dict[tuple[int, str], Any]

    @property
    def year_model(self) -> type[models.Model]:
        return NumericTargetYear if self.model is NumericTarget else KPIYear

    @property
    def version_model(self) -> type[EarlierVersion]:
        return NumericTargetVersion if self.model is NumericTarget else KPIVersion


def _in_words(field: models.Field, old: Any, new: Any) -> tuple[str, Any, Any]:
    """Return the name of a field, its old and its new value, choices by their names."""
    if field.choices:
        words = dict(field.flatchoices)
        old, new = words.get(old, old), words.get(new, new)
    return str(field.verbose_name), old, new


def _said(reader: JsonReader) -> dict[str, Any]:
    """Read what a plan says about a listing and its reading, without 年度別目標値."""
    baseline = reader.optional_object("baseline")
    fields = {
        "name": reader.text("name"),
        "sentence": reader.text("sentence"),
        "kind": reader.text("kind"),
        "direction": reader.text("direction"),
        "target": reader.number("target", optional=True),
        "upper": reader.number("upper", optional=True),
        "relation": reader.text("relation", default=""),
        "target_year": reader.integer("target_year", optional=True),
        "baseline": baseline.number("value") if baseline else None,
        "baseline_year": baseline.integer("fiscal_year", optional=True) if baseline else None,
        "baseline_kind": baseline.text("kind") if baseline else "",
        "tolerance": reader.number("tolerance"),
        "doubts": "\n".join(reader.texts("doubts")),
    }
    if baseline:
        baseline.done()
    return fields


def _stored_indicators(data: Any) -> dict[str, Indicator]:
    """Return the stored indicators that a file names, by code; other plans may have many more."""
    named = {code for code in _codes_in(data) if re.fullmatch("[-a-zA-Z0-9_]+", code)}
    found = Indicator.objects.filter(code__in=named).select_related("section", "entered_by")
    return {indicator.code: indicator for indicator in found}


def _codes_in(data: Any) -> Iterator[str]:
    """Yield what may be the code of an indicator, described or referred to, in a file."""
    if isinstance(data, list):
        for one in data:
            yield from _codes_in(one)
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        if key in ("code", "reference") and isinstance(value, str):
            yield value
        else:
            yield from _codes_in(value)


def _indicators_in(data: Any) -> Iterator[tuple[str, Any]]:
    """Yield the indicators that the listings of a file describe, with their codes."""
    if isinstance(data, list):
        for one in data:
            yield from _indicators_in(one)
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        if key == "indicator" and isinstance(value, dict) and isinstance(value.get("code"), str):
            yield value["code"], value
        else:
            yield from _indicators_in(value)


def _children(parent: models.Model, relation: str, *keys: str) -> dict[Any, Any]:
    """Return the stored objects of a relation by their key, or by several of them in a tuple.

    The key is the position unless said. {} for a parent not yet written.
    """
    if parent.pk is None:
        return {}
    key_of = attrgetter(*(keys or ("position",)))
    return {key_of(child): child for child in getattr(parent, relation).all()}


def _place(measure: Measure) -> tuple[int, str, int]:
    return measure.group.goal.position, measure.group.symbol, measure.position


def _previous_rules(reader: JsonReader) -> dict[str, Any] | None:
    """Read the rules until a revision; None where it left them alone."""
    data = reader.mapping("previous_scale")
    try:
        return scale_data(read_scale(data)) if data else None
    except ValueError as error:
        for message in str(error).splitlines():
            reader.problem(f"previous_scale の{message}")
        return None


def _choices(scale: JsonReader) -> dict[str, Any]:
    """Read the choices of a plan; what the file leaves out is as in the standard rules."""
    read: dict[str, Any] = {}
    for name in LAST_YEAR_AND_ABOVE:
        number = scale.number(name, optional=True)
        read[name] = getattr(STANDARD_SCALE, name) if number is None else number
    for name in TERMS:
        read[name] = scale.text(name, default=getattr(STANDARD_SCALE, name))
    for name in FLAGS:
        given = name in scale.data
        read[name] = scale.flag(name) if given else getattr(STANDARD_SCALE, name)
    return read
