"""Print the proposed reading of a target sentence: as JSON, and in Japanese for the user."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from indicators.rules.reading_words import in_words
from indicators.rules.sentence_forms import SpecialTarget
from indicators.rules.sentences import read_sentence

# argparse takes -3.2ポイント for an option; U+2212 is a minus to the reader as well.
_NEGATIVE = re.compile(r"^-(?![A-Za-z-])(?=.)")
_ONLY_IF_STATED = ("baseline_year", "target_year", "special")


class Command(BaseCommand):
    help = (
        "目標の文言を読み、読み取った内容と、文言から決まらない点を、標準出力にJSONで、"
        "標準エラー出力に日本語の文で出力します。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sentence", help="例：５年で１．４９とし０．１２ポイント向上")
        parser.add_argument("--name", default="", help="指標名。例：合計特殊出生率")

    def run_from_argv(self, argv: Sequence[str]) -> None:
        command, *arguments = argv
        super().run_from_argv([command, *(_NEGATIVE.sub("−", one, count=1) for one in arguments)])

    def handle(self, *args: Any, sentence: str, name: str, **options: Any) -> None:
        reading = read_sentence(sentence, name)
        printed = asdict(reading)
        for key in _ONLY_IF_STATED:
            if printed[key] is None:
                del printed[key]
        if reading.special:
            printed["special"] = _stated(reading.special)
        self.stdout.write(json.dumps(printed, ensure_ascii=False, indent=2, default=_plain))
        self.stderr.write("\n".join(in_words(reading).split("　")))


def _stated(special: SpecialTarget) -> dict[str, Any]:
    values = {field.name: getattr(special, field.name) for field in fields(special)}
    return {name: value for name, value in values.items() if value not in (None, "")}


def _plain(value: Decimal) -> str:
    """Return a Decimal as a string without exponent: JSON would turn a number into a float."""
    return f"{value:f}"
