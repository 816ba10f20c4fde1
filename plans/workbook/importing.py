"""The importer of 計画様式.xlsx: makes a new draft of a plan, or updates a draft."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Section
from goals.models import NumericTarget, Strategy
from indicators.entries import Entry
from indicators.listings import contradictions
from indicators.models import Actual, FiscalYear, Indicator
from indicators.recording import RecordingError, record
from indicators.rules.narrowing_types import given
from japanese.fiscal_years import era_label, full_label
from japanese.numerals import plain
from kpis.models import KPI
from plans.loading import LoadError, LoadResult, Written, load_draft
from plans.pruning import delete_orphans, prune
from plans.workbook.columns import SHEETS
from plans.workbook.described import ALL_OTHERS, Described, Known
from plans.workbook.describing import describe_book
from plans.workbook.reading import BookRow, CellFault, PlanBook, read_plan_book
from plans.workbook.registered import known_now
from tables.importing import CellChange, Comparison, Importer, RowChange
from tables.uploads import Upload
from trail.history import Door, create_with_history

REASON = "計画様式の取込み"

SHOWN_MODELS = (
    "strategy",
    "basicgoal",
    "numerictarget",
    "measuregroup",
    "measure",
    "kpi",
    "project",
)
"""What the preview names of what is written; indicators and yearly targets go with them."""


@dataclass
class PlanComparison(Comparison):
    """What a workbook would make of a plan; `described` is None if it cannot be read as one."""

    described: Described | None = None
    gone: list[str] = field(default_factory=list)
    is_new: bool = True
    actuals: int = 0
    """How many values of earlier years are recorded."""
    new_sections: list[str] = field(default_factory=list)
    loaded: LoadResult | None = field(default=None, repr=False, compare=False)


class PlanImporter(Importer[PlanBook]):
    """Imports the workbook of a plan for a user of planning.

    `decisions` answers the questions whether a listing measures what is registered already.
    """

    subject = "計画様式"
    table = "plan_workbook"

    def __init__(
        self,
        user: Any,
        *,
        reason: str = "",
        decisions: Mapping[str, str] | None = None,
        door: Door = Door.IMPORT,
    ) -> None:
        self.user = user
        self.reason = reason or REASON
        self.door = door
        self.decisions = dict(decisions or {})
        self.taken_in = ""
        """The code of the plan that was written."""

    def read(self, upload: Upload) -> PlanBook:
        return read_plan_book(upload)

    def compare(self, documents: Sequence[PlanBook], *, writing: bool = False) -> list[Comparison]:
        return [self._compare(book, writing=writing) for book in documents]

    def _compare(self, book: PlanBook, *, writing: bool) -> PlanComparison:
        if not book.rows:
            return PlanComparison(book, faults=[] if book.faults else [_nothing()])
        known = known_now()
        described = describe_book(book, known, self.decisions)
        found = PlanComparison(
            book,
            faults=[*described.faults],
            questions=[
                one
                for one in described.questions
                if not {one.id, ALL_OTHERS} & self.decisions.keys()
            ],
            described=described,
        )
        if described.faults:
            return found
        with transaction.atomic():
            _Carrying(self, found, known).run(rehearsed=not writing)
            if not writing or not found.is_right:
                transaction.set_rollback(True)
        return found

    def write(self, comparisons: Sequence[Comparison]) -> None:
        for one in comparisons:
            if isinstance(one, PlanComparison) and one.described:
                self.taken_in = one.described.code

    def summary(self, comparisons: Sequence[Comparison]) -> str:
        parts = []
        for one in comparisons:
            if isinstance(one, PlanComparison) and one.described and not one.faults:
                title = one.described.plan["strategy"]["title"]
                parts.append(
                    f"「{title}」：新規{len(one.added)}件、変更{len(one.changed)}件、"
                    f"なくなるもの{len(one.gone)}件、変わらないもの{one.unchanged}件"
                    + (f"、実績値{one.actuals}件" if one.actuals else "")
                )
        return "、".join(parts) or "取り込めるものはありません"


def _nothing() -> CellFault:
    return CellFault("計画様式に、何も書かれていません。書き込んでから、もう一度選んでください。")


class _Carrying:
    """Writes what a workbook describes, inside the caller's transaction; not reusable."""

    def __init__(self, importer: PlanImporter, found: PlanComparison, known: Known) -> None:
        self.importer = importer
        self.found = found
        self.described = given(found.described)
        self.known = known

    def run(self, *, rehearsed: bool) -> None:
        code = self.described.code
        before = {one for codes in self.known.own.get(code, {}).values() for one in codes}
        confirming = {"confirmed_at": timezone.now(), "confirmed_by": self.importer.user}
        known = dict(Section.objects.values_list("name", "position"))
        self._make_sections(known)
        try:
            result = load_draft(self.described.plan, confirming, rehearsed=rehearsed)
        except LoadError as error:
            self.found.faults += [self._fault_of(problem) for problem in error.problems]
            return
        named = dict.fromkeys(one.name for _, one in result.objects.get(Section, []))
        listed = dict.fromkeys(self.described.sections)
        self.found.new_sections = [one for one in {**listed, **named} if one not in known]
        strategy: Strategy = result.objects[Strategy][0][1]
        self.found.is_new = any(one.is_new and one.instance is strategy for one in result.written)
        gone = [] if self.found.is_new else prune(strategy, result)
        self._check_contradictions(result)
        self._record_actuals()
        now = {one.code for _, one in result.objects.get(Indicator, [])}
        orphans = delete_orphans(before - now)
        self.found.loaded = result
        self.found.changes = [change for one in result.written for change in self._changes(one)]
        self.found.gone = [str(one) for one in gone]
        self.found.gone += [
            f"指標「{one}」（ほかの計画になく、実績値もないもの）" for one in orphans
        ]
        self.found.consequences = self.found.gone
        self.found.unchanged = result.unchanged

    def _make_sections(self, known: Mapping[str, int]) -> None:
        """Register the sections of the sheet 担当課; others are registered where they are named."""
        last = max(known.values(), default=0)
        new = [one for one in self.described.sections.items() if one[0] not in known]
        create_with_history(
            Section,
            [
                Section(name=name, department=department, position=number)
                for number, (name, department) in enumerate(new, last + 1)
            ],
        )

    def _changes(self, written: Written) -> Iterator[RowChange]:
        model = written.instance._meta.model_name
        if model not in SHOWN_MODELS and (model != "indicator" or written.is_new):
            return
        if not (written.is_new or written.fields):
            return
        row = self.described.places.get(written.place)
        yield RowChange(
            row=row.number if row else 0,
            label=str(written.instance),
            is_new=written.is_new,
            fields=tuple(
                CellChange(name, _shown(old), _shown(new))
                for name, old, new in written.fields
                if _shown(old) != _shown(new)
            ),
            section=row.title if row else "計画",
        )

    def _fault_of(self, problem: str) -> CellFault:
        """Return the error at the cell that a message of the loader is about."""
        place, _, rest = problem.partition("：")
        row = self.described.places.get(place)
        if row is None:
            return CellFault(problem, sheet=self.found.document.sheet)
        if "年度別目標値" in rest and place in self.described.yearly:
            yearly = self.described.yearly[place]
            years = (int(key[5:]) for key in yearly.cells if key.startswith("year."))
            named = next((year for year in years if era_label(year) in rest), None)
            return yearly.fault(f"year.{named}" if named else "listing", rest)
        label, _, message = rest.partition("：")
        key = _key_of(label.split("（")[0], row.sheet)
        return row.fault(key, message if key and message else rest or problem)

    def _check_contradictions(self, result: LoadResult) -> None:
        """Note numbers that say something else than their sentence."""
        for model in (NumericTarget, KPI):
            for place, listing in result.objects.get(model, []):
                row = self.described.places.get(place)
                for name, message in contradictions(listing):
                    if row:
                        self.found.faults.append(row.fault(name, message))

    def _record_actuals(self) -> None:
        """Record values of earlier years; what is registered already is not changed."""
        described = self.described.actuals
        if not described or self.found.faults:
            return
        if self.importer.user is None:
            row = described[0][-1]
            self.found.faults.append(
                row.fault(
                    "listing",
                    "実績値を登録する企画担当が分かりません。職員番号を --by で指定するか、"
                    "このシートを空にしてください。",
                )
            )
            return
        ids = dict(
            Indicator.objects.filter(code__in={code for code, *_ in described}).values_list(
                "code", "pk"
            )
        )
        years = {year for _, year, *_ in described}
        missing = years - set(FiscalYear.objects.filter(pk__in=years).values_list("pk", flat=True))
        for year in sorted(missing):
            FiscalYear(pk=year).save(force_insert=True)
        stored = {
            (actual.indicator_id, actual.fiscal_year_id): actual
            for actual in Actual.objects.filter(indicator__in=ids.values(), fiscal_year__in=years)
        }
        entries: dict[tuple[int, int], tuple[Entry, BookRow]] = {}
        for code, year, value, row in described:
            key = ids[code], year
            if (actual := stored.get(key)) is None and key not in entries:
                entries[key] = Entry(indicator_id=key[0], fiscal_year=year, value=value), row
            elif (known := actual.value if actual else entries[key][0].value) != value:
                self.found.faults.append(_another_value(row, year, value, known))
        written = list(entries.values())
        self.found.actuals = len(written)
        if self.found.faults or not written:
            return
        try:
            record([entry for entry, _ in written], self.importer.change)
        except RecordingError as error:
            for problem in error.problems:
                entry, row = written[problem.index]
                self.found.faults.append(row.fault(f"year.{entry.fiscal_year}", problem.message))
            return
        self.found.changes += [
            RowChange(
                row=row.number,
                label=f"{row.text('name') or row.text('listing')}の"
                f"{era_label(entry.fiscal_year)}実績値{plain(given(entry.value))}",
                is_new=True,
                fields=(),
                section=row.title,
            )
            for entry, row in written
        ]


def _another_value(row: BookRow, year: int, value: Decimal, known: Decimal | None) -> CellFault:
    return row.fault(
        f"year.{year}",
        f"{full_label(year)}の実績値「{plain(value)}」が、登録されている値"
        f"「{'値なし' if known is None else plain(known)}」と違います。"
        "登録されている値を変えるときは、実績値の入力の画面で変え、この欄は空欄にしてください。",
    )


_KEYS = {
    "記載名": "name",
    "目標の文言": "sentence",
    "改善の方向": "direction",
    "基準値の年度": "baseline_year",
    "コード": "indicator",
}
"""Names of fields in messages of the loader that differ from the headers of the workbook."""


def _key_of(label: str, sheet: str) -> str:
    """Return the column of a sheet for a field that a message of the loader names."""
    of = next((one for one in SHEETS if one.key == sheet), None)
    columns = of.columns if of else ()
    keys = {column.header: column.key for column in columns}
    return keys.get(label) or _KEYS.get(label, "")


def _shown(value: Any) -> str:
    """Return an old or new value of a field in words."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, Decimal):
        return plain(value)
    return str(value)
