"""The reminders due today: the sections, the recipients and the text of the mail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from entry.answer_status import MISSING_STATE, STATES, SectionStatus, year_status
from entry.models import Reminder
from goals.models import Strategy
from indicators.models import Actual, FiscalYear
from indicators.rules.narrowing_types import given
from indicators.rules.terms import NOT_REPORTED
from indicators.year_dates import day_from, time_left
from japanese.fiscal_years import era_label
from trail.installation import planning_office

State = Actual.State

NAMED_STATES = (MISSING_STATE, State.DRAFT, State.RETURNED, State.SUBMITTED)
"""States of values that are not answered yet."""


@dataclass(frozen=True)
class Due:
    """A section to be reminded: of what, the due date (`day`, `left`), and the recipients.

    `is_fallback`: nobody in the section has an address, so planning gets the mail. Without
    recipients, nobody has an address. `plans` are the titles of the plans of the year.
    """

    year: FiscalYear
    section: SectionStatus
    day: str
    left: str
    recipients: tuple[str, ...]
    is_fallback: bool
    is_trial: bool
    plans: tuple[str, ...] = ()


def milestone(due_date: date, today: date) -> date | None:
    """Return the latest reminder day up to today; None before the first.

    If nothing was sent on that day, e.g. on a weekend, the reminder is sent the next time.
    """
    days = [due_date - timedelta(days=days) for days in settings.REMINDER_DAYS_BEFORE]
    late = (today - due_date).days
    if late > 0:
        every = settings.REMINDER_REPEAT_DAYS
        days.append(due_date + timedelta(days=1 + ((late - 1) // every * every if every else 0)))
    return max((day for day in days if day <= today), default=None)


def due_reminders(today: date) -> Iterator[Due]:
    """Yield the reminders to send today: sections with unanswered values in an open year.

    A section that has been reminded since the last milestone is skipped. The mail of a section that
    has ended goes to those who enter its values now.
    """
    years = FiscalYear.objects.filter(entry_is_open=True, due_date__isnull=False)
    for year in years.order_by("year"):
        due_date = given(year.due_date)
        since = milestone(due_date, today)
        if since is None or (year.entry_opened_on and since < year.entry_opened_on):
            continue
        reminded = set(
            Reminder.objects.filter(fiscal_year=year, sent_on__gte=since).values_list(
                "section_id", flat=True
            )
        )
        plans = list(Strategy.objects.without_drafts().of_year(year.pk))
        addresses = _addresses(is_late=due_date < today)
        planning = _planning_addresses()
        for section in year_status(year, today).sections:
            if not section.counts.open or section.pk in reminded:
                continue
            entering = sorted(section.entering)
            own = tuple(dict.fromkeys(one for pk in entering for one in addresses.get(pk, ())))
            yield Due(
                year=year,
                section=section,
                day=day_from(due_date, today),
                left=time_left(due_date, today),
                recipients=own or planning,
                is_fallback=not own,
                is_trial=any(plan.invented for plan in plans),
                plans=tuple(plan.title for plan in plans),
            )


def _with_address() -> QuerySet[User]:
    return User.objects.filter(is_active=True).exclude(email="").order_by("pk")


def _addresses(*, is_late: bool) -> dict[int, tuple[str, ...]]:
    """Return the addresses by section: clerks, and heads as well after the due date."""
    roles = [Role.CLERK, Role.HEAD] if is_late else [Role.CLERK]
    rows = _with_address().filter(groups__name__in=roles, sections__isnull=False)
    found: dict[int, tuple[str, ...]] = {}
    for section_id, address in rows.distinct().values_list("sections", "email"):
        found[section_id] = (*found.get(section_id, ()), address)
    return found


def _planning_addresses() -> tuple[str, ...]:
    rows = _with_address().filter(groups__name=Role.PLANNING)
    return tuple(rows.values_list("email", flat=True))


def message_for(due: Due) -> EmailMessage:
    """Return the mail without sending it."""
    return EmailMessage(subject=_subject(due), body=_body(due), to=list(due.recipients))


def _subject(due: Due) -> str:
    what = f"{era_label(due.year.pk)}実績の入力（回答期限{due.day}、{due.left}）"
    return f"{due.section.name}　{what}" if due.is_fallback else what


def _body(due: Due) -> str:
    counts = due.section.counts
    year = due.year.pk
    lines = [f"{due.section.name}　御中", ""]
    if due.is_trial:
        lines += ["（試用環境からのお知らせです。実績値は架空のものです。）", ""]
    if due.is_fallback:
        lines += [
            f"{due.section.name}に、メールアドレスを登録した担当者がいないため、企画担当に"
            "送っています。担当課にお伝えください。",
            "",
        ]
    lines += [
        f"{era_label(year)}実績（{era_label(year + 1)} 効果検証）の入力について、お知らせします。",
        "",
        *([f"　対象の計画：{'、'.join(due.plans)}"] if len(due.plans) > 1 else []),
        f"　まだ回答していない指標：{counts.open}件（{_breakdown(due)}）",
        f"　回答期限：{due.day}（{due.left}）",
        "",
        "次の画面から入力し、課長が回答してください。Excel様式でも入力できます。",
        f"{settings.SITE_URL}{reverse('entry_grid', args=[year])}",
        "",
        "このメールは、自動で送っています。行き違いで回答済みの場合は、ご容赦ください。",
        f"お問い合わせは、{planning_office()}へお願いします。",
    ]
    return "\n".join(lines) + "\n"


def _breakdown(due: Due) -> str:
    counts = due.section.counts
    return "、".join(
        f"{NOT_REPORTED if state == MISSING_STATE else STATES[state]}{counts.of(state)}件"
        for state in NAMED_STATES
        if counts.of(state)
    )


def addresses_shown(addresses: Sequence[str]) -> str:
    """Return the recipients as text for people."""
    return "、".join(addresses) or "宛先なし"
