"""How old the last good backup is: on planning's first page, with a warning when it is late."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from backups.last_backup import log_backup, log_restore
from tests.factories import make_strategy, make_user
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

WARNING = '<div class="message caution"><p>'
NONE = "バックアップがまだ作られていません。"


@pytest.fixture
def page(client):
    """Return a function that asks for the first page of a role."""
    make_strategy()

    def ask(role=Role.PLANNING):
        client.force_login(make_user(role))
        return client.get("/", follow=True).content.decode()

    return ask


def made(age: timedelta) -> datetime:
    log_backup("backup-20261128-020000.tar", "1MB")
    at = timezone.now() - age
    Event.objects.update(occurred_at=at)
    return timezone.localtime(at)


def test_an_installation_without_a_backup_is_warned(page):
    assert f"{WARNING}{NONE}" in page()


def test_a_fresh_backup_is_named_without_a_warning(page):
    at = made(timedelta(days=1))
    shown = page()
    assert WARNING not in shown
    said = f"{at.month}月{at.day}日{at.hour}時{at:%M}分です。"
    assert said in shown


def test_a_backup_older_than_the_setting_is_a_warning(page, settings):
    made(timedelta(days=3, hours=1))
    assert "最後のバックアップから3日たっています" in page().partition(WARNING)[2]
    settings.BACKUP_WARN_DAYS = 4
    assert WARNING not in page()


def test_a_restored_copy_ignores_backups_of_its_original(page):
    made(timedelta(hours=1))
    log_restore("backup-20261128-020000.tar", "")
    assert f"{WARNING}{NONE}" in page()


def test_only_planning_sees_it_and_only_with_the_setting(page, settings):
    assert "バックアップ" not in page(Role.CLERK)
    settings.BACKUP_WARN_DAYS = 0
    assert "バックアップ" not in page()
