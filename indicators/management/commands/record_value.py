"""Record one yearly value, for scripts that transfer values from other systems."""

from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from indicators.entries import Entry, Subject
from indicators.models import Actual, Indicator
from indicators.recording import RecordingError, record
from indicators.rules.narrowing_types import given
from indicators.typed_values import Typed, read_entry
from japanese.characters import clean
from japanese.fiscal_years import read_fiscal_year
from trail.history import Change, Door

Availability = Actual.Availability


class Command(BaseCommand):
    help = "指標の一年度の実績値を記録します。入力画面と同じ検査をして、履歴を残します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("indicator", help="指標のコード。例：total-fertility-rate")
        parser.add_argument("fiscal_year", help="年度。例：2017、平成29、H29")
        parser.add_argument(
            "value",
            nargs="?",
            help="実績値（表示単位）。記述目標では判定（順調など）。値がないときは省く",
        )
        parser.add_argument("--by", required=True, help="記録する人の職員番号")
        parser.add_argument("--seen-version", type=int, help="変更する値の版（初めての値なら省く）")
        parser.add_argument(
            "--availability",
            choices=[code for code in Availability.values if code != Availability.REPORTED],
            help="値がない理由",
        )
        parser.add_argument("--provisional", action="store_true", help="速報値")
        parser.add_argument("--remarks", default="", help="備考")
        parser.add_argument("--reason", default="", help="変更の理由（受付中でない年度では必須）")
        parser.add_argument(
            "--change-kind",
            default="",
            choices=Actual.ChangeKind.values,
            help="変更の種類：確定値への更新、遡及改定、訂正（受付を終えた年度の登録済みの値を変えるときは必須）",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["by"]).first()
        if user is None:
            raise CommandError(f"職員番号「{options['by']}」の利用者はいません。")
        indicator = Indicator.objects.filter(code=options["indicator"]).first()
        if indicator is None:
            raise CommandError(
                f"コード「{options['indicator']}」の指標はありません。"
                "管理の画面の「指標」でコードを確かめてください。"
            )
        try:
            entry = self._entry(indicator, options)
            change = Change(by=user, door=Door.COMMAND, reason=clean(options["reason"]))
            actual = given(record([entry], change)[0])
        except RecordingError as error:
            messages = (problem.message for problem in error.problems)
            raise CommandError("記録していません。\n" + "\n".join(messages)) from error
        except ValueError as error:
            raise CommandError(f"記録していません。\n{error}") from error
        self.stdout.write(
            f"記録しました：{indicator}、{actual.fiscal_year}、"
            f"{indicator.format(actual.value) or actual.availability_label}"
            f"{indicator.shown_unit if actual.value is not None else ''}（版{actual.version}）"
        )

    def _entry(self, indicator: Indicator, options: dict[str, Any]) -> Entry:
        """Return the entry in the options. Raises ValueError with a message for the user."""
        version = options["seen_version"]
        typed = Typed(
            value=options["value"] or "",
            availability=options["availability"] or "",
            provisional="on" if options["provisional"] else "",
            remarks=options["remarks"],
            version="" if version is None else str(version),
        )
        # The options state the whole value: no field keeps what is stored.
        subject = Subject(read_fiscal_year(options["fiscal_year"]), indicator, stored=None)
        reading = read_entry(typed, subject)
        if reading.faults:
            faults = reading.unlabelled_faults.values()
            raise ValueError("\n".join(message for messages in faults for message in messages))
        return replace(given(reading.entry), change_kind=options["change_kind"])
