"""Bulk import and export of indicators and values, and the base class for listings.

recording.py writes the values, all rows of a file in one call.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from import_export.widgets import Widget

from accounts.resources import sections_by_name
from indicators import recording
from indicators.correcting_import import CorrectingResource
from indicators.entries import WITHDRAWN, WITHDRAWN_LABEL, Entry, Subject, content_of
from indicators.handover import SECTIONS, keep_sections, too_early, years_changed
from indicators.in_force import hold_with
from indicators.known_years import (
    NO_CORRECTIONS,
    asked_reason,
    known_years,
    years_that_show,
    years_that_show_indicators,
)
from indicators.listing_admin import READING_FIELDS, ends_of_range, relation_of
from indicators.listings import Listing, check_reading, contradictions, proposed_target_year
from indicators.models import Actual, Indicator
from indicators.rules.chosen_grades import GRADES, grade_word
from indicators.rules.narrowing_types import given
from indicators.rules.sentences import Reading, read_sentence
from indicators.rules.terms import (
    KINDS_WITHOUT_NUMBER,
    TARGET_AWAITED,
    BaselineKind,
    Direction,
    Kind,
    Relation,
    choices_of,
)
from indicators.typed_values import NUMBERS, read_entry, typed_of
from japanese.fiscal_years import era_label, full_label, read_fiscal_year
from japanese.numerals import half_width, read_number
from tables.cells import Cell, cell_text
from tables.columns import Choice, Column, Named, Number, Part, WholeNumber, Year, YesNo
from tables.importing import CellChange, Comparison
from tables.resource import ChildResource, TableResource
from tables.table import Row

NO_REASON_FOR_YEARS = (
    "これまでの年度の課が変わります。課が変わった年度を、ファイルの「移す最初の年度」の列に入力してください。"
    "登録の誤りを直す場合だけ、変更の理由を入力してください。"
)


def indicators_by_code() -> dict[str, Indicator]:
    return {indicator.code: indicator for indicator in Indicator.objects.all()}


class FirstYearColumn(Column):
    """The first year of changed sections; never exported, since it is per change."""

    def get_value(self, instance: Indicator) -> int | None:
        return getattr(instance, "sections_from", None)

    def take(self, instance: Any, cell: str) -> None:
        instance.sections_from = self.read(instance, cell)


class KnownYearsResource(TableResource):
    """A table that asks for a reason where years that people know show what changes."""

    def prepare(self) -> None:
        super().prepare()
        self.known_years = known_years()
        self.corrected_years: set[int] = set()

    def finish(self, comparison: Comparison, *, writing: bool) -> None:
        super().finish(comparison, writing=writing)
        if self.corrected_years and not self.reason.strip() and not comparison.reason_faults:
            comparison.refuse("reason", asked_reason(sorted(self.corrected_years)))


class IndicatorResource(KnownYearsResource, CorrectingResource):
    """指標. Warns if sections change without a first year, because earlier years change then."""

    code = Column(
        "指標コード",
        "code",
        part=Part.KEY,
        note="半角英数字の符号。新しい符号は、新しい指標になります。",
    )
    name = Column("指標名", "name")
    unit = Column("単位", "unit", note="例：人、件、％、円")
    display_unit = Column("表示単位", "display_unit", note="円は千円・百万円・億円、人は千人。")
    decimals = Column("小数点以下の桁数", "decimals", WholeNumber(read_number, empty=Decimal(0)))
    minimum = Column(
        "入力できる最小値", "minimum", Number(read_number), note="表示単位ではなく単位で。"
    )
    maximum = Column(
        "入力できる最大値", "maximum", Number(read_number), note="表示単位ではなく単位で。"
    )
    moment = Column(
        "値の時点",
        "moment",
        Choice(Indicator.Moment.choices),
        note="、".join(Indicator.Moment.labels),
    )
    ratio = Column("分子と分母で入力", "ratio", YesNo(), note="「はい」か「いいえ」。")
    running_total = Column("累計で入力", "running_total", YesNo(), note="「はい」か「いいえ」。")
    carry_years = Column(
        "前の値で代えられる年数", "carry_years", WholeNumber(read_number, empty=Decimal(0))
    )
    section = Column(
        "担当課", "section", Named("担当課", sections_by_name), note="登録されている名称。"
    )
    entered_by = Column(
        "入力する課", "entered_by", Named("担当課", sections_by_name), note="登録されている名称。"
    )
    first_fiscal_year = FirstYearColumn(
        "移す最初の年度",
        "sections_from",
        Year(read_fiscal_year),
        note="担当課か入力する課を変えるとき。前の年度は、今の課のまま残ります。"
        "登録の誤りを直すときだけ、空欄にします。",
    )
    method = Column("算出方法", "method")
    source = Column("出典", "source")
    contact = Column("照会先", "contact")
    handover_memo = Column("引継ぎメモ", "handover_memo")

    class Meta:
        model = Indicator

    def get_queryset(self) -> QuerySet[Indicator]:
        return Indicator.objects.select_related("section", "entered_by")

    def prepare(self) -> None:
        super().prepare()
        self._told: list[str] = []
        self._shown_in = years_that_show_indicators(self.known_years)
        free = NO_CORRECTIONS | {"first_fiscal_year"}
        self._free_headers = {self.fields[name].header for name in free}

    def complete(self, instance: Any, changes: list[CellChange], *, is_new: bool) -> None:
        headers = {self.fields[name].header for name in SECTIONS}
        if not is_new and any(change.name not in self._free_headers for change in changes):
            self.corrected_years |= self._shown_in[instance.pk]
        self._moves = not is_new and any(change.name in headers for change in changes)
        if not self._moves:
            instance.sections_from = None

    def check(self, instance: Any, *, is_new: bool) -> None:
        super().check(instance, is_new=is_new)
        first = self.fields["first_fiscal_year"].get_value(instance)
        if self._moves and first is not None and (message := too_early(instance, first)):
            raise ValidationError({"first_fiscal_year": message})

    def save(self, instance: Any, row: Row) -> None:
        if self._moves:
            first = self.fields["first_fiscal_year"].get_value(instance)
            if years := years_changed(instance, first):
                self._told.append(f"{self.label_of(instance)}　{years}の課も変わります。")
            if first is not None:
                keep_sections(Indicator.objects.filter(pk=instance.pk), first)
        super().save(instance, row)

    def finish(self, comparison: Comparison, *, writing: bool) -> None:
        comparison.changed_years = self._told
        if self._told and not self.reason.strip():
            comparison.refuse("reason", NO_REASON_FOR_YEARS)
        super().finish(comparison, writing=writing)


def in_force_column(header: str, attribute: str) -> Column:
    """Return the column of a year from or until which a part of the plan holds."""
    note = "計画の改訂によるもの。変えるときは、管理画面で「計画の改訂」を選びます。"
    return Column(header, attribute, Year(read_fiscal_year), part=Part.SHOWN, note=note)


class PlanPartResource(KnownYearsResource, ChildResource):
    """A table of parts of a plan; a new one holds for the years of the part above it."""

    def start(self, key: tuple[Any, ...]) -> Any:
        part = super().start(key)
        hold_with(part, getattr(part, self.parent))
        return part

    def saved(self, instance: Any, *, is_new: bool) -> None:
        super().saved(instance, is_new=is_new)
        self.corrected_years |= {*years_that_show(instance, self.known_years)}


class NumberWithPart(Widget):
    """The number of a listing with its part: 2, 2a."""

    def __init__(self, number: WholeNumber) -> None:
        super().__init__()
        self.number = number

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> tuple[int, str] | None:
        text = half_width(value).strip().lower()
        part = text[-1:] if text[-1:].isascii() and text[-1:].isalpha() else ""
        number = self.number.clean(value if not part else text[:-1])
        return None if number is None else (number, part)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Cell:
        position, part = value
        return f"{position}{part}" if part else self.number.render(position)


class NumberInPlan(Column):
    """The column of the position and the part of a listing."""

    def get_value(self, instance: Listing) -> tuple[int, str]:
        return instance.position, instance.part


class RelationChoice(Choice):
    """What a target is compared with; while the target is not typed yet, the cell is empty."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Cell:
        return super().render("" if value == TARGET_AWAITED else value, obj, **kwargs)


class ListingResource(CorrectingResource, PlanPartResource):
    """The base of 数値目標 and KPI; subclasses add the columns of the place, which come first.

    As on the admin pages, empty fields of a reading are read from the sentence, and a changed
    reading has to be confirmed again and needs a reason if it contradicts its sentence.
    """

    reads_anew = False
    """Whether the row at hand is new or changes its reading."""

    proposed: Reading | None = None
    """What was read from the sentence of the row at hand, if its own reading has gaps."""

    position = NumberInPlan(
        "番号",
        "position",
        NumberWithPart(WholeNumber(read_number)),
        part=Part.KEY,
        note="①は1。一つの文言に数が二つある目標は、1aと1b。",
    )
    indicator = Column(
        "指標コード",
        "indicator",
        Named("指標コード", indicators_by_code, label=attrgetter("code")),
        note="指標の一覧にある符号。",
    )
    name = Column("記載名", "name", note="計画に書かれているとおり。")
    sentence = Column("目標の文言", "sentence", note="計画に書かれているとおり。")
    kind = Column(
        "種類",
        "kind",
        Choice(choices_of(Kind)),
        note=f"{'、'.join(term.label for term in Kind)}。空欄なら、文言から読み取ります。",
    )
    direction = Column(
        "改善の方向",
        "direction",
        Choice(choices_of(Direction)),
        note=f"{'、'.join(term.label for term in Direction)}。空欄なら、文言から読み取ります。",
    )
    target = Column(
        "目標値",
        "target",
        Number(read_number),
        note="「単位」の列の単位で。空欄なら、文言から読み取ります。参考指標では空欄にします。",
    )
    upper = Column(
        "目標値の上限",
        "upper",
        Number(read_number),
        note="範囲の目標だけ。「目標値」に小さい方、ここに大きい方。",
    )
    relation = Column(
        "比べる値",
        "relation",
        RelationChoice(choices_of(Relation)),
        note=f"数のない目標だけ。{'、'.join(term.label for term in Relation)}。",
    )
    reference = Column(
        "比べる指標コード",
        "reference",
        Named("比べる指標コード", indicators_by_code, label=attrgetter("code")),
        note="「比べる値」が比べる指標の値の目標だけ。全国平均などの指標の符号。",
    )
    unit = Column(
        "単位", "indicator__unit", part=Part.COMPARED, note="目標値、基準値、許容幅の単位。"
    )
    target_year = Column(
        "目標年度",
        "target_year",
        Year(read_fiscal_year),
        note="空欄なら、計画の最後の年度。2028、令和10、R10のように。",
    )
    baseline = Column("基準値", "baseline", Number(read_number))
    baseline_year = Column(
        "基準値の年度", "baseline_year", Year(read_fiscal_year), note="2014、平成26、H26のように。"
    )
    baseline_kind = Column(
        "基準値の種類",
        "baseline_kind",
        Choice(choices_of(BaselineKind)),
        note="、".join(term.label for term in BaselineKind),
    )
    tolerance = Column("許容幅", "tolerance", Number(read_number, empty=Decimal(0)))
    doubts = Column("読み方の疑問点", "doubts", note="一行に一つ。")
    confirmed = Column(
        "読み方の確認（参考）",
        "is_confirmed",
        YesNo(),
        part=Part.SHOWN,
        note="読み方を変えると「いいえ」に戻ります。確認は、管理画面で行います。",
    )
    first_year = in_force_column("追加した年度（参考）", "first_fiscal_year")
    last_year = in_force_column("終了した年度（参考）", "last_fiscal_year")

    def start(self, key: tuple[Any, ...]) -> Any:
        *place, (position, part) = key
        instance = super().start((*place, position))
        instance.part = part
        return instance

    def propose(self, cells: dict[str, str]) -> None:
        """Fill empty cells of the reading from the sentence."""
        self.proposed = None
        needed = ("kind", "direction", "target")
        headers = {name: self.fields[name].header for name in READING_FIELDS}
        sentence = cells.get(headers["sentence"], "")
        if cells.get(headers["kind"], "") in {kind.label for kind in KINDS_WITHOUT_NUMBER}:
            direction = headers["direction"]
            if not cells.get(direction, "-"):
                cells[direction] = Direction.UP.label
            return
        if cells.get(headers["upper"]) and not cells.get(headers["direction"], "-"):
            cells[headers["direction"]] = Direction.UP.label
        if not sentence or all(cells.get(headers[name], "-") for name in needed):
            return
        reading = read_sentence(sentence, cells.get(self.fields["name"].header, ""))
        self.proposed = reading
        proposed = {name: getattr(reading, name) for name in needed}
        if not any(cells.get(headers[name]) for name in ("target", "upper")):
            proposed |= ends_of_range(reading, {})
            proposed |= relation_of(reading, sentence, {"relation": cells.get(headers["relation"])})
        if reading.baseline is not None and not cells.get(headers["baseline"]):
            proposed["baseline"] = reading.baseline
            proposed["baseline_kind"] = BaselineKind.MEASURED
            proposed["baseline_year"] = reading.baseline_year
        if reading.doubts:
            proposed["doubts"] = "\n".join(reading.doubts)
        for name, value in proposed.items():
            column = self.fields[name]
            if value is not None and not cells.get(column.header):
                cells[column.header] = cell_text(column.widget.render(value))

    def complete(self, instance: Listing, changes: list[CellChange], *, is_new: bool) -> None:
        if self.proposed and instance.target_year is None:
            instance.target_year = proposed_target_year(self.proposed, instance.strategy)
        changed = {change.name for change in changes}
        reading = {self.fields[name].header for name in (*READING_FIELDS, "indicator")}
        if not is_new and changed & reading:
            instance.confirmed_by = instance.confirmed_at = None
        self.reads_anew = is_new or bool(changed & reading)

    def check(self, instance: Any, *, is_new: bool) -> None:
        super().check(instance, is_new=is_new)
        yearly = [] if is_new else instance.yearly_targets.all()
        if yearly:
            check_reading(instance, {one.fiscal_year: one.value for one in yearly})
        if self.reads_anew and (problems := contradictions(instance)):
            raise ValidationError({name: [message] for name, message in problems})


class TypedColumn(Column):
    """A column whose cells indicators/typed_values.py parses."""

    def take(self, instance: Any, cell: str) -> None:
        instance.typed[self.attribute] = cell


class ScaledColumn(TypedColumn):
    """A value in the display unit."""

    def get_value(self, instance: Actual) -> Decimal | None:
        value = super().get_value(instance)
        return None if value is None else value / instance.indicator.display_factor


class ListedColumn(TypedColumn):
    """A column that accepts only words from a list."""

    def take(self, instance: Any, cell: str) -> None:
        said = self.read(instance, cell)
        instance.typed[self.attribute] = cell if isinstance(said, bool) else said


class GradeColumn(TypedColumn):
    """The grade of a 記述目標, which replaces its value."""

    def take(self, instance: Any, cell: str) -> None:
        if grade := self.read(instance, cell):
            instance.typed["value"] = grade_word(grade)


class InventedColumn(Column):
    """Whether a plan with invented values lists the indicator; see get_queryset."""

    def get_value(self, instance: Actual) -> bool:
        return getattr(instance, self.attribute, False)


class MarkColumn(Column):
    """Whether a value is 秘匿; a file without the column, or an empty cell, leaves the mark."""

    def take(self, instance: Any, cell: str) -> None:
        if cell:
            instance.wanted_mark = self.read(instance, cell)


class VersionColumn(Column):
    """The version of the value at the time of the export."""

    def get_value(self, instance: Actual) -> int | None:
        return instance.version if instance.pk else None

    def take(self, instance: Any, cell: str) -> None:
        instance.seen_version = self.read(instance, cell)


class ChangeKindColumn(Column):
    """Why a value changes after entry of its year ended; never exported, since it is per change."""

    def get_value(self, instance: Actual) -> str:
        return getattr(instance, "wanted_kind", "")

    def take(self, instance: Any, cell: str) -> None:
        instance.wanted_kind = self.read(instance, cell)


class ActualResource(TableResource):
    """実績値. Collects the rows as entries, which recording.py checks and writes in one call."""

    code = Column("指標コード", "indicator__code", part=Part.KEY, note="指標の一覧にある符号。")
    name = Column("指標名", "indicator__name", part=Part.COMPARED)
    fiscal_year = Column(
        "年度",
        "fiscal_year_id",
        Year(read_fiscal_year),
        part=Part.KEY,
        note="西暦。平成29、H29のようにも入力できます。",
    )
    era = Column("和暦", "era", part=Part.COMPARED)
    value = ScaledColumn(
        "実績値",
        "value",
        Number(read_number),
        note="「単位」の列の単位で（千円なら千円で）。割合は、分子と分母を入力すると計算します。",
    )
    grade = GradeColumn(
        "人の判断",
        "grade",
        Choice([(grade.value, grade_word(grade)) for grade in GRADES]),
        note="記述目標だけ。実績値は空欄にし、判断の理由を備考に書きます。",
    )
    unit = Column(
        "単位", "indicator__shown_unit", part=Part.COMPARED, note="実績値の単位（指標の表示単位）。"
    )
    numerator = TypedColumn("分子", "numerator", Number(read_number))
    denominator = TypedColumn("分母", "denominator", Number(read_number))
    availability = ListedColumn(
        "有無",
        "availability",
        Choice([*Actual.Availability.choices, (WITHDRAWN, WITHDRAWN_LABEL)]),
        note=f"{'、'.join(Actual.Availability.labels)}。値を消すときだけ「{WITHDRAWN_LABEL}」。",
    )
    expected_month = TypedColumn("公表予定月", "expected_month", note="未公表のとき。例：2026-09")
    provisional = ListedColumn("速報値", "provisional", YesNo(), note="「はい」か「いいえ」。")
    remarks = TypedColumn("備考", "remarks")
    withheld = MarkColumn(
        "秘匿",
        "withheld",
        YesNo(),
        note="人数が少なく公表しない値は「はい」。変えるときは理由も入力します。",
    )
    change_kind = ChangeKindColumn(
        "変更の種類",
        "change_kind",
        Choice(Actual.ChangeKind.choices),
        note="受付を終えた年度の、登録されている値を変えるとき。"
        f"{'、'.join(Actual.ChangeKind.labels)}。",
    )
    state = Column(
        "状態（参考）",
        "state",
        Choice(Actual.State.choices),
        part=Part.SHOWN,
        note="取り込んだ値は「回答済み」になります。",
    )
    invented = InventedColumn(
        "架空の値（参考）",
        "invented",
        YesNo(),
        part=Part.SHOWN,
        note="「はい」は、試用のための架空の値。",
    )
    version = VersionColumn(
        "版",
        "version",
        WholeNumber(read_number),
        needed=True,
        note="出力したときの版。書き換えないでください。新しい値は空欄にします。",
    )

    saves_rows = False  # recording.py writes them, and locks in its own order

    class Meta:
        model = Actual

    def get_queryset(self) -> QuerySet[Actual]:
        invented = Q(numerictargets__goal__strategy__invented=True) | Q(
            kpis__measure__group__goal__strategy__invented=True
        )
        listed = Indicator.objects.filter(invented, pk=OuterRef("indicator"))
        actuals = Actual.objects.select_related("indicator").annotate(invented=Exists(listed))
        return actuals.order_by("indicator_id", "fiscal_year_id")

    def written(self, objects: Any) -> Any:
        return super().written(map(_with_era, objects))

    def label_of(self, instance: Actual) -> str:
        return f"{instance.indicator.name} {full_label(instance.fiscal_year_id)}"

    def prepare(self) -> None:
        self._indicators = indicators_by_code()
        self._entries: list[tuple[Row, Entry]] = []
        self._entry: Entry | None = None

    def find(self, key: tuple[str, int]) -> Actual:
        actual = super().find(key)
        actual.seen_version = actual.version if actual.pk else None
        actual.typed = {}
        return _with_era(actual)

    def start(self, key: tuple[str, int]) -> Actual:
        code, year = key
        if code not in self._indicators:
            message = f"指標コード「{code}」は登録されていません。指標の一覧で確かめてください。"
            raise ValidationError({"code": message})
        actual = self._meta.model(indicator=self._indicators[code], fiscal_year_id=year)
        actual.availability = ""
        return actual

    def complete(self, instance: Any, changes: list[CellChange], *, is_new: bool) -> None:
        """Parse the cells. Fields missing or unchanged in the file keep their stored value."""
        subject = Subject(instance.fiscal_year_id, instance.indicator, None if is_new else instance)
        typed = replace(typed_of(subject), version="", **instance.typed)
        self._entry = None
        if is_new and not (typed.availability or any(getattr(typed, name) for name in NUMBERS)):
            return
        reading = read_entry(typed, subject)
        if reading.faults:
            raise ValidationError(reading.unlabelled_faults)
        self._entry = replace(
            given(reading.entry),
            version=instance.seen_version,
            change_kind=self.fields["change_kind"].get_value(instance),
            withheld=getattr(instance, "wanted_mark", None),
        )
        self._show(instance, self._entry)

    def _show(self, instance: Actual, entry: Entry) -> None:
        """Set the fields of an entry for the preview only: recording.py stores them."""
        content = content_of(entry, instance.indicator)
        if entry.availability == WITHDRAWN:
            content |= {"availability": "", "provisional": instance.provisional}
        for name, said in content.items():
            setattr(instance, name, said)

    def is_unchanged(self, instance: Any, changes: Sequence[CellChange]) -> bool:
        if instance.pk is None:
            return self._entry is None or self._entry.availability == WITHDRAWN
        return not changes and instance.seen_version in (None, instance.version)

    def check(self, instance: Actual, *, is_new: bool) -> None:
        """Do nothing: recording.py checks."""

    def save(self, instance: Actual, row: Row) -> None:
        self._entries.append((row, given(self._entry)))

    def finish(self, comparison: Comparison, *, writing: bool) -> None:
        # When writing, `write` follows, and recording.record finds the same problems.
        if not writing or not comparison.is_right:
            entries = [entry for _, entry in self._entries]
            self._tell(recording.check(entries, self.change), comparison)

    def write(self, comparisons: Sequence[Comparison]) -> None:
        entries = [entry for _, entry in self._entries]
        try:
            recording.record(entries, self.change)
        except recording.RecordingError as error:
            self._tell(error.problems, comparisons[0])

    def _tell(self, problems: list[recording.Problem], comparison: Comparison) -> None:
        """Add the problems from recording.py to the comparison, as faults of their rows."""
        for problem in problems:
            if problem.field == "reason":
                comparison.refuse("reason", problem.message)
                continue
            message = problem.message
            if problem.field == "version":
                message += "取り込むには、一括出力し直したファイルに記入してください。"
            row, entry = self._entries[problem.index]
            # A grade has a column of its own here; elsewhere it is in the field of the value.
            name = "grade" if problem.field == "value" and entry.grade else problem.field
            error = ValidationError({name or NON_FIELD_ERRORS: message})
            comparison.faults += self.faults_of(error, row)


def _with_era(actual: Any) -> Any:
    """Return a value after setting `era`, for the column of that name."""
    actual.era = era_label(actual.fiscal_year_id)
    return actual
