"""Bulk import and export of users, without passwords."""

from types import MappingProxyType

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts import access
from accounts.account_events import name_of
from accounts.models import Section, User
from accounts.roles import Role
from accounts.sections import confused_with
from japanese.numerals import half_width
from tables.columns import Column, NamedSeveral, Part, SeveralColumn, YesNo
from tables.importing import Comparison, Fault, RowNote
from tables.resource import TableResource
from trail import events
from trail.events import Event

NUMBER = "職員番号"


def roles_by_name() -> dict[str, Group]:
    return {group.name: group for group in Group.objects.filter(name__in=list(Role))}


def sections_by_name() -> dict[str, Section]:
    """Return all sections by name, including abolished ones."""
    return {section.name: section for section in Section.objects.all()}


class SectionResource(TableResource):
    """担当課 that exist today. New ones come after the others, in the order of the file."""

    name = Column("名称", "name", part=Part.KEY, note="課などの名称。例：企画課")
    department = Column("部", "department", note="空欄でもかまいません。例：総務部")

    class Meta:
        model = Section

    def start(self, key: tuple[str]) -> Section:
        section = super().start(key)
        positions = [stored.position for stored in self.stored.values()]
        section.position = max(positions, default=0) + 1
        return section

    def check(self, instance: Section, *, is_new: bool) -> None:
        super().check(instance, is_new=is_new)
        names = [stored.name for stored in self.stored.values()]
        if is_new and (message := confused_with(instance.name, names)):
            raise ValidationError({"name": message})


class UserResource(TableResource):
    """利用者. New users cannot log in until planning sets a password."""

    username = Column(
        NUMBER,
        "username",
        part=Part.KEY,
        note="ログインに使う番号。先頭の0も必要です。新しい番号は、新しい利用者になります。",
    )
    full_name = Column("氏名", "full_name")
    email = Column("メールアドレス", "email", note="空欄でもかまいません。")
    groups = SeveralColumn(
        "役割",
        "groups",
        NamedSeveral("役割", roles_by_name),
        note=f"{'、'.join(Role)}。二つ以上は「、」で区切ります。",
    )
    sections = SeveralColumn(
        "担当課",
        "sections",
        NamedSeveral("担当課", sections_by_name),
        note="登録されている名称。兼務は「、」で区切ります。",
    )
    is_active = Column(
        "有効", "is_active", YesNo(), note="「はい」か「いいえ」。退職、異動した人は「いいえ」。"
    )

    tries_new_rows = False
    most_rows = 2_000

    rules = MappingProxyType({"username": "空白を入れずに、半角の英数字で入力してください。"})

    class Meta:
        model = User

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.prefetch_related("groups", "sections").order_by("username")

    def label_of(self, instance: User) -> str:
        return name_of(instance)

    def prepare(self) -> None:
        self._known = {stored.lstrip("0"): stored for (stored,) in self.stored}

    def start(self, key: tuple[str]) -> User:
        """Return a new user, without a usable password.

        Raises ValidationError if a known staff number differs in leading zeros only: spreadsheets
        drop them.
        """
        (username,) = key
        stored = self._known.setdefault(username.lstrip("0"), username)
        if stored != username:
            message = f"先頭の0が消えていませんか。「{stored}」のことなら、そう入力してください。"
            raise ValidationError({NUMBER: message})
        user = User(username=username)
        user.set_unusable_password()
        return user

    def finish(self, comparison: Comparison, *, writing: bool) -> None:
        """Ask about new staff numbers that a spreadsheet may have robbed of their zeros.

        Where another number begins with 0 and is longer, the zeros are probably lost: a number cell
        is refused then. CSV does not show it, so there, and for all other number cells, it is a
        note.
        """
        rows = {row.number: row for row in self.rows}
        zero_led = [one for (one,) in self.stored if one.startswith("0") and one.isdigit()]
        pattern = max(sorted(zero_led), key=len, default="")
        for change in comparison.added:
            row = rows[change.row]
            number = half_width(row.cells[NUMBER])
            is_short = number.isdigit() and len(number) < len(pattern)
            if NUMBER in row.numeric and is_short:
                text = (
                    "数値のセルなので、先頭の0が消えていませんか。ほかの職員番号には、0で始まる"
                    f"「{pattern}」があります。セルの表示形式を「文字列」にしてから、0も入力して"
                    "ください。0のない番号なら、「文字列」にして、そのまま入力し直してください。"
                )
                comparison.faults.append(Fault(text, row.number, NUMBER, row.cells[NUMBER]))
            elif NUMBER in row.numeric:
                text = (
                    "職員番号が数値のセルです。数値のセルでは、先頭の0が消えます。"
                    f"「{number}」でよいか確かめてください。登録した職員番号は、削除できません。"
                )
                comparison.notes.append(RowNote(row.number, change.label, text))
            elif is_short and not comparison.document.sheet:
                text = (
                    f"ほかの職員番号には、0で始まる「{pattern}」があります。先頭の0が消えていないか"
                    "確かめてください。登録した職員番号は、削除できません。"
                )
                comparison.notes.append(RowNote(row.number, change.label, text))

    def check(self, instance: User, *, is_new: bool) -> None:
        super().check(instance, is_new=is_new)
        if instance.pk is None:
            return
        roles = {group.name for group in self.fields["groups"].get_value(instance)}
        wrong = access.account_faults(
            self.user, instance.pk, is_active=instance.is_active, roles=roles
        )
        if wrong:
            raise ValidationError(wrong)

    def saved(self, instance: User, *, is_new: bool) -> None:
        if is_new:
            events.log(Event.Kind.ACCOUNT, name_of(instance), "利用者の登録")
