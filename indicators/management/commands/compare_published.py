"""Judge published evaluations under the rules of their own plans and list what differs."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from indicators.rules.published_elsewhere import PublishedComparison, compare_published
from japanese.fiscal_years import era_label


class Command(BaseCommand):
    help = (
        "公表された評価を、その計画の判定の決め方で判定し直し、"
        "一致した件数と、一致しなかったものの理由を出力します。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="公表された評価のJSONファイル")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            found = compare_published(json.loads(file.read_text(encoding="utf-8")))
        except OSError as error:
            raise CommandError(
                f"ファイル「{file}」を開けません。場所を確かめてください。"
            ) from error
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise CommandError(
                f"ファイル「{file}」は、JSONとして読み取れません。UTF-8のJSONを指定してください。"
            ) from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        agreed = Counter(one.plan for one in found if one.agrees)
        for plan, count in Counter(one.plan for one in found).items():
            self.stdout.write(f"{plan}　{count}件のうち{agreed[plan]}件が一致")
        for one in found:
            if not one.agrees:
                self.stdout.write(_line(one))
        total, same = len(found), agreed.total()
        share = f"（{100 * same / total:.1f}％）" if total else ""
        self.stdout.write(f"合計　{total}件のうち{same}件が一致{share}")


def _line(one: PublishedComparison) -> str:
    year = f"　{era_label(one.fiscal_year)}" if one.fiscal_year else ""
    return f"不一致　{one.plan}　{one.name}{year}　{'、'.join(one.differences)}　理由：{one.reason}"
