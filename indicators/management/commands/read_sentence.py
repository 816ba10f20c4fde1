"""Print the proposed reading of a target sentence as JSON."""

import json
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from indicators.rules.sentences import read_sentence


class Command(BaseCommand):
    help = "目標の文言を読み、読み取った内容と、文言から決まらない点をJSONで出力します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sentence", help="例：５年で１．４９とし０．１２ポイント向上")
        parser.add_argument("--name", default="", help="指標名。例：合計特殊出生率")

    def handle(self, *args: Any, sentence: str, name: str, **options: Any) -> None:
        reading = asdict(read_sentence(sentence, name))
        self.stdout.write(json.dumps(reading, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Decimal) -> str:
    """Return a Decimal as a string without exponent: JSON would turn a number into a float."""
    return f"{value:f}"
