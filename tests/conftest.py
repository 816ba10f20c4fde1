"""Settings of all tests."""

import gc
import logging
import os
import shutil
from collections.abc import Iterator
from fcntl import LOCK_EX, flock
from os import SEEK_END
from pathlib import Path

import pytest
from _pytest import runner
from django.test import override_settings
from hypothesis import settings as hypothesis_settings

from nemuro_strategy.stack_room import with_room
from tests.databases import problem_of
from tests.left_out import all_left_out
from tests.quick_coverage import take_marks_quickly

# How long an example takes says more about the machine than about the code. In CI the same
# examples are drawn each time, so that a change is judged and not the draw.
hypothesis_settings.register_profile("ours", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis_settings.register_profile(
    "fast", hypothesis_settings.get_profile("ours"), max_examples=20
)  # for make test-fast
hypothesis_settings.load_profile("ours")


PRIVATE_STORAGES = ("evidence", "pending_imports", "answer_pages")


def pytest_configure(config):
    """Switch off garbage collection during imports: nothing imported becomes garbage."""
    gc.disable()
    from tests.seen_answers import see_answers_as_a_browser_does

    see_answers_as_a_browser_does()
    runner.runtestprotocol = with_room(runner.runtestprotocol)
    if taker := take_marks_quickly():
        config.pluginmanager.register(taker)


def pytest_sessionstart():
    """Say where the workers leave which lines they ran; slipcover would say a temporary folder."""
    if folder := os.environ.get("COVERED"):
        os.environ["SLIPCOVER_COVERAGE_DIR"] = folder


def pytest_collection_finish():
    """Leave the code and the collected tests, which stay to the end, out of each later search.

    They are some hundred thousand objects: to search them again and again took a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 10)
    gc.enable()


def pytest_ignore_collect(collection_path, config):
    """Do not even import a file of which -m leaves out every test.

    Two thirds of the files have no test for PostgreSQL, one third is left out by make test-fast.
    """
    if not collection_path.match("test_*.py"):
        return None
    text = collection_path.read_text(encoding="utf-8")
    return all_left_out(text, config.option.markexpr) or None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with the slow tests.

    Workers take over tests from each other. Where the long ones came last, one worker would
    still have minutes of them when the others are done.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_runtest_setup(item):
    """Fail a test that does not say on which databases it runs."""
    if problem := problem_of(item):
        pytest.fail(problem, pytrace=False)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix, tmp_path_factory
) -> None:
    """Keep SQLite's test database in a file.

    One in memory is a single connection that the threads of the live server share: two requests
    at once would begin a transaction within that of the other.
    """
    from django.db import connections

    for database in connections.settings.values():
        if database["ENGINE"].endswith("sqlite3"):
            file = tmp_path_factory.mktemp("database") / "test.sqlite3"
            database["TEST"]["NAME"] = str(file)


@pytest.fixture(scope="session")
def django_db_setup(
    request,
    tmp_path_factory,
    django_test_environment,
    django_db_blocker,
    django_db_modify_db_settings,
) -> Iterator[None]:
    """Make the test database, also for a fixture that asks for nothing but this one.

    pytest-django's own makes none where no test that was chosen asks for a database.
    """
    from django.test.utils import teardown_databases

    from tests.quick_migrations import quick_migrations

    with django_db_blocker.unblock(), quick_migrations():
        is_worker = hasattr(request.config, "workerinput")
        shared = tmp_path_factory.getbasetemp().parent if is_worker else None
        made = _migrated_databases(shared)
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


def _migrated_databases(shared: Path | None) -> list:
    """Create the test databases; `shared` is the folder of all workers.

    The first worker migrates and the others copy its database: migrations take seconds.
    """
    from django.db import connection
    from django.test.utils import setup_databases

    if shared is None:
        return setup_databases(verbosity=0, interactive=False)
    copy = _copy_file if connection.vendor == "sqlite" else _copy_on_server
    own, migrated = connection.creation._get_test_db_name(), shared / "test_migrated"
    with (shared / "migrated.lock").open("a+") as lock:
        flock(lock, LOCK_EX)
        if not lock.seek(0, SEEK_END):
            made = setup_databases(verbosity=0, interactive=False)
            connection.close()
            copy(own, str(migrated))
            lock.write("migrated")
            return made
        copy(str(migrated), own)
    return setup_databases(verbosity=0, interactive=False, keepdb=True)


def _copy_file(source: str, target: str) -> None:
    shutil.copy(source, target)


def _copy_on_server(source: str, target: str) -> None:
    """Copy a database of PostgreSQL, to which nobody may be connected.

    The server is a temporary one (tests/with_postgresql.sh): what stays there goes with it.
    """
    from django.db import connection

    source, target = (connection.ops.quote_name(Path(name).name) for name in (source, target))
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {target}")
        cursor.execute(f"CREATE DATABASE {target} TEMPLATE {source}")


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server):
    """Start pytest-django's server when the database is there.

    One that starts before takes SQLite for a database in memory and hands one connection to all its
    threads: that ends in errors of the driver, and now and then in a segmentation fault.
    """
    if live_server.thread.connections_override:
        pytest.fail("The threads of the live server share a connection.")
    return live_server


@pytest.fixture(autouse=True, scope="session")
def quick_hashing():
    """Hash passwords quickly: the real way takes a tenth of a second, on purpose."""
    from django.conf import settings as site_settings

    quick = "django.contrib.auth.hashers.MD5PasswordHasher"
    with override_settings(PASSWORD_HASHERS=[quick, *site_settings.PASSWORD_HASHERS]):
        yield


@pytest.fixture(autouse=True, scope="session")
def quick_log_in(django_test_environment):
    from tests.quick_log_in import quick_log_ins

    with quick_log_ins():
        yield


@pytest.fixture(autouse=True, scope="session")
def quick_flush(django_test_environment):
    from tests.quick_flush import quickly_flushed

    with quickly_flushed():
        yield


@pytest.fixture(autouse=True, scope="session")
def no_log_of_refusals():
    """Skip the log line with traceback of each refused request: two milliseconds each.

    Django is responsible for that line; those of errors (500, 503) stay.
    """
    logger = logging.getLogger("django.request")
    logger.setLevel(logging.ERROR)
    yield
    logger.setLevel(logging.NOTSET)


@pytest.fixture(autouse=True, scope="session")
def no_search_for_static_files():
    """Spare each test client the search of all static files: the live server has its own."""
    with override_settings(WHITENOISE_USE_FINDERS=False):
        yield


@pytest.fixture(autouse=True, scope="session")
def trees_kept(django_test_environment):
    from tests.quick_reading import trees_kept_in_tests

    with trees_kept_in_tests():
        yield


@pytest.fixture(autouse=True)
def no_trees_of_other_tests(trees_kept):
    from tests.quick_reading import forget_trees

    forget_trees()


@pytest.fixture
def real_hashing(settings):
    """Hash passwords as the product does."""
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]


@pytest.fixture(autouse=True, scope="session")
def private_files(tmp_path_factory) -> Iterator[Path]:
    """Keep 根拠資料, pending imports and pages in a temporary folder."""
    from django.conf import settings as site_settings

    folder = tmp_path_factory.mktemp("private")
    storages = {
        name: {**storage, "OPTIONS": {**storage["OPTIONS"], "location": folder / name}}
        if name in PRIVATE_STORAGES
        else storage
        for name, storage in site_settings.STORAGES.items()
    }
    with override_settings(STORAGES=storages):
        yield folder


@pytest.fixture(autouse=True)
def no_private_files_of_other_tests(private_files):
    """Leave no file to the next test.

    One folder does for all tests: pytest lists all folders that it made before it makes another.
    """
    yield
    for kept in private_files.iterdir():
        shutil.rmtree(kept)


@pytest.fixture
def hanako(db):
    """One of two people of planning who work at the same time."""
    return _logged_in("見本 花子")


@pytest.fixture
def taro(db):
    return _logged_in("見本 太郎")


def _logged_in(full_name: str):
    from django.test import Client

    from accounts.roles import Role
    from tests.factories import make_user

    client = Client()
    client.force_login(make_user(Role.PLANNING, full_name=full_name))
    return client
