"""Command: write 検証報告書.xlsx of a year."""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import events
from accounts.history import Door, changing
from accounts.models import Event
from goals.models import Strategy, period_label
from indicators.calendar_days import day_label, read_day
from indicators.fiscal_years import full_label, read_fiscal_year
from kpis.narrowing import NotInPlan, narrow
from kpis.nodes import StrategyTree
from kpis.tree import (
    NEWEST,
    StrategyNotFound,
    StrategyNotYetThere,
    YearOutsidePlan,
    read_tree,
)
from reports.report_files import contents
from reports.review_workbook import review_workbook
from reports.sheets.cover import Facts


class Command(BaseCommand):
    help = "検証報告書（Excel）を作成します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="総合戦略のコード。例：nemuro-2015")
        parser.add_argument(
            "--fiscal-year", help="対象年度。例：2017、平成29、H29。省くと、値のある最も新しい年度"
        )
        parser.add_argument("--goal", type=int, help="一つの基本目標だけ。番号で指定します。例：1")
        parser.add_argument("--section", help="一つの課だけ。例：水産課")
        parser.add_argument(
            "--as-of", help="その日の終了時点のデータで作成します。例：2018-06-30、平成30年6月30日"
        )
        parser.add_argument(
            "-o", "--output", required=True, help="書き出すファイル。例：報告書.xlsx"
        )

    def handle(self, *args: Any, output: str, **options: Any) -> None:
        tree = _tree(**{name: options[name] for name in ("code", "fiscal_year", "as_of")})
        try:
            tree = narrow(tree, goal=options["goal"], section=options["section"])
        except NotInPlan as error:
            raise CommandError(str(error)) from error
        content = review_workbook(tree, facts=Facts("コマンド export_report", timezone.now()))
        try:
            Path(output).write_bytes(content)
        except OSError as error:
            raise CommandError(
                f"ファイル「{output}」に書き出せません（{error.strerror}）。"
                "フォルダーがあるか、書き込めるかを確かめてください。"
            ) from error
        digest = sha256(content).hexdigest()
        with changing(door=Door.COMMAND):
            name = os.path.basename(output)
            detail = f"{contents(tree)}、{len(content):,}バイト、SHA-256：{digest}"
            events.log(Event.Kind.EXPORT, name, detail)
        self.stdout.write(f"{output}（{len(content):,}バイト、SHA-256：{digest}）")


def _tree(code: str, fiscal_year: str | None, as_of: str | None) -> StrategyTree:
    """Return the tree asked for; raise CommandError where there is none."""
    try:
        year = read_fiscal_year(fiscal_year) if fiscal_year else NEWEST
        day = read_day(as_of) if as_of else None
        if day and day > timezone.localdate():
            raise ValueError(
                f"{day_label(day)}は、まだ来ていません。今日までの日を指定してください。"
            )
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
