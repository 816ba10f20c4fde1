"""Command: lift lock-outs on the server, of log-in names and of addresses."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.core.validators import validate_ipv46_address

from accounts.lock_outs import lift_of_address, lift_of_name
from trail.history import Door, changing


class Command(BaseCommand):
    help = (
        "職員番号か接続元（IPアドレス）で示したロックを解除します。"
        "企画担当が一人もログインできないときや、接続元がロックされたときに使います。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("blocked", nargs="+", help="職員番号か接続元（IPアドレス）")

    def handle(self, *args: Any, **options: Any) -> None:
        with changing(door=Door.COMMAND):
            for blocked in options["blocked"]:
                self.stdout.write(_lifted(blocked))


def _lifted(blocked: str) -> str:
    """Lift a lock-out and return what to say."""
    if _is_address(blocked):
        label, had = f"接続元 {blocked} ", lift_of_address(blocked)
    else:
        label, had = f"職員番号「{blocked}」", lift_of_name(blocked)
    if had:
        return f"{label}のロックを解除しました。ログインの失敗の記録も消しました。"
    return f"{label}には、ログインの失敗がありません。ロックもされていません。"


def _is_address(text: str) -> bool:
    try:
        validate_ipv46_address(text)
    except ValidationError:
        return False
    return True
