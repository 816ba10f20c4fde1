"""Reads a strategy from the JSON of docs/strategy-json.md into the database.

Everything goes through model validation and leaves history; either the whole file is taken or
nothing. Loading again what is already there as described changes nothing.

A plan has hundreds of objects, so that they are written in bulk, kind by kind, and rules that span
rows are left to the constraints of the database. Only where something is wrong is the file read
again and each object validated and written where the file has it: then each message names a place.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Prefetch
from django.utils import timezone

from accounts.models import Section
from accounts.sections import confused_with
from goals.models import BasicGoal, NumericTarget, NumericTargetYear, Strategy
from indicators.listings import Listing, check_reading, question_about_sums
from indicators.models import Indicator
from indicators.plan_states import PlanState
from indicators.rules.scales import FLAGS, LAST_YEAR_AND_ABOVE, TERMS
from indicators.rules.terms import STANDARD_SCALE
from kpis.models import KPI, KPIYear
from measures.models import Measure, MeasureGroup, Project
from trail.clean_records import cleaned_field
from trail.history import Door, changing, create_with_history, update_with_history

READING_FIELDS = (
    "kind", "direction", "target", "target_year", "baseline", "baseline_year", "baseline_kind",
    "tolerance",
)  # fmt: skip


@dataclass
class LoadResult:
    """How many objects were created, changed and found as described, and what was left alone."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    notes: list[str] = field(default_factory=list)


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

    What the file does not name stays. A reading that a person confirmed stays confirmed unless
    the file reads the sentence differently; the mark 架空の値を含む is never taken away. Actuals
    and assessments in the file are not taken: values come in through indicators/recording.py.
    `at` dates the history (None: now). A new strategy is 実施中 or, with `as_draft`, 作成中; a
    known one keeps its state. Raises LoadError, nothing written.
    """
    state = PlanState.DRAFT if as_draft else PlanState.RUNNING
    confirming = {"confirmed_at": at or timezone.now(), "confirmed_by": by}
    with changing(by=by, door=Door.COMMAND, reason=reason, at=at):
        try:
            return _Loader(_InBulk(), confirming, state).load(data)
        except (LoadError, ValidationError, IntegrityError):
            return _Loader(_OneByOne(), confirming, state).load(data)


class _Faulty(Exception):
    """An object is invalid. Its problem is noted, and everything that depends on it is skipped."""


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
        Section, Indicator, Strategy, BasicGoal, NumericTarget, NumericTargetYear,
        MeasureGroup, Measure, KPI, KPIYear, Project,
    )  # fmt: skip
    """Each model comes after those it refers to."""

    def __init__(self) -> None:
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
            create_with_history(model, new)
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
        self.projects: dict[tuple[int, str, int, int], Project] = {}
        self.relistings: list[tuple[str, Project, tuple[int, str, int, int], bool]] = []
        self.ignored_actuals = 0

    def load(self, data: Any) -> LoadResult:
        """Load the file. Raises LoadError and what the writer raises; then nothing is written."""
        with transaction.atomic():
            self._load(_Reader(data, "ファイル", self.problems))
            if self.problems:
                raise LoadError(self.problems)
        return self.result

    def _load(self, top: "_Reader") -> None:
        try:
            strategy = self._strategy(top.object("strategy"))
            self.stored_indicators = {
                indicator.code: indicator
                for indicator in Indicator.objects.select_related("section", "entered_by")
            }
            goals = _children(strategy, "goals")
            for reader in top.objects("goals", "{position}番目の基本目標"):
                with suppress(_Faulty):
                    self._goal(reader, strategy, goals)
            top.done("fiscal_year", "as_of", "part")
        except _Faulty:
            return
        self.writer.flush()
        self._relist()
        if self.ignored_actuals:
            self.result.notes.append(
                f"ファイルにある実績値{self.ignored_actuals}件は読み込みません。"
                "実績値は入力画面か一括取込で入れてください。"
            )

    def _strategy(self, reader: "_Reader") -> Strategy:
        scale = reader.object("scale")
        code = reader.text("code")
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
            "invented": invented,
            "state": stored.state if stored else self.state,
        }
        if stored and self.state == PlanState.DRAFT and not stored.is_draft:
            self.result.notes.append(
                f"「{stored}」は、すでに{stored.get_state_display()}です。状態は変えていません。"
            )
        reader.done()
        scale.done()
        first, last = fields["first_fiscal_year"], fields["last_fiscal_year"]
        if first and last and first > last:
            reader.problem(
                f"最初の年度（{first}）が最後の年度（{last}）より後です。"
                "first_fiscal_year と last_fiscal_year を確かめてください。"
            )
        return self._put(Strategy, stored, fields, reader)

    def _goal(self, reader: "_Reader", strategy: Strategy, stored: dict[int, BasicGoal]) -> None:
        position = reader.integer("position")
        reader.place = f"基本目標{position}"
        goal = self._put(
            BasicGoal,
            stored.get(position),
            {"strategy": strategy, "position": position, "title": reader.text("title")},
            reader,
        )
        targets = _children(goal, "numeric_targets")
        for item in reader.objects("numeric_targets", "{position}番目の数値目標"):
            with suppress(_Faulty):
                self._listing(item, NumericTarget, {"goal": goal}, targets, NumericTargetYear)
        groups = _children(goal, "measure_groups", "symbol")
        for index, item in enumerate(
            reader.objects("measure_groups", "{position}番目の施策の区分", key="symbol"), 1
        ):
            with suppress(_Faulty):
                self._group(item, index, goal, groups)
        reader.done()

    def _group(
        self, reader: "_Reader", index: int, goal: BasicGoal, stored: dict[str, MeasureGroup]
    ) -> None:
        symbol = reader.text("symbol")
        reader.place = f"基本目標{goal.position}（{symbol}）"
        fields = {
            "goal": goal,
            "position": index,
            "symbol": symbol,
            "title": reader.text("title"),
        }
        group = self._put(MeasureGroup, stored.get(symbol), fields, reader)
        measures = _children(group, "measures")
        for item in reader.objects("measures", "{position}番目の具体的施策"):
            with suppress(_Faulty):
                self._measure(item, group, measures)
        reader.done()

    def _measure(self, reader: "_Reader", group: MeasureGroup, stored: dict[int, Measure]) -> None:
        position = reader.integer("position")
        reader.place = f"具体的施策{group.goal.position}-{group.symbol}-{position}"
        measure = self._put(
            Measure,
            stored.get(position),
            {"group": group, "position": position, "title": reader.text("title")},
            reader,
        )
        kpis = _children(measure, "kpis")
        for item in reader.objects("kpis", "{position}番目のKPI"):
            with suppress(_Faulty):
                self._listing(item, KPI, {"measure": measure}, kpis, KPIYear)
        projects = _children(measure, "projects")
        for item in reader.objects("projects", "{position}番目の具体的事業"):
            with suppress(_Faulty):
                self._project(item, measure, projects)
        reader.done()

    def _project(self, reader: "_Reader", measure: Measure, stored: dict[int, Project]) -> None:
        position = reader.integer("position")
        fields: dict[str, Any] = {
            "measure": measure,
            "position": position,
            "category": reader.text("category", default=""),
            "name": reader.text("name"),
            "content": reader.text("content", default=""),
            "implementer": reader.text("implementer", default=""),
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

    def _relist(self) -> None:
        """Link re-listings to their homes; runs last because a home may come later in the file."""
        links = []
        for place, project, key, is_unchanged in self.relistings:
            home = self.projects.get(key)
            if home is None:
                goal, group, measure, position = key
                self.problems.append(
                    f"{place}：再掲元（基本目標{goal}、{group}、"
                    f"施策{measure}、{position}番目）の事業がありません。"
                    "relisted_from を直してください。"
                )
            elif project.relisted_from_id != home.pk:
                links.append((place, project, home))
                self.result.changed += is_unchanged  # it was unchanged until its link changed
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

    def _listing(
        self,
        reader: "_Reader",
        model: type[Listing],
        parent: dict[str, models.Model],
        stored: dict[int, Any],
        year_model: type[models.Model],
    ) -> None:
        position = reader.integer("position")
        indicator = self._indicator(reader.object("indicator"))
        baseline = reader.optional_object("baseline")
        fields: dict[str, Any] = {
            **parent,
            "position": position,
            "indicator": indicator,
            "name": reader.text("name"),
            "sentence": reader.text("sentence"),
            "kind": reader.text("kind"),
            "direction": reader.text("direction"),
            "target": reader.number("target"),
            "target_year": reader.integer("target_year", optional=True),
            "baseline": baseline.number("value") if baseline else None,
            "baseline_year": baseline.integer("fiscal_year", optional=True) if baseline else None,
            "baseline_kind": baseline.text("kind") if baseline else "",
            "tolerance": reader.number("tolerance"),
            "doubts": "\n".join(reader.texts("doubts")),
        }
        if baseline:
            baseline.done()
        yearly = reader.numbers_by_year("yearly_targets")
        old = stored.get(position)
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
        reader.done("outlook", "assessment", "code")
        listing = self._put(model, old, fields, reader)
        self._yearly_targets(listing, yearly, year_model, reader)

    def _yearly_targets(
        self,
        listing: Listing,
        wanted: dict[int, Decimal],
        model: type[models.Model],
        reader: "_Reader",
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

    def _indicator(self, reader: "_Reader") -> Indicator:
        code = reader.text("code")
        if code in self.indicators:
            indicator, described = self.indicators[code]
            if reader.data != described:
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
        self.indicators[code] = (indicator, reader.data)
        return indicator

    def _section(self, reader: "_Reader", key: str) -> Section:
        name = reader.text(key)
        if name not in self.sections:
            if message := confused_with(name, self.sections):
                reader.problem(message)
                raise _Faulty
            fields = {"name": name, "position": len(self.sections) + 1}
            self.sections[name] = self._put(Section, None, fields, reader)
        return self.sections[name]

    def _put(
        self,
        model: type[models.Model],
        stored: Any,
        fields: dict[str, Any],
        reader: "_Reader",
    ) -> Any:
        """Return the object with these fields; save it only if something differs."""
        if reader.faulty:
            raise _Faulty
        fields = {k: cleaned_field(model._meta.get_field(k), v) for k, v in fields.items()}
        if stored is not None and all(getattr(stored, k) == v for k, v in fields.items()):
            self.result.unchanged += 1
            return stored
        instance = stored or model()
        for name, value in fields.items():
            setattr(instance, name, value)
        try:
            self.writer.put(instance)
        except ValidationError as error:
            self._note(error, instance, reader.place)
            raise _Faulty from None
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


_STORED = (
    "goals__numeric_targets__yearly_targets",
    "goals__measure_groups__measures__kpis__yearly_targets",
    Prefetch(
        "goals__measure_groups__measures__projects",
        Project.objects.select_related("relisted_from"),
    ),
)
"""All relations of a stored plan, for prefetching."""


def _children(parent: models.Model, relation: str, key: str = "position") -> dict[Any, Any]:
    """Return the stored objects of a relation by their key; {} for a parent not yet written."""
    if parent.pk is None:
        return {}
    return {getattr(child, key): child for child in getattr(parent, relation).all()}


def _place(measure: Measure) -> tuple[int, str, int]:
    return measure.group.goal.position, measure.group.symbol, measure.position


def _choices(scale: "_Reader") -> dict[str, Any]:
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


class _Reader:
    """Reads one JSON object key by key and notes missing keys and wrong types."""

    def __init__(
        self, data: Any, place: str, problems: list[str], whole: "_Reader | None" = None
    ) -> None:
        self.place = place
        self.problems = problems
        self.whole = whole
        self.faulty = False
        self.read: set[str] = set()
        if isinstance(data, dict):
            self.data = data
        else:
            self.data = {}
            self.problem("オブジェクト（{ } で囲んだもの）にしてください。")

    def problem(self, message: str) -> None:
        self.faulty = True
        if self.whole:  # a listing with a faulty baseline is faulty
            self.whole.faulty = True
        self.problems.append(f"{self.place}：{message}")

    def done(self, *others: str) -> None:
        """Note unknown keys: a misspelt key must not be dropped silently."""
        unknown = sorted(self.data.keys() - self.read - set(others))
        if unknown:
            self.problem(
                f"「{'」「'.join(unknown)}」という項目はありません。綴りを確かめてください。"
            )

    def _get(self, key: str, kind: type, what: str, *, optional: bool = False) -> Any:
        self.read.add(key)
        if key not in self.data and not optional:
            self.problem(f"項目「{key}」がありません。{what}を書いてください。")
            return None
        value = self.data.get(key)
        if value is None and optional:
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.problem(
                f"項目「{key}」の値「{value}」は{what}ではありません。{what}を書いてください。"
            )
            return None
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string; `default`, if given, replaces null."""
        value = self._get(key, str, "文字列", optional=default is not None)
        return (default or "") if value is None else value

    def texts(self, key: str) -> list[str]:
        values = self._get(key, list, "文字列の一覧", optional=True) or []
        if not all(isinstance(value, str) for value in values):
            self.problem(f"項目「{key}」は、文字列の一覧にしてください。")
            return []
        return values

    def flag(self, key: str) -> bool:
        return bool(self._get(key, bool, "true か false"))

    def integer(self, key: str, *, optional: bool = False) -> Any:
        """Return an int, or None; unless `optional`, None also notes a problem."""
        return self._get(key, int, "整数", optional=optional)

    def number(self, key: str, *, optional: bool = False) -> Any:
        """Return a Decimal, or None; unless `optional`, None also notes a problem."""
        text = self._get(key, str, '数を表す文字列（例："1.49"）', optional=optional)
        return None if text is None else self._decimal(key, text)

    def numbers_by_year(self, key: str) -> dict[int, Decimal]:
        numbers = {}
        for year, text in self.mapping(key).items():
            number = self._decimal(f"{key}.{year}", text)
            if not (year.isascii() and year.isdigit()):
                self.problem(f"項目「{key}」の「{year}」は西暦の年度ではありません。")
            elif number is not None:
                numbers[int(year)] = number
        return numbers

    def _decimal(self, key: str, text: Any) -> Decimal | None:
        try:
            number = Decimal(text) if isinstance(text, str) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            self.problem(
                f'項目「{key}」の値「{text}」は数として読めません。"1.49" のように書いてください。'
            )
            return None
        return number

    def mapping(self, key: str) -> Mapping[str, Any]:
        return self._get(key, dict, "オブジェクト", optional=True) or {}

    def object(self, key: str) -> "_Reader":
        """Return a reader for a nested object. Raises _Faulty."""
        value = self._get(key, dict, "オブジェクト")
        if value is None:
            raise _Faulty
        return _Reader(value, self.place, self.problems, whole=self)

    def optional_object(self, key: str) -> "_Reader | None":
        """Return a reader for a nested object; None for null or a missing key. Raises _Faulty."""
        self.read.add(key)
        return None if self.data.get(key) is None else self.object(key)

    def objects(self, name: str, place: str, key: str = "position") -> "Iterator[_Reader]":
        """Yield a reader for each object of a list.

        `place` names the object in messages and contains {position}. `key` must be unique in the
        list.
        """
        seen = set()
        for index, value in enumerate(self._get(name, list, "一覧") or [], 1):
            reader = _Reader(value, f"{self.place}の{place.format(position=index)}", self.problems)
            own = reader.data.get(key)
            if isinstance(own, str | int):
                if own in seen:
                    reader.problem(
                        f"項目「{key}」の値「{own}」は、前の項目と同じです。"
                        "一つずつ違う値にしてください。"
                    )
                seen.add(own)
            yield reader
