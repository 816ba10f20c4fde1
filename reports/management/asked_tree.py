"""Reads the strategy that a command exports, with error messages for the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from goals.models import Strategy, period_label
from indicators.plan_states import PlanState
from japanese.calendar_days import day_label, not_after, read_day
from japanese.fiscal_years import full_label, read_fiscal_year
from plans.nodes import PlainTree, StrategyTree
from plans.tree import (
    NEWEST,
    StrategyNotFound,
    StrategyNotYetThere,
    YearOutsidePlan,
    read_plain_tree,
    read_tree,
)


def add_draft_argument(parser: CommandParser) -> None:
    """Let a command write a plan that is 作成中 only where it is asked to."""
    parser.add_argument("--draft", action="store_true", help="作成中の計画も書き出します。")


def tree_asked_for(
    code: str, fiscal_year: str | None, as_of: str | None, *, drafts: bool
) -> StrategyTree:
    """Return the tree for a year and day as typed; None means the newest year and today.

    Raises CommandError with the available choices, also for a draft without `drafts`.
    """
    with _said_in_the_terminal(code):
        year = read_fiscal_year(fiscal_year) if fiscal_year else NEWEST
        return read_tree(code, year, as_of=_day(as_of), drafts=drafts)


def plain_tree_asked_for(code: str, as_of: str | None, *, drafts: bool) -> PlainTree:
    """Return the tree without judgements; otherwise as `tree_asked_for`."""
    with _said_in_the_terminal(code):
        return read_plain_tree(code, as_of=_day(as_of), drafts=drafts)


def _day(typed: str | None) -> date | None:
    return not_after(read_day(typed), timezone.localdate()) if typed else None


@contextmanager
def _said_in_the_terminal(code: str) -> Iterator[None]:
    """Turn errors of reading a tree into CommandError with the available choices."""
    try:
        yield
    except StrategyNotYetThere as error:
        raise CommandError(
            f"{day_label(error.as_of)}には、「{code}」はまだ登録されていませんでした。"
            f"登録された{day_label(error.since)}以後の日を指定してください。"
        ) from error
    except StrategyNotFound as error:
        if Strategy.objects.filter(code=code, state=PlanState.DRAFT).exists():
            raise CommandError(
                f"コード「{code}」の総合戦略は作成中で、企画担当だけが見られます。"
                "書き出すときは、--draft を付けてください。"
            ) from error
        known = "、".join(Strategy.objects.values_list("code", flat=True)) or "まだありません"
        raise CommandError(
            f"コード「{code}」の総合戦略はありません。登録されているコード：{known}"
        ) from error
    except YearOutsidePlan as error:
        years = period_label(error.period.first, error.period.last)
        raise CommandError(
            f"{full_label(error.fiscal_year)}は、「{code}」の期間（{years}）の外です。"
            "期間の中の年度を指定してください。"
        ) from error
    except ValueError as error:
        raise CommandError(str(error)) from error
