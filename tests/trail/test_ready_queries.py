"""A prepared query finds what a newly compiled one finds, with new values each time."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.access import roles_of, sections_of
from accounts.backends import StaffBackend
from accounts.models import Section, User
from accounts.roles import Role
from accounts.session_store import SessionStore
from tests.factories import make_section, make_user
from trail.ready_queries import ReadyQuery

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def test_values_take_the_places_of_the_samples():
    first, second = make_section(position=1), make_section(position=2)
    query = ReadyQuery(
        lambda name, place: Section.objects.filter(name=name, position=place), "sample", 999
    )
    assert query.instances(first.name, 1) == [first]
    assert query.instances(second.name, 2) == [second]
    assert query.instances(second.name, 1) == []


def test_a_sample_that_occurs_twice_is_refused():
    query = ReadyQuery(lambda place: Section.objects.filter(position=place).exclude(pk=999), 999)
    with pytest.raises(AssertionError, match="999"):
        query.instances(1)


def test_a_loaded_user_has_every_role_and_section():
    user = make_user(Role.CLERK, make_section(), make_section())
    user.groups.add(*make_user(Role.HEAD).groups.all())
    make_user(Role.PLANNING, make_section())
    loaded = StaffBackend().get_user(user.pk)
    assert loaded == user
    assert loaded.date_joined == user.date_joined
    anew = User.objects.get(pk=user.pk)
    assert (roles_of(loaded), sections_of(loaded)) == (roles_of(anew), sections_of(anew))
    assert len(roles_of(loaded)) == len(sections_of(loaded)) == 2


def test_what_a_user_may_do_comes_from_the_user_and_from_the_roles():
    user, other = make_user(Role.CLERK), make_user(Role.READER)
    own = Permission.objects.get(codename="delete_session")
    user.user_permissions.add(own)
    of_role = Permission.objects.filter(group__user=user)
    names = {f"{one.content_type.app_label}.{one.codename}" for one in [own, *of_role]}
    assert names > {"sessions.delete_session"}
    assert User.objects.get(pk=user.pk).get_all_permissions() == names
    assert not User.objects.get(pk=other.pk).has_perm("sessions.delete_session")
    user.is_active = False
    assert user.get_all_permissions() == set()
    user.is_active = user.is_superuser = True
    assert len(user.get_all_permissions()) == Permission.objects.count()


def test_sessions_are_those_of_django_until_they_expire():
    theirs = DatabaseSessions()
    theirs["name"] = "見本"
    theirs.create()
    assert SessionStore(theirs.session_key).load() == {"name": "見本"}
    ours = SessionStore()
    ours["name"] = "例"
    ours.create()
    assert DatabaseSessions(ours.session_key).load() == {"name": "例"}
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    gone = SessionStore(ours.session_key)
    assert gone.load() == {}
    assert gone.session_key is None
