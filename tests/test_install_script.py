"""What install.sh does when an update fails or is cut off: its functions, one by one."""

import os
import re
import subprocess
from unittest.mock import patch

import pytest

from nemuro_strategy.environment import read_env_file
from nemuro_strategy.unfinished_update import NAME
from tests.nginx_server import DEPLOY


def functions(*names: str) -> str:
    """Return functions of install.sh, without what runs when it starts."""
    script = (DEPLOY / "install.sh").read_text()
    found = [
        re.search(rf"^{name}\(\) (\{{ .*?\}}$|\{{\n.*?^\}}$)", script, re.M | re.S)
        for name in names
    ]
    return "".join(f"{one[0]}\n" for one in found)


def run(script: str, **variables: object) -> subprocess.CompletedProcess[str]:
    given = {name: str(value) for name, value in variables.items()}
    command = ["bash", "-c", f"set -euo pipefail\n{script}"]
    return subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True)


GOING_BACK = """
manage() {
    echo "$*" >>"$data_dir/said"
    [[ $* != *" --check "* ]] || return $checked
    [[ $* != *" restore "* ]] || return $answer
}
install() { mkdir "${@: -1}"; }
OWNER=kpi backup_file=$data_dir/backup.tar database_url=sqlite:///$data_dir/db.sqlite3
"""


@pytest.fixture
def going_back(tmp_path):
    """Return a function that puts a backup in the place of what a failed update has left."""
    (tmp_path / "backup.tar").write_bytes(bytes(100))
    (tmp_path / "db.sqlite3").write_text("half")

    def go(**variables: object) -> int:
        script = functions(
            "warn", "megabytes_of", "has_room", "room_to_go_back", "bring_back_database"
        )
        given = {"data_dir": tmp_path, "reserved": tmp_path / "room", "checked": 0, "answer": 0}
        return run(f"{script}{GOING_BACK}bring_back_database", **(given | variables)).returncode

    return go


@pytest.mark.parametrize(("answer", "code"), [(0, 0), (3, 0), (1, 1)])
def test_going_back_restores_the_database_and_leaves_the_files_alone(
    going_back, tmp_path, answer, code
):
    """Wherever the files lie, and also where some were lost before."""
    assert going_back(answer=answer) == code
    restore = (tmp_path / "said").read_text().splitlines()[-1]
    assert f"DATA_DIR={tmp_path}/going-back FILES_STORAGE=folder FILES_DIR= " in restore
    assert restore.endswith(
        f"DATABASE_URL=sqlite:///{tmp_path}/db.sqlite3 restore {tmp_path}/backup.tar"
    )
    assert (tmp_path / "going-back").exists() == (code == 1)
    assert not (tmp_path / "db.sqlite3").exists()


@pytest.mark.parametrize("cause", ["the backup is of a newer version", "the disk is full"])
def test_nothing_is_taken_away_before_the_backup_can_be_put_back(going_back, tmp_path, cause):
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "df").write_text("#!/bin/sh\necho Avail; echo 20480\n")
    (programs / "df").chmod(0o755)
    full = {"PATH": f"{programs}:{os.environ['PATH']}"} if "disk" in cause else {"checked": 1}
    assert going_back(**full) == 1
    assert (tmp_path / "db.sqlite3").read_text() == "half"
    assert " restore " not in (tmp_path / "said").read_text()


def test_a_full_disk_leaves_a_file_of_the_server_as_it_was(tmp_path):
    """Of a unit or a list of choices that is half there, nothing starts."""
    unit = tmp_path / "web.service"
    unit.write_text("old")
    (tmp_path / "new").write_text("new")
    half = 'install() { printf n >"${@: -1}"; return 1; }\n'
    put = f"{functions('put')}put {tmp_path}/new {unit} 0600"
    assert run(half + put).returncode == 1
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        "new": "new",
        "web.service": "old",
    }
    assert run(put).returncode == 0
    assert (unit.read_text(), unit.stat().st_mode & 0o777) == ("new", 0o600)


TIMERS = """
has_systemd() { true; }
systemctl() { echo "$*"; }
INSTANCE=nemuro-strategy TIMERS=(backup events evidence sessions)
declare -A timers=(
    [backup]="enabled active" [events]="disabled inactive" [evidence]="masked inactive"
)
"""


@pytest.mark.parametrize(
    ("before", "changed"),
    [
        ("enabled_for=primary", ["start backup", "enable --now sessions"]),
        (
            "enabled_for=",
            [f"enable --now {name}" for name in ("backup", "events", "evidence", "sessions")],
        ),
    ],
)
def test_an_update_leaves_a_timer_off_that_somebody_has_disabled(before, changed):
    """The first run enables all, an update those that the version before did not have."""
    done = run(f"{functions('warn', 'start_timers')}{TIMERS}{before} server=primary\nstart_timers")
    said = done.stdout.replace(" --quiet nemuro-strategy-", " ").replace(".timer", "")
    assert said.splitlines() == changed


@pytest.mark.parametrize(
    ("interrupted", "started"), [("", ["backup"]), ("yes", ["backup", "events"])]
)
def test_going_back_starts_the_timers_that_ran_before(interrupted, started):
    timers = 'timers[events]="enabled inactive"; timers[sessions]="disabled inactive"\n'
    script = f"{functions('warn', 'start_timers_again')}{TIMERS}{timers}interrupted={interrupted}\n"
    said = run(f"{script}start_timers_again").stdout.splitlines()
    assert sorted(said) == [f"start nemuro-strategy-{name}.timer" for name in started]


def test_the_mark_of_an_update_has_one_name_everywhere(tmp_path):
    """install.sh writes it, the program reads it, and the units look for it."""
    script = f'cd() {{ :; }}; as_owner() {{ "$@"; }}\n{functions("make_mark")}'
    done = run(f"{script}make_mark /before/backup-1.tar", mark=tmp_path / NAME, again="install.sh")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / NAME).read_text() == "BACKUP=backup-1.tar\nAGAIN=install.sh\n"
    assert f"mark=$data_dir/{NAME}\n" in (DEPLOY / "install.sh").read_text()
    for unit in ("nemuro-strategy-backup.service", "nemuro-strategy@.service"):
        condition = re.findall(
            "^ConditionPathExists=(.+)$", (DEPLOY / "systemd" / unit).read_text(), re.M
        )
        assert condition == [f"!@DATA_DIR@/{NAME}"]


SETTINGS = (
    "\ufeffDATA_DIR='/var/lib/kpi'\r\n"
    'export DATABASE_URL="postgres://kpi@/kpi?a=b"\r\n'
    "ALLOWED_HOSTS=a,b\nALLOWED_HOSTS=c\n"
    "#HTTPS=off\n"
)


def test_the_settings_are_read_as_the_program_reads_them(tmp_path):
    """A file that was edited on Windows gave names that ended in a carriage return."""
    names = ("DATA_DIR", "DATABASE_URL", "ALLOWED_HOSTS", "HTTPS")
    (tmp_path / ".env").write_bytes(SETTINGS.encode())
    script = functions("lines_of_settings", "setting") + "".join(f"setting {n}\n" for n in names)
    said = run(script, SETTINGS=tmp_path).stdout
    with patch.dict(os.environ):
        for name in names:
            os.environ.pop(name, None)
        assert read_env_file(tmp_path / ".env") == []
        assert said.splitlines() == [os.environ[name] for name in names[:3]]
