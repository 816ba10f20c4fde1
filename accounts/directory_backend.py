"""Log-in with the password of the city's directory.

Users with a local password are never looked up in the directory, so an administrator can log in
while the directory is down. All others come from the directory.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest

from accounts.account_events import name_of
from accounts.backends import StaffBackend
from accounts.directory import find_person, is_password_of, is_used
from accounts.directory_groups import Rights, read_groups, rights_of
from accounts.directory_person import Person
from accounts.models import Section, User
from trail import events
from trail.events import Event

NOT_REGISTERED = (
    "この職員番号は、このシステムに登録されていません。企画担当に、登録を依頼してください。"
)
NO_NUMBER = (
    "パスワードは合っていますが、ディレクトリの職員番号を、このシステムでは使えません。"
    "企画担当に連絡してください。"
)
NO_ROLE = (
    "パスワードは合っていますが、このシステムを使う役割がありません。企画担当に連絡してください。"
)


class NotLetIn(Exception):
    """The password is right, but the person may not use this product; the message tells them."""


class DirectoryBackend(StaffBackend):
    """Users who have no password here. Raises DirectoryIsAway, WrongGroups and NotLetIn."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if not is_used() or not username or not password:
            return None
        if _is_local(username):
            return None
        person = find_person(username)
        if person is None or not is_password_of(person, password):
            return None
        return self._user_of(person)

    def _user_of(self, person: Person) -> User | None:
        """Return the user of a person with name, roles and sections as the directory has them."""
        user = User.objects.filter(username=person.number).first()
        if user is None and not settings.LDAP_NEW_USERS:
            raise NotLetIn(NOT_REGISTERED)
        if user is None and not _is_number(person.number):
            raise NotLetIn(NO_NUMBER)
        if user is not None and (user.has_usable_password() or not user.is_active):
            return None
        rights = rights_by_groups(person)
        if rights is not None and not rights.roles:
            raise NotLetIn(NO_ROLE)
        with transaction.atomic():
            user = _kept(user, person)
            if rights is not None:
                _give(user, rights)
        return user


def rights_by_groups(person: Person) -> Rights | None:
    """Return roles and sections by the file of groups; None without one: planning gives them."""
    if not settings.LDAP_GROUPS_FILE:
        return None
    return rights_of(person.groups, read_groups(settings.LDAP_GROUPS_FILE))


def _is_local(username: str) -> bool:
    user = User.objects.filter(username=username).first()
    return user is not None and user.has_usable_password()


def _kept(user: User | None, person: Person) -> User:
    """Store a person's data from the directory, if they differ; return the user."""
    if user is None:
        user = _new_user(person)
    before = (user.full_name, user.email)
    user.full_name = person.full_name[:60] or user.full_name
    user.email = _valid_address(person.email) or user.email
    if before != (user.full_name, user.email):
        user.save()
    return user


def _new_user(person: Person) -> User:
    """Return a new user, or the one that the same person's second click has just made."""
    known = {"full_name": person.full_name[:60] or person.number, "password": make_password(None)}
    user, is_new = User.objects.get_or_create(username=person.number, defaults=known)
    if is_new:
        detail = "利用者の登録（庁内のディレクトリによる）"
        events.log(Event.Kind.ACCOUNT, name_of(user), detail, by=user)
    return user


def _give(user: User, rights: Rights) -> None:
    """Give a user exactly these roles and sections; sections that are not registered are left."""
    groups = Group.objects.filter(name__in=rights.roles)
    if set(groups) != set(user.groups.all()):
        user.groups.set(groups)
    sections = Section.objects.active().filter(name__in=rights.sections)
    if set(sections) != set(user.sections.all()):
        user.sections.set(sections)


def _is_number(text: str) -> bool:
    """Return whether a text of the directory can be a staff number here."""
    try:
        User._meta.get_field("username").clean(text, None)
    except ValidationError:
        return False
    return True


def _valid_address(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text
