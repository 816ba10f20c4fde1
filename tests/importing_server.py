"""A server process of its own, for tests that kill it; see test_killed_import.py.

python -m tests.importing_server prepare          fills a database, prints a session's cookie
python -m tests.importing_server serve PORT FILE  serves; an import waits, once it has written
                                                  rows, until FILE is gone. /count says what is
                                                  stored
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django

ROWS = 20


def prepare() -> None:
    from django.test import Client

    from accounts.roles import Role
    from tests.factories import make_fiscal_year, make_indicator, make_section, make_user

    make_fiscal_year(2017)
    section = make_section("水産課")
    for number in range(ROWS):
        make_indicator(section, code=f"i{number}", name=f"指標{number}")
    client = Client()
    client.force_login(make_user(Role.PLANNING))
    print(client.cookies["sessionid"].value)


def serve(port: int, pause: Path) -> None:
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    _wait_in_imports(pause)

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args: object) -> None:
            """Say nothing."""

    def application_and_count(environment: dict, start_response: Callable) -> Iterable[bytes]:
        if environment["PATH_INFO"] != "/count":
            return application(environment, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(counts()).encode()]

    make_server("127.0.0.1", port, application_and_count, handler_class=Quiet).serve_forever()


def _wait_in_imports(pause: Path) -> None:
    """Patch what an import calls between its first written row and its end."""
    from tables.resource import TableResource
    from trail import events

    after_save, log, saved = TableResource.after_save_instance, events.log, []

    def wait() -> None:
        if pause.exists():
            pause.write_text("waiting")
        while pause.exists():
            time.sleep(0.05)

    def after_save_and_wait(self: TableResource, instance: object, *args: object, **kwargs: object):
        after_save(self, instance, *args, **kwargs)
        saved.append(instance)
        if not kwargs["dry_run"] and len(saved) > ROWS // 2:
            wait()

    def wait_and_log(kind: str, *args: object, **kwargs: object):
        if kind == "import":
            wait()
        return log(kind, *args, **kwargs)

    TableResource.after_save_instance = after_save_and_wait
    events.log = wait_and_log


def counts() -> dict[str, int]:
    """Return how much of what an import writes is stored."""
    from indicators.models import Actual, Indicator
    from trail.events import Event

    return {
        "values": Actual.objects.count(),
        "history of values": Actual.history.count(),
        "renamed": Indicator.objects.filter(name__startswith="新").count(),
        "history of indicators": Indicator.history.count() - ROWS,
        "logged": Event.objects.filter(kind="import").count(),
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nemuro_strategy.settings")
    django.setup()
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        prepare()
