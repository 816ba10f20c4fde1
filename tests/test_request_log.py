"""The log line of each request, the request's id, and events on a log server."""

import json
import logging
import runpy
import socket
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django.utils.log import configure_logging

from accounts.roles import Role
from nemuro_strategy import request_log
from nemuro_strategy.environment import Environment
from tests.factories import make_strategy, make_user
from trail.events import Event, log

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def lines(caplog):
    """The fields of the lines that are logged of requests."""
    caplog.set_level(logging.INFO, logger="requests")
    caplog.handler.addFilter(request_log.WithRequestId())
    return lambda: [one for one in caplog.records if one.name == "requests"]


def test_a_request_is_logged_with_person_status_time_and_queries(client, lines):
    plan, user = make_strategy(code="plan"), make_user(Role.READER)
    client.force_login(user)
    answer = client.get(f"/strategies/{plan.code}/search/", {"q": "ひみつ"})
    (line,) = lines()
    assert line.levelname == "INFO"
    assert (line.method, line.path, line.status) == ("GET", "/strategies/plan/search/", 200)
    assert line.user_id == user.pk
    assert 5 < line.queries < 60
    assert line.duration_ms >= 0
    assert "ひみつ" not in line.getMessage()
    assert line.request_id == answer["X-Request-ID"]
    assert f"status=200 user_id={user.pk}" in line.getMessage()


def test_a_request_without_a_person_asks_nothing_for_the_log(client, lines):
    client.get("/nowhere.txt")
    client.get("/healthz")
    (line,) = lines()  # monitoring asks every few seconds and is not logged
    assert line.user_id is None


def test_a_slow_request_is_a_warning(client, lines, settings):
    settings.SLOW_REQUEST_SECONDS = 0
    client.get("/login/")
    (line,) = lines()
    assert line.levelname == "WARNING"
    assert line.slow


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [
        (1, "abcdef-0123456789", True),
        (1, "kurz", False),
        (1, "zeile\nzwei-zeilen", False),
        (0, "abcdef-0123456789", False),
    ],
)
def test_only_a_trusted_proxy_gives_the_id(rf, settings, proxies, given, is_taken):
    settings.PROXY_COUNT = proxies
    view = request_log.request_log_middleware(lambda request: HttpResponse("ok"))
    answer = view(rf.get("/", headers={"X-Request-ID": given}))
    assert (answer["X-Request-ID"] == given) is is_taken
    assert request_log.request_id() == ""


def test_the_page_of_an_error_names_the_id_that_its_line_has(lines, monkeypatch):
    monkeypatch.setattr("plans.views.goals.tree_for", lambda *given, **more: 1 / 0)
    client = Client(raise_request_exception=False)
    client.force_login(make_user(Role.READER))
    make_strategy(code="plan")
    answer = client.get("/strategies/plan/")
    assert answer.status_code == 500
    assert f"番号「{answer['X-Request-ID']}」" in answer.content.decode()


@pytest.fixture
def logged_as_json(settings, monkeypatch):
    """Log as the settings say with LOG_FORMAT=json; give a function that logs so from then on."""
    monkeypatch.setenv("LOG_FORMAT", "json")
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    read = runpy.run_path(str(settings.BASE_DIR / "nemuro_strategy" / "settings.py"))
    yield lambda: configure_logging("logging.config.dictConfig", read["LOGGING"])
    configure_logging("logging.config.dictConfig", settings.LOGGING)


def test_a_request_is_one_line_that_programs_read(client, logged_as_json, capsys):
    plan, user = make_strategy(code="plan"), make_user(Role.READER)
    client.force_login(user)
    logged_as_json()
    answer = client.get(f"/strategies/{plan.code}/")
    (text,) = capsys.readouterr().err.splitlines()
    line = json.loads(text)
    assert line["request_id"] == answer["X-Request-ID"] != ""
    assert (line["user_id"], line["status"], line["path"]) == (user.pk, 200, "/strategies/plan/")
    assert line["duration_ms"] >= 0
    assert 1 < line["queries"] < 60
    assert (line["levelname"], line["name"], line["slow"]) == ("INFO", "requests", False)


def test_json_has_an_object_in_each_line(logged_as_json, capsys):
    logged_as_json()
    logging.getLogger("requests").warning("遅い", extra={"duration_ms": 5000})
    line = json.loads(capsys.readouterr().err)
    assert line["message"] == "遅い"
    assert line["duration_ms"] == 5000
    assert line["request_id"] == ""


def test_a_stored_event_reaches_the_log_server(django_capture_on_commit_callbacks, settings):
    user = make_user()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        syslog = {
            "class": "nemuro_strategy.log_server.LogServer",
            "address": server.getsockname(),
            "formatter": "json",
        }
        chosen = settings.LOGGING | {
            "handlers": settings.LOGGING["handlers"] | {"syslog": syslog},
            "loggers": {"events": {"level": "INFO", "handlers": ["syslog"], "propagate": False}},
        }
        try:
            configure_logging("logging.config.dictConfig", chosen)
            with django_capture_on_commit_callbacks(execute=True):
                event = log(Event.Kind.EXPORT, "検証報告書", "2018年度", by=user)
            sent = server.recv(8192).decode()
        finally:
            configure_logging("logging.config.dictConfig", settings.LOGGING)
    said = json.loads(sent[sent.index("{") :].rstrip("\0"))
    assert said["event_id"] == event.pk
    assert (said["kind"], said["subject"]) == ("export", "検証報告書")


def test_events_are_kept_as_long_as_the_setting_says(settings, capsys):
    now = timezone.now()
    for days in (500, 400, 300):
        event = log(Event.Kind.EXPORT, f"{days}日前")
        Event.objects.filter(pk=event.pk).update(occurred_at=now - timedelta(days=days))
    call_command("delete_old_events")
    assert Event.objects.count() == 3
    settings.EVENT_LOG_DAYS = 365
    call_command("delete_old_events")
    assert "2件" in capsys.readouterr().out
    newest, kept = Event.objects.all()
    assert kept.subject == "300日前"
    assert newest.subject == "操作の記録の削除"
    assert "2件" in newest.detail


def test_a_refused_request_is_logged_in_one_line(client, caplog):
    caplog.set_level(logging.WARNING, logger="django.request")
    client.get("/login/", headers={"host": "foreign.test"})
    client.force_login(make_user(Role.READER))
    assert client.get("/admin/accounts/user/").status_code == 403
    host, page = caplog.records
    assert "foreign.test" in host.getMessage()
    assert page.getMessage().endswith("/admin/accounts/user/")
    assert [host.exc_info, page.exc_info] == [None, None]


@pytest.mark.parametrize(
    ("read", "value", "found", "fault"),
    [
        (lambda env: env.address("X"), "log.city.example:514", ("log.city.example", 514), ""),
        (lambda env: env.address("X"), "", None, ""),
        (lambda env: env.address("X"), "log.city.example", None, "ホスト:ポート"),
        (lambda env: env.address("X"), "log:99999", None, "ホスト:ポート"),
        (lambda env: env.choice("X", ["plain", "json"]), "json", "json", ""),
        (lambda env: env.choice("X", ["plain", "json"]), "xml", "plain", "xml"),
    ],
)
def test_wrong_settings_are_named(monkeypatch, read, value, found, fault):
    import environ

    monkeypatch.setenv("X", value)
    env = Environment(environ.Env())
    assert read(env) == found
    assert [fault in one.problem for one in env.faults] == ([True] if fault else [])
