"""Command: forget the second factor of a user, if nobody in planning can log in any more."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.second_factor import forget_second_factor
from trail.history import Door, changing


class Command(BaseCommand):
    help = (
        "職員番号で示した利用者の二段階認証の登録を取り消します。"
        "企画担当が一人もログインできないときに使います。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="職員番号")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(
                f"職員番号「{options['username']}」の利用者はいません。先頭の0も入力してください。"
            )
        with changing(door=Door.COMMAND):
            had = forget_second_factor([user])
        if not had:
            raise CommandError(f"{user}さんは、二段階認証を登録していません。")
        self.stdout.write(f"{user}さんの二段階認証の登録を取り消しました。")
