"""What happens to an edition after it was fixed: publication, its day, and withdrawal.

Each act locks the plan and reads the edition and the person again, so that one of two conflicting
acts is refused, and so is a person who has left planning. The database holds the same rules
(guard.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import access
from accounts.models import User
from goals.models import Strategy
from indicators.models import FiscalYear
from japanese.calendar_days import era_day
from reviews.editions.editions_of_plan import editions_of, is_standing
from reviews.editions.public_data import PUBLIC_JSON
from reviews.models import Edition, Publication, Withdrawal
from reviews.recording import ReviewError, ReviewProblem
from trail.history import Door, changing


def refusal(message: str) -> ReviewError:
    """Return the error that says why an edition stays as it is."""
    return ReviewError([ReviewProblem(0, "", message)])


def is_of_planning(user: Any) -> bool:
    """Whether a person, read again, is still active and may fix a year."""
    found = User.objects.filter(pk=user.pk, is_active=True).first() if user else None
    return found is not None and access.may_fix_year(found)


def is_newest(edition: Edition) -> bool:
    """Whether the plan has no later valid edition."""
    return not any(
        one.number > edition.number and is_standing(one)
        for one in editions_of(edition.strategy.code)
    )


def not_publishable(edition: Edition) -> str:
    """Return why an edition is not published; "" if it may be."""
    if not is_standing(edition):
        return "取り下げた検証調書は、公表できません。"
    if hasattr(edition, "publication"):
        return "もう公表しています。"
    if hasattr(edition, "withdrawal"):
        return (
            "取下げの申出があるため、公表できません。"
            "取下げを認めるか、申出を取り消すかを先に決めてください。"
        )
    if not edition.files.filter(kind=PUBLIC_JSON).exists():
        return (
            "公表用のファイルがない号です（公表用のファイルを作る前に確定したもの）。"
            "取り下げて確定し直すと、公表できます。"
        )
    return ""


def not_withdrawable(edition: Edition) -> str:
    """Return why an edition is not withdrawn; "" if it may be."""
    if hasattr(edition, "publication"):
        return "公表した検証調書は、取り下げられません。誤りは、正誤として登録してください。"
    if not is_standing(edition):
        return "もう取り下げています。"
    if not is_newest(edition):
        return "取り下げられるのは、最後に確定した号だけです。"
    return ""


def not_agreeable(withdrawal: Withdrawal, user: Any) -> str:
    """Return why a person does not agree to a withdrawal; "" if he or she may."""
    if withdrawal.asked_by_id == user.pk:
        return "自分で申し出た取下げは、認められません。企画担当のほかの人に依頼してください。"
    if not is_of_planning(withdrawal.asked_by):
        return (
            f"取下げを申し出た{withdrawal.asked_by or '人'}は、もう企画担当ではありません。"
            "この申出を取り消し、必要なら申し出直してください。"
        )
    return ""


def publish(edition: Edition, day: date, by: Any) -> None:
    """Record the day on which an edition became public. Raises ReviewError."""
    with _locked(edition, by, "公表") as current:
        _refuse(not_publishable(current))
        Publication.objects.create(edition=current, published_on=day)
        year = FiscalYear.objects.select_for_update().get(pk=current.fiscal_year_id)
        if year.published_on is None:
            year.published_on = day
            year.save(update_fields=["published_on"])


def correct_publication(edition: Edition, was: date, day: date, reason: str, by: Any) -> None:
    """Replace a day of publication that was typed wrongly; `was` is the one that `by` saw.

    The day is not part of the edition: what was fixed stays, and history keeps both days with the
    reason. The day of the year follows where it is the same. Raises ReviewError.
    """
    with _locked(edition, by, reason) as current:
        if not hasattr(current, "publication"):
            _refuse("まだ公表していません。")
        publication = current.publication
        if publication.published_on == day:
            return
        if publication.published_on != was:
            _refuse(
                f"公表日は、{era_day(publication.published_on)}に直されています。"
                "今の公表日を確かめてください。"
            )
        publication.published_on = day
        publication.save(update_fields=["published_on"])
        year = FiscalYear.objects.select_for_update().get(pk=current.fiscal_year_id)
        if year.published_on == was:
            year.published_on = day
            year.save(update_fields=["published_on"])


def ask_to_withdraw(edition: Edition, reason: str, by: Any) -> None:
    """Record that one person wants an edition withdrawn. Raises ReviewError."""
    with _locked(edition, by, reason) as current:
        _refuse(not_withdrawable(current))
        if hasattr(current, "withdrawal"):
            _refuse(f"取下げは、{current.withdrawal.asked_by}がもう申し出ています。")
        Withdrawal.objects.create(edition=current, reason=reason, asked_by=by)


def agree_to_withdraw(edition: Edition, by: Any) -> None:
    """Withdraw an edition as the second person. Raises ReviewError."""
    with _locked(edition, by, "取下げを認めた") as current:
        asked = _asked(current)
        _refuse(not_withdrawable(current) or not_agreeable(asked, by))
        asked.agreed_by, asked.agreed_at = by, timezone.now()
        asked.save()


def take_back_withdrawal(edition: Edition, by: Any) -> None:
    """Delete the request to withdraw an edition, which stays valid. Raises ReviewError."""
    with _locked(edition, by, "取下げの申出の取消し") as current:
        asked = _asked(current)
        if asked.agreed_by_id:
            _refuse("もう取り下げています。")
        asked.delete()


@contextmanager
def _locked(edition: Edition, by: Any, reason: str) -> Iterator[Edition]:
    with transaction.atomic(), changing(by=by, door=Door.PAGE, reason=reason):
        strategy = Strategy.objects.select_for_update().get(pk=edition.strategy_id)
        if not is_of_planning(by):
            _refuse("企画担当でなくなったため、行えません。企画担当に連絡してください。")
        yield editions_of(strategy.code).get(pk=edition.pk)


def _asked(edition: Edition) -> Withdrawal:
    if not hasattr(edition, "withdrawal"):
        _refuse("取下げの申出は、取り消されています。")
    return edition.withdrawal


def _refuse(why: str) -> None:
    if why:
        raise refusal(why)
