"""Who is behind a session, with roles and sections."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import access
from accounts.backends import StaffBackend
from accounts.roles import Role
from tests.factories import make_section, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_roles_and_sections_come_with_the_user_in_one_query(django_assert_num_queries):
    sections = make_section("水産課"), make_section("農林課")
    user = make_user(Role.CLERK, *sections)
    user.groups.add(*make_user(Role.AUDITOR).groups.all())
    with django_assert_num_queries(1):
        found = StaffBackend().get_user(user.pk)
        assert access.roles_of(found) == {Role.CLERK, Role.AUDITOR}
        assert access.sections_of(found) == {section.pk for section in sections}
    assert found == user


@pytest.mark.parametrize("role", [None, Role.READER])
def test_a_user_without_role_or_section_is_found_as_well(role):
    found = StaffBackend().get_user(make_user(role).pk)
    assert access.roles_of(found) == ({role} if role else set())
    assert access.sections_of(found) == set()


def test_a_superuser_is_planning_here_too():
    found = StaffBackend().get_user(make_user(None, is_superuser=True).pk)
    assert access.is_planning(found)


def test_a_deactivated_or_deleted_user_is_not_found():
    assert StaffBackend().get_user(make_user(is_active=False).pk) is None
    assert StaffBackend().get_user(0) is None


def test_a_session_loads_its_user_once(client):
    user = make_user(Role.CLERK, make_section("水産課"))
    client.force_login(user)
    assert client.session[SESSION_KEY] == str(user.pk)
    with CaptureQueriesContext(connection) as queries:
        client.get("/nowhere/")
    assert len([query for query in queries if "accounts_user" in query["sql"]]) == 1
    assert not [query for query in queries if '"auth_group"."name" AS "name"' in query["sql"]]
