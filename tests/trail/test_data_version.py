"""Every write changes the data version, whoever makes it; nothing older is shown."""

from collections import Counter
from contextlib import nullcontext

import pytest
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, transaction

from accounts.models import Section, User
from accounts.roles import Role
from tests.factories import make_kpi, make_user
from trail.data_version import (
    DataChange,
    Kept,
    check_triggers,
    data_version,
    make_triggers,
    missing_triggers,
    take_triggers_away,
)

pytestmark = pytest.mark.both_databases


def as_in_a_new_request(monkeypatch):
    """Let the connection be a kept one that nobody has tried since."""
    used = connections[DEFAULT_DB_ALIAS]  # monkeypatch cannot restore attributes of a proxy
    monkeypatch.setattr(used, "health_check_enabled", True)
    monkeypatch.setattr(used, "health_check_done", False)


def _raw(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_each_kind_of_write_changes_the_version():
    section = Section.objects.create(name="水産課")
    writes = [
        lambda: Section.objects.create(name="商工課"),
        lambda: Section.objects.filter(pk=section.pk).update(department="産業部"),
        lambda: Section.objects.bulk_create([Section(name="財政課"), Section(name="税務課")]),
        lambda: _raw("UPDATE accounts_section SET position = 5"),
        lambda: Section.history.all().delete(),
        lambda: Section.objects.filter(name="商工課").delete(),
        lambda: _raw("DELETE FROM accounts_section"),
    ]
    seen = [data_version()]
    for write in writes:
        write()
        seen.append(data_version())
    assert None not in seen
    assert len(set(seen)) == len(seen)


@pytest.mark.django_db(transaction=True)
def test_a_log_in_and_its_session_change_nothing(client):
    user = make_user(Role.READER)
    before = data_version()
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(last_login=None)
    assert data_version() == before
    User.objects.filter(pk=user.pk).update(full_name="別の名前")
    assert data_version() != before


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_never_kept():
    Section.objects.create(name="水産課")
    kept = Kept(4)
    before = data_version()

    def names():
        return kept.get("names", lambda: sorted(Section.objects.values_list("name", flat=True)))

    with transaction.atomic():
        Section.objects.create(name="幻の課")
        assert data_version() is None
        assert names() == sorted(["水産課", "幻の課"])
        transaction.set_rollback(True)
    assert names() == ["水産課"]
    Section.objects.create(name="商工課")
    assert data_version() != before
    assert names() == sorted(["商工課", "水産課"])


@pytest.mark.django_db(transaction=True)
def test_what_is_read_while_another_writes_is_not_kept():
    Section.objects.create(name="水産課")
    kept = Kept(4)

    def reads_while_another_writes():
        read = Section.objects.count()
        Section.objects.create(name="商工課")
        return read

    assert kept.get("count", reads_while_another_writes) == 1
    assert kept.get("count", Section.objects.count) == 2


@pytest.mark.django_db(transaction=True)
def test_what_another_connection_writes_is_seen():
    Section.objects.create(name="水産課")
    kept = Kept(4)

    def departments():
        return kept.get("names", lambda: list(Section.objects.values_list("department", flat=True)))

    assert departments() == [""]
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("UPDATE accounts_section SET department = '産業部'")
    finally:
        other.close()
    assert departments() == ["産業部"]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_has_closed_is_reopened(monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server that could close a connection.")

    before = data_version()
    process = connection.connection.info.backend_pid
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
            assert cursor.fetchone() == (True,)
    finally:
        other.close()
    as_in_a_new_request(monkeypatch)
    assert data_version() == before
    assert connection.connection.info.backend_pid != process


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kept_for", [0, 60])
def test_kept_or_not_a_connection_sees_each_write(kept_for, monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", kept_for)
    seen = {data_version()}
    for number in range(3):
        Section.objects.create(name=f"第{number}課")
        seen.add(data_version())
    assert len(seen) == 4
    connection.close()
    assert data_version() in seen


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_with_the_query_itself_is_raised(monkeypatch):
    as_in_a_new_request(monkeypatch)
    connection.close()  # one that is kept knows the query already
    monkeypatch.setattr(DataChange._meta, "db_table", "missing")
    with pytest.raises(DatabaseError, match="missing"):
        data_version()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_while_the_triggers_are_away():
    Section.objects.create(name="水産課")
    before = data_version()
    take_triggers_away()
    try:
        assert data_version() is None
        assert missing_triggers(connection)
        (error,) = check_triggers(["default"])
        assert "accounts_section" in error.msg
        Section.objects.all().update(department="産業部")
        assert data_version() is None
    finally:
        make_triggers()
    assert check_triggers(["default"]) == []
    assert data_version() not in (None, before)


@pytest.mark.django_db(transaction=True)
def test_an_emptied_database_has_another_version():
    Section.objects.create(name="水産課")
    before = data_version()
    call_command("flush", interactive=False, verbosity=0)
    Section.objects.create(name="水産課")
    assert data_version() not in (None, before)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", [nullcontext, transaction.atomic])
def test_notes_of_writes_that_take_turns_do_not_pile_up(how):
    section = Section.objects.create(name="水産課")
    user = User.objects.create_user("taro", password="")
    with how():
        for number in range(150):
            Section.objects.filter(pk=section.pk).update(position=number)
            User.objects.filter(pk=user.pk).update(full_name=f"{number}")
    notes = Counter(DataChange.objects.values_list("table_name", flat=True))
    # 40 notes without one that deletes: once in a trillion runs
    assert max(notes.values()) <= 40


@pytest.mark.django_db(transaction=True)
def test_a_value_of_some_tables_outlives_writes_to_others(django_assert_num_queries):
    section = Section.objects.create(name="水産課")
    kept, made = Kept(4), []

    def names():
        return kept.get("names", lambda: made.append(1), [Section._meta.db_table])

    names()
    make_kpi()
    names()
    assert len(made) == 2  # its indicator has a section of its own
    User.objects.create_user("taro", password="")
    with django_assert_num_queries(1):
        names()
    assert len(made) == 2
    section.delete()
    names()
    assert len(made) == 3


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_inside_of_another_value_costs_no_query_of_its_own(django_assert_num_queries):
    Section.objects.create(name="水産課")
    outer, inner = Kept(4), Kept(4)

    def count():
        return outer.get("outer", lambda: inner.get("inner", Section.objects.count))

    with django_assert_num_queries(3):  # before, the count, after
        count()
    with django_assert_num_queries(1):
        assert count() == 1
    with django_assert_num_queries(1):
        assert inner.get("inner", Section.objects.count) == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_migration_changed_is_made_again():
    Section.objects.create(name="水産課")
    kept = Kept(4)

    def departments():
        read = list(Section.objects.values_list("department", flat=True))
        return kept.get("departments", lambda: read, [Section._meta.db_table])

    assert departments() == [""]
    take_triggers_away()
    _raw("UPDATE accounts_section SET department = '産業部'")
    assert departments() == ["産業部"]
    make_triggers()
    assert departments() == ["産業部"]
