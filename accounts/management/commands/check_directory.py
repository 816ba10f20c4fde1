"""Command: show the account that directory and file of groups give a person. Changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.directory import find_person, is_used
from accounts.directory_backend import rights_by_groups
from accounts.directory_groups import WrongGroups
from accounts.directory_person import DirectoryIsAway
from accounts.models import Section, User


class Command(BaseCommand):
    help = (
        "職員番号で示した人を庁内のディレクトリから探し、氏名、グループ、"
        "LDAP_GROUPS_FILE による役割と担当課を示します。何も変えません。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="職員番号")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_used():
            raise CommandError(
                "LDAP_SERVERS が空なので、ディレクトリを使いません。.env を確かめてください。"
            )
        try:
            person = find_person(options["username"])
            rights = rights_by_groups(person) if person else None
        except (DirectoryIsAway, WrongGroups) as error:
            raise CommandError(f"ディレクトリを使えません：{error}") from error
        if person is None:
            raise CommandError(
                f"「{options['username']}」の人は、ディレクトリにいません。"
                "LDAP_USER_BASE、LDAP_USER_FILTER、LDAP_NUMBER_ATTRIBUTE を確かめてください。"
            )
        self._say("場所", person.dn)
        self._say("職員番号", person.number)
        self._say("氏名", person.full_name)
        self._say("メールアドレス", person.email)
        self._say("グループ", "、".join(sorted(person.groups)))
        if rights is not None:
            known = set(Section.objects.active().values_list("name", flat=True))
            self._say("役割", "、".join(sorted(rights.roles)))
            self._say("担当課", "、".join(sorted(rights.sections & known)))
            if unknown := sorted(rights.sections - known):
                self._say("登録されていない担当課", "、".join(unknown))
        user = User.objects.filter(username=person.number).first()
        if user is not None and user.has_usable_password():
            self.stdout.write("この人は、このシステムのパスワードでログインします。")

    def _say(self, name: str, text: str) -> None:
        self.stdout.write(f"{name}：{text or 'なし'}")
