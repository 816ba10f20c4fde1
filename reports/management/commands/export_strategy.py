"""Command: print a strategy as JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from goals.models import Strategy, period_label
from indicators.fiscal_years import full_label, read_fiscal_year
from kpis.tree import StrategyNotFound, YearOutsidePlan, read_tree
from reports.strategy_json import strategy_as_json


class Command(BaseCommand):
    help = "総合戦略をJSONで出力します。年度を指定すると、その年度の判定を含みます。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="総合戦略のコード。例：nemuro-2015")
        parser.add_argument("--fiscal-year", help="判定する年度。例：2017、平成29、H29")

    def handle(self, *args: Any, code: str, fiscal_year: str | None, **options: Any) -> None:
        try:
            year = None if fiscal_year is None else read_fiscal_year(fiscal_year)
            tree = read_tree(code, year)
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
        self.stdout.write(json.dumps(strategy_as_json(tree), ensure_ascii=False, indent=2))
