"""Reads settings from the environment and remembers values that it could not read.

A wrong value does not abort the start: the default is used instead, and nemuro_strategy/checks.py
reports the fault with a remedy. Then `manage.py check` fails, and so does every command that runs
the checks first.
"""

import os
import pwd
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = ("on", "true", "yes", "1")
FALSE = ("off", "false", "no", "0", "")
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")


@dataclass(frozen=True)
class SettingFault:
    """A variable with an unusable value, and what to write instead."""

    name: str
    problem: str
    remedy: str


LINE = re.compile("(?:export )?[A-Za-z_0-9]+=.*")
"""What django-environ reads; it logs other lines, secrets included, and goes on without them."""


OF_OTHERS = frozenset({"PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "TZ", "LANG", "LC_ALL"})
"""Variables that other programs read; so are those that begin with WEB_ (gunicorn) and PG."""


def unknown_names(program: Path, known: Iterable[str]) -> list[str]:
    """Return the variables of the settings file that nothing reads, in their order."""
    try:
        lines = _env_file(program).read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return []
    names = [line.removeprefix("export ").partition("=")[0] for line in lines if LINE.match(line)]
    read = {*known, *OF_OTHERS}
    return [one for one in names if one not in read and not one.startswith(("WEB_", "PG"))]


def read_env_of(program: Path) -> list[SettingFault]:
    """Add the variables of ENV_FILE, or else of .env in the program's folder, where there is one.

    Returns a fault for each line that could not be read.
    Several cities on one machine share a program; ENV_FILE says whose settings count.
    """
    named = os.environ.get("ENV_FILE")
    if named and not Path(named).exists():
        raise ImproperlyConfigured(
            f"ENV_FILE に指定した設定のファイル「{named}」がありません。"
            "場所か権限を直してください。"
        )
    return read_env_file(_env_file(program))


def _env_file(program: Path) -> Path:
    return Path(os.environ.get("ENV_FILE") or program / ".env")


def read_env_file(path: Path) -> list[SettingFault]:
    """Add the variables of a file to the environment; do nothing if there is no file.

    Returns a fault for each line that could not be read. Raises ImproperlyConfigured if the file
    cannot be read: without it, an installation would silently become a trial, with another key and
    another database.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ImproperlyConfigured(
            f"設定のファイル「{path}」を読めません（{error.strerror}）。{_owner(path)}"
            f"このプログラムは利用者「{_user_name(os.geteuid())}」で動いています。"
            "この利用者が読めるように、所有者か権限を直してください（chown、chmod）。"
        ) from error
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(
            f"設定のファイル「{path}」はUTF-8ではありません。UTF-8で保存し直してください。"
        ) from error
    environ.Env.read_env(StringIO("\n".join(filter(LINE.fullmatch, lines))))
    return [
        _fault_of_line(path, number, line)
        for number, line in enumerate(lines, 1)
        if not LINE.fullmatch(line) and line.strip() and not line.lstrip().startswith("#")
    ]


def _fault_of_line(path: Path, number: int, line: str) -> SettingFault:
    """Return what is wrong with a line, without its value, which may be a secret."""
    name = re.match(r"\s*(?:export\s+)?([A-Za-z_0-9]+)\s*=", line)
    return SettingFault(
        name[1] if name else "（名前なし）",
        f"設定のファイル「{path}」の{number}行目を読めません。",
        "「名前=値」の形にしてください。行の初めと = の前に、空白を入れないでください。",
    )


def _owner(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:  # even the directory is closed
        return ""
    return f"所有者は「{_user_name(found.st_uid)}」、権限は{found.st_mode & 0o777:o}です。"


def _user_name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12


@dataclass
class Environment:
    """The environment's variables by type; `faults` are the ones that could not be read.

    `names` are all variables that were asked for.
    """

    env: environ.Env
    faults: list[SettingFault] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def text(self, name: str, default: str = "") -> str:
        """Return a string; the default also if the variable is empty."""
        return self._raw(name) or default

    def texts(self, name: str, default: list[str]) -> list[str]:
        """Return a comma-separated list of strings."""
        value = self._raw(name)
        texts = default if value is None else value.split(",")
        return [text.strip() for text in texts if text.strip()]

    def _raw(self, name: str) -> str | None:
        """Return a value as it was written.

        Not by the methods of `env`: they take a password that begins with $ for the name of another
        variable, find none, and go on without a password.
        """
        self.names.add(name)
        found: str | None = self.env.ENVIRON.get(name)
        return found

    def flag(self, name: str) -> bool:
        """Return whether a variable is on; False if it is missing."""
        value = self.text(name).lower()
        if value not in TRUE + FALSE:
            self._note(
                name, f"「{value}」は on でも off でもありません。", "on か off にしてください。"
            )
        return value in TRUE

    def choice(self, name: str, choices: list[str]) -> str:
        """Return one of some words, the first by default."""
        value = self.text(name, choices[0])
        if value in choices:
            return value
        self._note(name, f"「{value}」は使えません。", f"{'か'.join(choices)}にしてください。")
        return choices[0]

    def words(self, name: str, choices: list[str]) -> list[str]:
        """Return a comma-separated list of words, each one of some; [] by default."""
        wanted = self.texts(name, [])
        unknown = [word for word in wanted if word not in choices]
        if unknown:
            remedy = f"{'、'.join(choices)}の中から、コンマで区切って指定してください。"
            self._note(name, f"「{','.join(unknown)}」は使えません。", remedy)
        return [word for word in wanted if word in choices]

    def address(self, name: str) -> tuple[str, int] | None:
        """Return host and port of host:port; None if the variable is missing."""
        value = self.text(name)
        if not value:
            return None
        host, _, port = value.rpartition(":")
        is_name = ":" not in host or (host[0], host[-1]) == ("[", "]")  # IPv6
        if host and is_name and _is_number(port) and 0 < int(port) < 65536:
            return host, int(port)
        self._note(
            name,
            f"「{value}」は「ホスト:ポート」ではありません。",
            "「log.example:514」のようにしてください。",
        )
        return None

    def whole_number(
        self, name: str, default: int, *, smallest: int = 0, largest: int = 999_999_999
    ) -> int:
        """Return an integer; values below `smallest` or above `largest` are a fault."""
        value = self.text(name, str(default))
        if _is_number(value) and smallest <= int(value) <= largest:
            return int(value)
        self._note(
            name,
            f"「{value}」は{smallest}以上の整数ではないか、大きすぎます（{largest}まで）。",
            f"「{default}」のようにしてください。",
        )
        return default

    def whole_numbers(self, name: str, default: list[int], *, largest: int) -> list[int]:
        """Return a comma-separated list of integers; values above `largest` are a fault."""
        texts = self.texts(name, list(map(str, default)))
        if all(_is_number(text) and int(text) <= largest for text in texts):
            return [int(text) for text in texts]
        self._note(
            name,
            f"「{','.join(texts)}」は、コンマで区切った0以上の整数ではないか、大きすぎます"
            f"（{largest}まで）。",
            f"「{','.join(map(str, default))}」のようにしてください。",
        )
        return default

    def folder(self, name: str, default: Path) -> Path:
        """Return a folder; a relative one is a fault: it would depend on who starts the program."""
        value = self.text(name, str(default))
        if not Path(value).is_absolute():
            self._note(
                name,
                f"「{value}」は / で始まらないため、起動した場所によって、指す場所が変わります。",
                f"「{Path(value).resolve()}」のように、/ から書いてください。",
            )
        return Path(value).resolve()

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Return Django's settings for a database URL. The fault never shows the URL's password."""
        remedy = (
            "postgres://利用者:パスワード@ホスト:5432/データベース のように指定してください。"
            "パスワードの中の # と / と ? は、%23 と %2F と %3F と書いてください。"
        )
        scheme, separator, rest = self.text(name, default).partition("://")
        if scheme not in DATABASE_SCHEMES or not separator:
            self._note(name, f"「{scheme}」で始まるデータベースは使えません。", remedy)
            return self.env.db_url_config("sqlite://:memory:")
        try:
            found = self.env.db_url_config(f"{scheme}://{rest}")
            if "#" not in rest:
                return found
        except ValueError:  # what it says has a part of the password, where that has a / or a ?
            pass
        self._note(name, "ホストかポートを読めません。", remedy)
        return self.env.db_url_config("sqlite://:memory:")

    def _note(self, name: str, problem: str, remedy: str) -> None:
        self.faults.append(SettingFault(name, problem, remedy))
