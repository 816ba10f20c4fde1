"""Command: remind sections of unanswered values. Run it every morning with cron."""

from argparse import ArgumentParser
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from entry.models import Reminder
from entry.reminding import Due, addresses_shown, due_reminders, message_for

NO_MAIL = (
    "メールの設定（EMAIL_HOST）がないため、何も送りません。"
    "未回答の指標は、担当課と企画担当の最初の画面に出ています。"
)


class Command(BaseCommand):
    help = "回答期限の前後に、未回答の指標がある担当課へメールを送ります（1日1回まで）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="送らずに、送る内容と宛先だけを表示します。"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        if not settings.EMAIL_HOST and not options["dry_run"]:
            self.stdout.write(NO_MAIL)
            return
        sent, failures = 0, []
        for due in due_reminders(today):
            name = f"{due.section.name}（{due.year}）"
            if options["dry_run"]:
                self._show(due)
            elif not due.recipients:
                failures.append(f"{name}：担当課にも企画担当にも、メールアドレスがありません。")
            else:
                try:
                    sent += self._send(due, today)
                except (SMTPException, OSError) as error:
                    failures.append(f"{name}：送れませんでした（{error}）。")
        if not options["dry_run"]:
            self.stdout.write(f"{sent}通を送りました。")
        if failures:
            raise CommandError("\n".join(failures))

    def _show(self, due: Due) -> None:
        message = message_for(due)
        self.stdout.write(f"宛先：{addresses_shown(due.recipients)}")
        self.stdout.write(f"件名：{message.subject}\n\n{message.body}\n")

    def _send(self, due: Due, today: Any) -> int:
        """Send one mail and record it; return 1, or 0 if another process has sent it meanwhile.

        The record is written first and serves as a lock; it is rolled back if the mail fails.
        """
        try:
            with transaction.atomic():
                Reminder.objects.create(
                    section_id=due.section.pk,
                    fiscal_year=due.year,
                    sent_on=today,
                    recipients="\n".join(due.recipients),
                )
                message_for(due).send()
        except IntegrityError:
            return 0
        self.stdout.write(f"{due.section.name}：{addresses_shown(due.recipients)}")
        return 1
