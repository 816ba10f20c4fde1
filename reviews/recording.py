"""The only module that writes what sections say of a year: results of projects, 内部評価.

A caller passes what somebody wants to be true, each with the version that this person saw. A call
writes all of it with its history, or nothing and raises `ReviewError` with every problem.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from accounts import access
from indicators.entries import tidy_remarks
from indicators.models import FiscalYear
from indicators.recording import STATES_BEFORE
from japanese.fiscal_years import fiscal_year_of
from reviews.duties import Responsible
from reviews.editions.editions_of_plan import fixed_plans
from reviews.lacking import obstacle_of
from reviews.measures.complete import lacking_evaluation
from reviews.models import Answered, KPIReview, MeasureReview, ProjectYear, State
from reviews.projects.complete import lacking_results
from trail.clean_records import clean_texts
from trail.history import Change, changing
from trail.installation import planning_office

A = TypeVar("A", bound=Answered)

REVIEW_STATES_BEFORE = {
    **STATES_BEFORE,
    State.RETURNED: (*STATES_BEFORE[State.RETURNED], State.CONFIRMED),
}
"""As of values; but planning returns what it confirmed, because only the section knows the text."""

WHOLE = ""
"""The field of a problem that is about the whole entry."""


@dataclass(frozen=True)
class ReviewEntry:
    """What somebody wants to be true of a project's or measure's year.

    `about` is the id of the project or measure, `fields` has the typed content by field name, and
    `seen` the version on the page, 0 where there was nothing. `kpis` has comment and outlook by the
    id of a KPI, of an evaluation only.
    """

    about: int
    fields: Mapping[str, Any]
    seen: int
    kpis: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ReviewProblem:
    """What is wrong with an entry: the id of its project or measure, the field, the message.

    `current` is the stored row if another user changed it first.
    """

    about: int
    field: str
    message: str
    current: Any = None


class ReviewError(Exception):
    """Nothing was written; `problems` has the reasons."""

    def __init__(self, problems: Sequence[ReviewProblem]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(problem.message for problem in problems))


def record_reviews(
    model: type[A],
    year: FiscalYear,
    entries: Iterable[ReviewEntry],
    duties: Responsible,
    change: Change,
) -> list[A]:
    """Write the entries and return their rows; an entry equal to the stored row changes nothing.

    `model` is ProjectYear or MeasureReview, `duties` says which sections answer for each. Raises
    ReviewError, with nothing written.
    """
    with transaction.atomic(), changing(change):
        made = _made(model, year, list(entries), duties, change)
        if made.problems:
            raise ReviewError(made.problems)
        for row, entry in made.changed:
            row.save()
            if isinstance(row, MeasureReview):
                _save_kpis(row, entry)
        return made.rows


def check_reviews(
    model: type[Answered],
    year: FiscalYear,
    entries: Iterable[ReviewEntry],
    duties: Responsible,
    change: Change,
) -> list[ReviewProblem]:
    """Return why `record_reviews` would refuse the entries; it writes nothing.

    The number of queries does not depend on the number of entries.
    """
    with transaction.atomic():
        return _made(model, year, list(entries), duties, change).problems


@dataclass
class _Made(Generic[A]):
    """The rows that entries make, those of them that are changed, and what is wrong."""

    rows: list[A] = field(default_factory=list)
    changed: list[tuple[A, ReviewEntry]] = field(default_factory=list)
    problems: list[ReviewProblem] = field(default_factory=list)


def _made(
    model: type[A],
    year: FiscalYear,
    entries: Sequence[ReviewEntry],
    duties: Responsible,
    change: Change,
) -> _Made[A]:
    about = _locked_parents(model, [entry.about for entry in entries])
    stored = _locked(model, year, about)
    closed = obstacle_of_year(year, duties.strategy_id)
    made: _Made[A] = _Made()
    for entry in entries:
        row = stored.get(entry.about)
        if problem := _obstacle_of_entry(closed, entry, row, duties, change):
            made.problems.append(problem)
        elif row is not None and is_same(row, entry):
            made.rows.append(row)
        else:
            row = row or _new(model, year, about[entry.about])
            row = _with_content(row, entry, change)
            if isinstance(row, ProjectYear) and row.section_id is None:
                # The section of the year stays, even if another one has the project later.
                row.section_id = _section_of(entry.about, duties, change.by) or None
            made.rows.append(row)
            made.changed.append((row, entry))
            made.problems += _problems_of_content(row, entry.about)
    return made


def _about(model: type[Answered]) -> str:
    """Return the field with the project or measure."""
    return "measure" if model is MeasureReview else "project"


def _locked_parents(model: type[Answered], about: Sequence[int]) -> dict[int, Any]:
    """Return the projects or measures by id, locked.

    What has no row yet is locked by its project or measure: two first entries would be two rows.
    """
    parent: Any = model._meta.get_field(_about(model)).related_model
    rows = parent.objects.select_for_update(of=("self",)).filter(pk__in=about).order_by("pk")
    if model is ProjectYear:
        rows = rows.select_related("relisted_from__measure__group__goal")
    return {row.pk: row for row in rows}


def _locked(model: type[A], year: FiscalYear, about: Mapping[int, Any]) -> dict[int, A]:
    """Return the rows of a year by project or measure; `about` are those, which are locked."""
    name = _about(model)
    # Steps and decisions lock the row alone.
    rows = model._default_manager.select_for_update(of=("self",)).filter(
        **{f"{name}__in": about, "fiscal_year": year}
    )
    others = ["grant"] if model is ProjectYear else []
    found = {}
    for row in rows.select_related("entered_by", *others).order_by("pk"):
        pk = getattr(row, f"{name}_id")
        setattr(row, name, about[pk])
        found[pk] = row
    return found


def _new(model: type[A], year: FiscalYear, about: Any) -> A:
    return model(**{_about(model): about, "fiscal_year": year, "version": 0})


def _with_content(row: A, entry: ReviewEntry, change: Change) -> A:
    """Give a row the content of an entry."""
    for name, content in entry.fields.items():
        setattr(row, name, _tidied(content))
    row.version += 1
    row.entered_by, row.entered_at = change.by, timezone.now()
    row.confirmed_by = row.confirmed_at = None
    if isinstance(row, MeasureReview):
        # 推進本部 decided on a different text; its decision stays in history.
        row.decision, row.decided_on = "", None
    # What is changed has to be answered and confirmed again; planning has no head.
    if access.enters_as_answered(change.by):
        row.state, row.return_reason = State.ANSWERED, ""
    else:
        row.state = State.DRAFT
    return row


def _obstacle_of_entry(
    closed: str, entry: ReviewEntry, row: Answered | None, duties: Responsible, change: Change
) -> ReviewProblem | None:
    """Return why an entry may not be written, whatever it says; `closed`: why the year cannot."""
    name = f"「{duties.name(entry.about)}」"
    message = ""
    if not access.may_write_review(change.by, duties.sections(entry.about)):
        message = f"{name}に入力する権限がありません。担当課か企画担当に依頼してください。"
    elif closed:
        message = f"{name}：{closed}"
    elif row is None and entry.seen:
        message = f"{name}は、この画面を開いた後に消されました。開き直してください。"
    elif row is not None and not is_same(row, entry):
        if row.version != entry.seen:
            return ReviewProblem(
                entry.about, WHOLE, f"{name}は、{who_was_faster(row, change.by)}", row
            )
        if row.state == State.CONFIRMED and not access.may_change_confirmed(change.by):
            message = (
                f"{name}は、企画担当が確認済みです。"
                "変更が必要な場合は、企画担当に連絡してください。"
            )
    return ReviewProblem(entry.about, WHOLE, message, row) if message else None


def obstacle_of_year(year: FiscalYear, strategy_id: int) -> str:
    """Return why nothing of a year can be written; "" if it can.

    A year is written about once its entry was opened, and until its 検証調書 is fixed.
    """
    if year.entry_opened_on is None and not year.has_ended:
        is_ahead = year.year > fiscal_year_of(timezone.localdate())
        what = "まだ始まっていません" if is_ahead else "実績値の入力の受付がまだ始まっていません"
        return f"{year}は、{what}。{planning_office()}が受付を始めてから入力してください。"
    if strategy_id in fixed_plans(year.pk):
        return (
            f"{year}の検証調書は確定しています。誤りがあるときは、{planning_office()}に連絡してください。"
            "検証調書に正誤を登録します。"
        )
    return ""


def _problems_of_content(row: Answered, about: int) -> list[ReviewProblem]:
    clean_texts(row)
    # What it refers to comes from the database: no need to ask for each row that it exists.
    known = {field.name for field in row._meta.concrete_fields if field.is_relation}
    try:
        # Nor the constraints: `clean` has messages for them, and the database enforces them.
        row.full_clean(exclude=known, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return [
            ReviewProblem(about, WHOLE if name == "__all__" else name, message)
            for name, messages in error.message_dict.items()
            for message in messages
        ]
    return []


def is_same(row: Answered, entry: ReviewEntry) -> bool:
    """Return whether a stored row has the content of an entry already.

    The proposed grade is nobody's content: it may have changed since the row was written.
    """
    if any(
        _tidied(getattr(row, name)) != _tidied(content)
        for name, content in entry.fields.items()
        if name != "proposed_grade"
    ):
        return False
    return _kpis_of(row) == _tidy(entry.kpis)


def _tidied(content: Any) -> Any:
    """Return content with the same line breaks whatever door it came through."""
    return tidy_remarks(content) if isinstance(content, str) else content


def _tidy(kpis: Mapping[int, Mapping[str, str]]) -> dict[int, tuple[str, str]]:
    found = {pk: (said.get("comment", ""), said.get("outlook", "")) for pk, said in kpis.items()}
    return {pk: said for pk, said in found.items() if any(said)}


def _kpis_of(row: Answered) -> dict[int, tuple[str, str]]:
    if not isinstance(row, MeasureReview):
        return {}
    return {one.kpi_id: (one.comment, one.outlook) for one in row.kpi_reviews.all()}


def _save_kpis(review: MeasureReview, entry: ReviewEntry) -> None:
    """Store the comments of an evaluation on its KPIs."""
    wanted = _tidy(entry.kpis)
    for one in review.kpi_reviews.all():
        comment, outlook = wanted.pop(one.kpi_id, ("", ""))
        if not comment and not outlook:
            one.delete()
        elif (one.comment, one.outlook) != (comment, outlook):
            one.comment, one.outlook = comment, outlook
            one.save()
    for pk, (comment, outlook) in wanted.items():
        KPIReview.objects.create(review=review, kpi_id=pk, comment=comment, outlook=outlook)


CHOOSE_AGAIN = "今の内容を確かめ、残す方を入力して、もう一度保存してください。"
LOOK_AGAIN = "今の内容を確かめてから、もう一度押してください。"
"""What to do where somebody was faster: with texts of one's own, and with a step."""


def who_was_faster(row: Answered, seen_by: Any, remedy: str = CHOOSE_AGAIN) -> str:
    """Return who changed a row last and when, and what to do; it follows 「…」は、.

    One query: a step and a decision leave the row's own writer as it was.
    """
    last = type(row).history.filter(id=row.pk).select_related("history_user").latest()  # type: ignore[attr-defined]
    when = date_format(timezone.localtime(last.history_date), "n月j日G時i分")
    is_own = last.history_user_id == seen_by.pk
    by = "あなたが別の画面で" if is_own else f"{last.history_user or 'ほかの人'}が"
    return f"{when}に{by}変更しました。{remedy}"


def move_reviews(
    model: type[A],
    versions: Mapping[int, int],
    to: str,
    duties: Responsible,
    change: Change,
    *,
    on_paper: bool = False,
) -> list[A]:
    """Move rows to the state `to` and return them.

    `versions` maps ids of rows to the versions seen. `on_paper`: the head decided on paper, which
    the reason of the change documents. Raises ReviewError, with nothing written; its problems name
    the project or measure.
    """
    with transaction.atomic(), changing(change):
        of_plan = {f"{_about(model)}__in": duties.by_id}
        found = model._default_manager.select_for_update(of=("self",)).filter(
            pk__in=versions, **of_plan
        )
        about = ["fiscal_year", "entered_by", *(["project"] if model is ProjectYear else [])]
        rows = {row.pk: row for row in found.select_related(*about).order_by("pk")}
        problems = [
            ReviewProblem(0, WHOLE, "選んだ行は、もうありません。開き直してください。")
            for pk in versions
            if pk not in rows
        ]
        for pk, row in rows.items():
            of = getattr(row, f"{_about(model)}_id")
            message = _obstacle_of_move(row, to, duties, change, on_paper=on_paper)
            if row.version != versions[pk]:
                message = f"「{duties.name(of)}」は、{who_was_faster(row, change.by, LOOK_AGAIN)}"
            elif not message and to != State.RETURNED and (lacks := _lacks(row, duties)):
                message = f"「{duties.name(of)}」：{lacks}"
            if message:
                problems.append(ReviewProblem(of, WHOLE, message, row))
        if problems:
            raise ReviewError(problems)
        for row in rows.values():
            if isinstance(row, MeasureReview) and row.measure_id in duties.proposals:
                row.proposed_grade = duties.proposals[row.measure_id]
            _advance(row, to, change)
        return [rows[pk] for pk in versions]


def _advance(row: Answered, to: str, change: Change) -> None:
    row.state = to
    row.version += 1
    if to == State.RETURNED:
        row.return_reason = change.reason
    elif to != State.SUBMITTED:
        # Until somebody has decided again, the reason is shown beside the corrected text.
        row.return_reason = ""
    confirmed = to == State.CONFIRMED
    row.confirmed_by = change.by if confirmed else None
    row.confirmed_at = timezone.now() if confirmed else None
    row.save()


def _section_of(about: int, duties: Responsible, by: Any) -> int:
    """Return the section of those that answer for something as which somebody acts; 0 for none."""
    own, sections = access.sections_of(by), duties.sections(about)
    return next((pk for pk in sections if pk in own), sections[0] if sections else 0)


def _obstacle_of_move(
    row: Answered, to: str, duties: Responsible, change: Change, *, on_paper: bool
) -> str:
    """Return why a row may not move to a state; "" if it may."""
    about = getattr(row, f"{_about(type(row))}_id")
    name = f"「{duties.name(about)}」"
    if row.state not in REVIEW_STATES_BEFORE[to]:
        return (
            f"{name}は「{row.get_state_display()}」なので、"
            f"「{State(to).label}」にすることはできません。"
        )
    if to == State.RETURNED and not change.reason.strip():
        return f"{name}を差し戻す理由を入力してください。"
    section = _section_of(about, duties, change.by)
    if not access.may_move(change.by, to, row.state, section, row.entered_by_id, on_paper=on_paper):
        if to == State.CONFIRMED and row.entered_by_id == change.by.pk:
            return f"{name}は、自分で入力したものです。企画担当のほかの人が確認してください。"
        return f"{name}を「{State(to).label}」にする権限がありません。"
    if obstacle := obstacle_of_year(row.fiscal_year, duties.strategy_id):
        return f"{name}：{obstacle}"
    return ""


def _lacks(row: Answered, duties: Responsible) -> str:
    """Return what a row lacks before its section may say that it is finished; "" for nothing."""
    if isinstance(row, MeasureReview):
        proposed = duties.proposals.get(row.measure_id, "")
        return obstacle_of(lacking_evaluation(row, proposed))
    return obstacle_of(lacking_results(row)) if isinstance(row, ProjectYear) else ""


@dataclass(frozen=True)
class HeadquartersDecision:
    """What 推進本部 decided on an evaluation: its id, the version seen, and the words.

    No words take the decision back.
    """

    review: int
    seen: int
    text: str


def record_decisions(
    decisions: Sequence[HeadquartersDecision],
    decided_on: date | None,
    duties: Responsible,
    change: Change,
) -> list[MeasureReview]:
    """Write what 推進本部 decided on one day on confirmed evaluations; return those that changed.

    A later change of an evaluation cancels its decision: it was about a different text. Raises
    ReviewError, with nothing written; its problems name the id of the measure.
    """
    with transaction.atomic(), changing(change):
        found = MeasureReview.objects.select_for_update(of=("self",)).filter(
            pk__in=[one.review for one in decisions]
        )
        rows = {row.pk: row for row in found.select_related("fiscal_year").order_by("pk")}
        # A decision that is stored already changes nothing, as when a form arrives twice.
        new = [
            one
            for one in decisions
            if one.review not in rows or not _is_decided(rows[one.review], one, decided_on)
        ]
        problems = [
            problem
            for one in new
            if (problem := _obstacle_of_decision(one, rows.get(one.review), duties, change))
        ]
        if problems:
            raise ReviewError(problems)
        for one in new:
            row = rows[one.review]
            row.decision, row.decided_on = one.text, decided_on if one.text else None
            row.version += 1
            clean_texts(row)
            row.save()
        return [rows[one.review] for one in new]


def _is_decided(row: MeasureReview, decision: HeadquartersDecision, day: date | None) -> bool:
    wanted = (decision.text, day if decision.text else None)
    return (row.decision, row.decided_on) == wanted


def _obstacle_of_decision(
    decision: HeadquartersDecision, row: MeasureReview | None, duties: Responsible, change: Change
) -> ReviewProblem | None:
    """Return why a decision may not be written; None if it may."""
    if row is None:
        return ReviewProblem(0, WHOLE, "選んだ評価は、もうありません。開き直してください。")
    name, message = f"「{duties.name(row.measure_id)}」", ""
    if not access.may_keep_reviews(change.by):
        message = f"{name}に決定を記録する権限がありません。企画担当に依頼してください。"
    elif row.version != decision.seen:
        message = f"{name}は、{who_was_faster(row, change.by)}"
    elif row.state != State.CONFIRMED:
        message = (
            f"{name}は「{row.get_state_display()}」です。"
            "推進本部の決定は、企画担当が評価を確認した後に記録してください。"
        )
    elif obstacle := obstacle_of_year(row.fiscal_year, duties.strategy_id):
        message = f"{name}：{obstacle}"
    return ReviewProblem(row.measure_id, WHOLE, message, row) if message else None
