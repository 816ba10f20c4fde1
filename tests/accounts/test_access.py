"""Who may do what, rule by rule."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import access
from accounts.roles import Role, sync_groups
from tests.factories import make_section, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

EVERY_ROLE = [*Role, None]

PLAN = (
    "goals.strategy goals.basicgoal goals.grant goals.numerictarget goals.numerictargetyear "
    "goals.numerictargetoutlook goals.numerictargetversion goals.revision "
    "kpis.kpi kpis.kpiyear kpis.kpioutlook kpis.kpiversion "
    "measures.measuregroup measures.measure measures.project "
    "indicators.indicator reviews.reviewchoices"
)
KEPT = (
    "accounts.section accounts.sectionformername accounts.user indicators.fiscalyear "
    "indicators.actual"
)
OF_CLERKS = {
    "view": f"{PLAN} indicators.fiscalyear indicators.actual",
    "change": "indicators.actual",
    "add": "indicators.actual",
}
TABLE_RIGHTS = {
    Role.CLERK: OF_CLERKS,
    Role.HEAD: OF_CLERKS,
    Role.PLANNING: {
        "view": f"{PLAN} {KEPT} accounts.event",
        "add": f"{PLAN} {KEPT}",
        "change": f"{PLAN} {KEPT}",
        "delete": PLAN,
    },
    Role.READER: {},
    Role.AUDITOR: {"view": f"{PLAN} {KEPT} accounts.event"},
}


def named(rights):
    """Return the permissions of actions and models as Django names them."""
    return {
        model.replace(".", f".{action}_")
        for action, models in rights.items()
        for model in models.split()
    }


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_everybody_with_a_role_may_read(role):
    assert access.may_read(make_user(role)) == (role is not None)


def test_strangers_and_deactivated_people_may_do_nothing():
    section = make_section()
    gone = make_user(Role.PLANNING, section, is_active=False)
    for user in (AnonymousUser(), gone):
        assert not access.may_read(user)
        assert not access.may_use_admin(user)
        assert not access.is_planning(user)
        assert not access.may_enter(user, section.pk)
        assert not access.may_confirm(user, None)


def test_the_admin_is_open_to_all_but_readers():
    allowed = {role for role in EVERY_ROLE if access.may_use_admin(make_user(role))}
    assert allowed == {Role.CLERK, Role.HEAD, Role.PLANNING, Role.AUDITOR}


def test_clerks_and_heads_enter_for_their_own_sections_only():
    own, second, foreign = make_section(), make_section(), make_section()
    for role in (Role.CLERK, Role.HEAD):
        user = make_user(role, own, second)
        assert access.may_enter(user, own.pk)
        assert access.may_enter(user, second.pk)
        assert not access.may_enter(user, foreign.pk)


def test_planning_enters_for_every_section_and_readers_for_none():
    section = make_section()
    assert access.may_enter(make_user(Role.PLANNING), section.pk)
    for role in (Role.READER, Role.AUDITOR, None):
        assert not access.may_enter(make_user(role, section), section.pk)


def test_nobody_confirms_an_own_value():
    planning, other = make_user(Role.PLANNING), make_user(Role.PLANNING)
    assert access.may_confirm(planning, other.pk)
    assert not access.may_confirm(planning, planning.pk)
    assert not access.may_confirm(make_user(Role.HEAD, make_section()), other.pk)


def test_a_superuser_is_planning():
    user = make_user(None, is_superuser=True)
    assert access.is_planning(user)
    assert user.is_staff


def test_the_groups_have_exactly_the_permissions_of_their_roles():
    Group.objects.get(name=Role.CLERK.value).permissions.clear()
    sync_groups()
    for role in Role:
        assert make_user(role).get_all_permissions() == named(TABLE_RIGHTS[role]), role


def test_the_groups_are_set_once_after_all_permissions_of_a_migrate():
    Group.objects.all().delete()
    Permission.objects.all().delete()
    with CaptureQueriesContext(connection) as queries:
        emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    made = [query for query in queries if f'INSERT INTO "{Group._meta.db_table}" ' in query["sql"]]
    assert len(made) == len(Role)
    for role in Role:
        assert make_user(role).get_all_permissions() == named(TABLE_RIGHTS[role]), role
    with CaptureQueriesContext(connection) as queries:
        emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    asked = [query for query in queries if f'FROM "{Group._meta.db_table}" ' in query["sql"]]
    assert len(asked) == len(Role)


def test_asking_again_needs_no_query(django_assert_num_queries):
    section = make_section()
    user = make_user(Role.CLERK, section)
    with django_assert_num_queries(2):
        for _ in range(3):
            access.may_enter(user, section.pk)
            access.may_use_admin(user)
