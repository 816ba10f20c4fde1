"""Command: print a strategy as JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from plans.nodes import PlainTree, StrategyTree
from reports.management.asked_tree import (
    add_draft_argument,
    plain_tree_asked_for,
    tree_asked_for,
)
from reports.strategy_json import strategy_as_json


class Command(BaseCommand):
    help = "総合戦略をJSONで出力します。年度を指定すると、その年度の判定を含みます。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="総合戦略のコード。例：city-2025")
        parser.add_argument("--fiscal-year", help="判定する年度。例：2017、平成29、H29")
        parser.add_argument(
            "--as-of", help="その日の終了時点のデータを出力します。例：2018-06-30、平成30年6月30日"
        )
        add_draft_argument(parser)

    def handle(self, *args: Any, code: str, **options: Any) -> None:
        year, day = options["fiscal_year"], options["as_of"]
        drafts = options["draft"]
        tree: StrategyTree | PlainTree
        if year:
            tree = tree_asked_for(code, year, day, drafts=drafts)
        else:
            tree = plain_tree_asked_for(code, day, drafts=drafts)
        self.stdout.write(json.dumps(strategy_as_json(tree), ensure_ascii=False, indent=2))
