"""Command: print the key that the page for the first administrator asks for."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts.first_administrator import is_needed, key_file, load_or_make_key


class Command(BaseCommand):
    help = (
        "最初の管理者を登録する画面で入力する鍵を示します。鍵は一度だけ使えます。"
        "利用者が一人でもいれば、鍵は作りません。"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_needed():
            raise CommandError(
                "利用者がすでに登録されているため、最初の管理者は登録できません。"
                "企画担当が一人もログインできないときは、"
                "manage.py createsuperuser を使ってください。"
            )
        try:
            key = load_or_make_key()
        except OSError as error:
            raise CommandError(
                f"鍵のファイル「{key_file()}」を読み書きできません（{error.strerror}）。"
                "DATA_DIR と権限を確かめ、プログラムを動かす利用者で実行してください。"
            ) from error
        self.stdout.write(f"鍵：{key}")
        address = f"{settings.SITE_URL}{reverse('first_administrator')}"
        self.stdout.write(f"{address} を開き、この鍵を入力してください。")
