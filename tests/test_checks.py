"""Wrong and missing settings are reported by system checks with a remedy."""

import inspect
import os
import pwd
import re
import runpy
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from backups.keys import make_key_file
from nemuro_strategy import checks, environment
from nemuro_strategy.environment import Environment
from nemuro_strategy.secret_key import GENERATED_PREFIX, load_or_create_key


@pytest.fixture
def production(settings, tmp_path, monkeypatch):
    settings.SECRET_KEY = "kani-to-sanma-2015" * 4
    settings.ALLOWED_HOSTS = ["kpi.city.example.lg.jp"]
    settings.DATA_DIR = tmp_path
    engine(monkeypatch, "django.db.backends.postgresql")
    return settings


def engine(monkeypatch, name):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", name)


def ids(messages):
    return [message.id.removeprefix("nemuro_strategy.") for message in messages]


def test_a_complete_production_setting_has_no_finding(production):
    assert checks.check_production() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SECRET_KEY", GENERATED_PREFIX + "abc", "W001"),
        ("SECRET_KEY", "kani-to-sanma-2015", "W010"),
        ("SECRET_KEY", "x7" * 40, "W010"),
        ("ALLOWED_HOSTS", ["localhost"], "W002"),
        ("ALLOWED_HOSTS", ["*"], "W002"),
        ("DATA_DIR", settings.BASE_DIR / "var", "W004"),
    ],
)
def test_each_setting_that_is_not_for_production_is_found(production, name, value, expected):
    setattr(production, name, value)
    messages = checks.check_production()
    assert ids(messages) == [expected]
    assert messages[0].hint


@pytest.mark.parametrize("address", ["kpi.example.lg.jp", "https://", "ftp://kpi.example.lg.jp"])
def test_an_address_of_the_site_that_no_browser_opens_is_found(settings, address):
    settings.SITE_URL = address
    assert ids(checks.check_site_url()) == ["E012"]
    settings.SITE_URL = "https://kpi.example.lg.jp"
    assert checks.check_site_url() == []


def test_names_in_the_settings_file_that_nothing_reads_are_found(tmp_path, monkeypatch):
    file = tmp_path / "settings.env"
    file.write_text("LOG_FOMAT=json\nexport LOG_LEVEL=INFO\n# NO=1\nWEB_THREADS=4\nXYZZY=1\n")
    monkeypatch.setenv("ENV_FILE", str(file))
    first, second = checks.check_names()
    assert "LOG_FOMAT は、このシステムの設定にない名前" in first.msg
    assert first.hint.startswith("LOG_FORMAT の誤りなら")
    assert second.hint == "いらなければ、その行を消してください。"
    monkeypatch.setenv("ENV_FILE", str(tmp_path / "none"))
    assert checks.check_names() == []


def test_sqlite_is_not_for_production(production, monkeypatch):
    engine(monkeypatch, "django.db.backends.sqlite3")
    assert ids(checks.check_production()) == ["W003"]


def test_a_proxy_that_hides_the_client_is_found(production):
    production.HTTPS, production.PROXY_COUNT = True, 0
    assert ids(checks.check_production()) == ["W005"]
    production.PROXY_COUNT = 1
    assert checks.check_production() == []


def test_a_data_directory_that_does_not_exist_is_an_error(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "missing"
    assert ids(checks.check_data_dir()) == ["E001"]


def test_a_relative_data_directory_is_named_with_the_place_that_it_means_now(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", "relative/dir")
    env = Environment(environ.Env())
    assert env.folder("DATA_DIR", tmp_path) == tmp_path / "relative" / "dir"
    [fault] = env.faults
    assert "「relative/dir」は / で始まらない" in fault.problem
    assert f"「{tmp_path}/relative/dir」" in fault.remedy


def test_a_shared_folder_that_is_not_there_is_an_error(settings, tmp_path):
    settings.FILES_STORAGE, settings.FILES_DIR = "folder", tmp_path
    assert checks.check_files_dir() == []
    settings.FILES_DIR = tmp_path / "missing"
    [message] = checks.check_files_dir()
    assert f"FILES_DIR（{tmp_path}/missing）" in message.msg
    settings.FILES_STORAGE = "s3"
    assert checks.check_files_dir() == []


def test_a_key_file_that_makes_no_backup_is_found(settings, tmp_path):
    settings.BACKUP_KEY_FILE = ""
    assert checks.check_key_file() == []
    path = tmp_path / "key"
    settings.BACKUP_KEY_FILE = str(path)
    missing = checks.check_key_file()
    path.write_text("password")
    no_key = checks.check_key_file()
    path.unlink()
    make_key_file(path)
    assert checks.check_key_file() == []
    assert ids([*missing, *no_key]) == ["W008", "W008"]
    for message in (*missing, *no_key):
        assert str(path) in message.msg
        assert "password" not in str(message)


@pytest.mark.parametrize(
    ("host", "is_right"),
    [
        ("kpi.city.example.lg.jp", True),
        (".example.lg.jp", True),
        ("localhost", True),
        ("[::1]", True),
        ("*", True),
        ("https://kpi.city.example.lg.jp/", False),
        ("kpi.city.example.lg.jp/", False),
        ("kpi.city.example.lg.jp:443", False),
        ("kpi. city", False),
    ],
)
def test_an_allowed_host_is_a_name_only(settings, host, is_right):
    settings.ALLOWED_HOSTS = ["kpi", host]
    messages = checks.check_hosts()
    assert ids(messages) == ([] if is_right else ["E011"])
    assert all(f"「{host}」" in message.msg for message in messages)


def test_somebody_has_to_be_allowed(settings):
    settings.ALLOWED_HOSTS = []
    assert ids(checks.check_hosts()) == ["E011"]
    settings.DEBUG = True
    assert checks.check_hosts() == []


@pytest.mark.parametrize(
    "origin", ["kpi.city.example.lg.jp", "https://", "https://kpi.example.lg.jp/", "https://a b"]
)
def test_an_origin_that_no_browser_sends_is_an_error(settings, origin):
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.example.lg.jp:8443", origin]
    [message] = checks.check_origins()
    assert f"「{origin}」" in message.msg


@pytest.fixture
def mail(settings):
    """Settings of a complete mail server."""
    settings.EMAIL_HOST = "mail.example.lg.jp"
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "kpi", "secret"
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = True, False
    settings.DEFAULT_FROM_EMAIL = "総合政策室 <kpi@example.lg.jp>"
    settings.SITE_URL = "https://kpi.example.lg.jp"
    return settings


def test_mail_that_is_configured_wholly_or_not_at_all_has_no_finding(mail):
    assert checks.check_mail() == []
    for name in ("EMAIL_HOST", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "DEFAULT_FROM_EMAIL"):
        setattr(mail, name, "")
    assert checks.check_mail() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DEFAULT_FROM_EMAIL", "", "E005"),
        ("SITE_URL", "", "E005"),
        ("EMAIL_USE_SSL", True, "E005"),
        ("EMAIL_HOST_PASSWORD", "", "E005"),
        ("EMAIL_HOST_USER", "", "E005"),
        ("EMAIL_HOST", "", "W006"),
    ],
)
def test_mail_that_is_configured_in_part_is_found(mail, name, value, expected):
    setattr(mail, name, value)
    messages = checks.check_mail()
    assert ids(messages) == [expected]
    assert messages[0].hint
    assert "secret" not in str(messages[0])


def test_the_generated_key_stays_the_same_and_is_private(tmp_path: Path):
    path = tmp_path / "secret_key"
    key = load_or_create_key(path)
    assert key == load_or_create_key(path)
    assert len(key) > 50
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("DATABASE_URL", "postgre://kpi:secret@db/kpi", "postgres://"),
        ("DATABASE_URL", "postgres://kpi:secret/1@db:5432/kpi", "%2F"),
        ("DATABASE_URL", "postgres://kpi:secret@db:99999/kpi", "ポート"),
        ("DATABASE_URL", "postgres://kpi:secret@1#2@db/kpi", "%23"),
        ("SYSLOG_SERVER", "10.0.0.1:514:3", "ホスト:ポート"),
        ("LOG_LEVEL", "verbose", "WARNING"),
        ("DEBUG", "maybe", "on か off"),
        ("HTTPS", "はい", "on か off"),
        ("HSTS_SECONDS", "one year", "31536000"),
        ("LOCK_OUT_FAILURES", "0", "1以上の整数"),
        ("SESSION_IDLE_MINUTES", "-5", "1以上の整数"),
        ("REMINDER_DAYS_BEFORE", "14,7,一日", "14,7,1"),
        ("LOCK_OUT_MINUTES", "999999999999", "525600まで"),
        ("SESSION_IDLE_MINUTES", "9" * 5_000, "525600まで"),
        ("BACKUP_WARN_DAYS", "99999999999999", "36525まで"),
        ("DATABASE_TIMEOUT_SECONDS", "99999999", "86400まで"),
        ("EMAIL_PORT", "999999", "65535まで"),
        ("PROXY_COUNT", "1000000", "10まで"),
        ("UPLOAD_MAX_BYTES", "0", "1以上の整数"),
        ("REMINDER_DAYS_BEFORE", "99999999999", "36525まで"),
        ("FILES_DIR", "files", "/files」のように、/ から"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_with_a_remedy(
    tmp_path, monkeypatch, name, value, remedy
):
    for variable, text in {"HTTPS": "on", "DATA_DIR": str(tmp_path), name: value}.items():
        monkeypatch.setenv(variable, text)
    read = runpy.run_path(str(settings.BASE_DIR / "nemuro_strategy" / "settings.py"))
    with override_settings(SETTING_FAULTS=read["SETTING_FAULTS"]):
        [message] = map(str, checks.check_environment())
    assert f"環境変数 {name}" in message
    assert remedy in message
    assert "secret" not in message


def test_a_secret_may_begin_with_a_dollar_sign(monkeypatch):
    """The library would take it for the name of a variable: the secret would silently be empty."""
    monkeypatch.setenv("LDAP_BIND_PASSWORD", "$ecret")
    monkeypatch.setenv("LDAP_SERVERS", "$a,b")
    env = Environment(environ.Env())
    assert env.text("LDAP_BIND_PASSWORD") == "$ecret"
    assert env.texts("LDAP_SERVERS", []) == ["$a", "b"]
    assert env.names == {"LDAP_BIND_PASSWORD", "LDAP_SERVERS"}


@pytest.mark.slow
def test_a_command_says_which_value_it_cannot_read_and_no_more(tmp_path):
    result = run("manage.py", "check", DATABASE_URL="postgre://kpi:secret@db/kpi",
                 DATA_DIR=str(tmp_path))  # fmt: skip
    assert result.returncode != 0
    assert "環境変数 DATABASE_URL" in result.stderr
    assert "secret" not in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check_evidence", "clearsessions"])
def test_a_command_says_that_the_database_is_away(command, tmp_path):
    result = run("manage.py", command, DATABASE_URL="postgres://kpi:secret@127.0.0.1:1/kpi",
                 DATA_DIR=str(tmp_path))  # fmt: skip
    assert result.returncode == 1
    assert "データベースを使えません（" in result.stderr
    assert "DATABASE_URL" in result.stderr
    assert "secret" not in result.stderr
    assert "Traceback" not in result.stderr


SETTINGS_OF = """
import environ, io, runpy, sys
environ.Env.read_env(io.StringIO(open(".env.example", encoding="utf-8").read()), overwrite=True)
sys.argv = ["manage.py", "check", "--deploy"]
runpy.run_path("manage.py", run_name="__main__")
"""


@pytest.mark.slow
def test_an_unchanged_example_of_settings_is_refused(tmp_path):
    """An unchanged copy of .env.example is refused with each value that everybody knows."""
    result = run("-c", SETTINGS_OF, PATH=os.environ["PATH"])
    assert result.returncode != 0
    for name in ("SECRET_KEY", "DATABASE_URL", "EMAIL_HOST_PASSWORD"):
        assert f"{name} に、公開されている .env.example の値を使っています。" in result.stderr
    for name in ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "EMAIL_HOST", "SITE_URL"):
        assert (
            f"{name} に、.env.example の例（city.example.lg.jp）が残っています。" in result.stderr
        )


@pytest.mark.slow
def test_the_server_does_not_start_with_a_wrong_setting(tmp_path):
    """The checks of manage.py do not run in the server: it would start with defaults."""
    result = run("-c", "import nemuro_strategy.wsgi", DATABASE_URL="postgre://kpi:secret@db/kpi",
                 DATA_DIR=str(tmp_path))  # fmt: skip
    assert result.returncode != 0
    assert "「postgre」で始まるデータベースは使えません" in result.stderr
    assert "secret" not in result.stderr.partition("ImproperlyConfigured")[2]


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )


class TestEnvFile:
    def test_its_variables_are_read(self, tmp_path, monkeypatch):
        monkeypatch.setenv("OURS_BEFORE", "kept")
        monkeypatch.setattr(os, "environ", os.environ.copy())
        (tmp_path / ".env").write_text("OURS_BEFORE=x\nOURS=根室\n", encoding="utf-8")
        monkeypatch.setattr(environment.environ.Env, "ENVIRON", os.environ)
        environment.read_env_file(tmp_path / ".env")
        assert (os.environ["OURS_BEFORE"], os.environ["OURS"]) == ("kept", "根室")

    def test_without_it_nothing_happens(self, tmp_path):
        assert environment.read_env_file(tmp_path / ".env") == []

    def test_a_line_that_cannot_be_read_is_named_without_its_value(
        self, tmp_path, monkeypatch, caplog
    ):
        monkeypatch.setattr(environment.environ.Env, "ENVIRON", variables := {})
        (tmp_path / ".env").write_text(
            "\ufeffOURS=1\n# 設定\n\n # x\nSECRET_KEY = geheim\n  LDAP_BIND_PASSWORD=geheim\n"
            "geheim\nexport THEIRS=2\n",
            encoding="utf-8",
        )
        faults = environment.read_env_file(tmp_path / ".env")
        assert variables == {"OURS": "1", "THEIRS": "2"}
        said = [(one.name, re.findall("[0-9]+行目", one.problem)) for one in faults]
        assert said == [
            ("SECRET_KEY", ["5行目"]),
            ("LDAP_BIND_PASSWORD", ["6行目"]),
            ("（名前なし）", ["7行目"]),
        ]
        assert "geheim" not in f"{faults}{caplog.text}"

    def test_the_one_that_the_environment_names_counts_and_has_to_be_there(
        self, tmp_path, monkeypatch
    ):
        read = []
        monkeypatch.setattr(environment, "read_env_file", read.append)
        monkeypatch.delenv("ENV_FILE", raising=False)
        environment.read_env_of(tmp_path)
        of_a_city = tmp_path / "city.env"
        monkeypatch.setenv("ENV_FILE", str(of_a_city))
        with pytest.raises(ImproperlyConfigured, match=r"「.+/city\.env」がありません"):
            environment.read_env_of(tmp_path)
        of_a_city.touch()
        environment.read_env_of(tmp_path)
        assert read == [tmp_path / ".env", of_a_city]

    def test_an_unreadable_file_is_an_error_that_names_its_owner(self, tmp_path, monkeypatch):
        """Tests may run as root, who may read everything."""
        path = tmp_path / ".env"
        path.touch(0o600)

        def refuse(*args, **options):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(ImproperlyConfigured) as caught:
            environment.read_env_file(path)
        owner = pwd.getpwuid(os.geteuid()).pw_name
        assert f"設定のファイル「{path}」を読めません" in str(caught.value)
        assert f"所有者は「{owner}」、権限は600です。" in str(caught.value)

    def test_a_directory_in_its_place_is_an_error(self, tmp_path):
        (tmp_path / ".env").mkdir()
        with pytest.raises(ImproperlyConfigured, match="読めません"):
            environment.read_env_file(tmp_path / ".env")

    def test_another_encoding_is_an_error(self, tmp_path):
        (tmp_path / ".env").write_bytes("PLANNING_OFFICE=総合政策室".encode("cp932"))
        with pytest.raises(ImproperlyConfigured, match="UTF-8ではありません"):
            environment.read_env_file(tmp_path / ".env")


def test_each_check_has_an_id_that_no_other_has():
    by_check = [set(re.findall(r"nemuro_strategy\.[EW]\d{3}", part)) for part in _checks()]
    ids = [one for found in by_check for one in found]
    assert len(ids) == len(set(ids))
    assert len(ids) >= 9


def _checks() -> list[str]:
    """Return the source of each registered check of the roof."""
    return inspect.getsource(checks).split("@register(")[1:]
