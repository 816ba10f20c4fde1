"""The strategy that a command is told to export, with messages for the terminal where it is not."""

from django.core.management.base import CommandError
from django.utils import timezone

from goals.models import Strategy, period_label
from japanese.calendar_days import day_label, not_after, read_day
from japanese.fiscal_years import full_label, read_fiscal_year
from plans.nodes import StrategyTree
from plans.tree import NEWEST, StrategyNotFound, StrategyNotYetThere, YearOutsidePlan, read_tree


def tree_asked_for(code: str, fiscal_year: str | None, as_of: str | None = None) -> StrategyTree:
    """Return the tree for a year and day as they were typed; NEWEST and None as for `read_tree`.

    Raises CommandError, which says what there is instead.
    """
    try:
        is_typed = fiscal_year not in (None, NEWEST)
        year = read_fiscal_year(fiscal_year) if is_typed else fiscal_year
        day = not_after(read_day(as_of), timezone.localdate()) if as_of else None
        return read_tree(code, year, as_of=day)
    except StrategyNotYetThere as error:
        raise CommandError(
            f"{day_label(day)}には、「{code}」はまだ登録されていませんでした。"
            f"登録された{day_label(error.since)}以後の日を指定してください。"
        ) from error
    except StrategyNotFound as error:
        known = "、".join(Strategy.objects.values_list("code", flat=True)) or "まだありません"
        raise CommandError(
            f"コード「{code}」の総合戦略はありません。登録されているコード：{known}"
        ) from error
    except YearOutsidePlan as error:
        years = period_label(error.period.first, error.period.last)
        raise CommandError(
            f"{full_label(year)}は、「{code}」の期間（{years}）の外です。"
            "期間の中の年度を指定してください。"
        ) from error
    except ValueError as error:
        raise CommandError(str(error)) from error
