"""The file LDAP_GROUPS_FILE: which groups of the directory have which roles and sections here.

A CSV as Excel writes it, with the columns グループ, 役割 and 担当課: the name (cn) or the full name
(DN) of a group, and one role, one section or both. A group may have several rows.
"""

import csv
from collections.abc import Collection
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from accounts.roles import Role
from tables.file_contents import decoded

HEADERS = GROUP, ROLE, SECTION = ("グループ", "役割", "担当課")


class WrongGroups(ValueError):
    """The file cannot be used; the text says where and why."""


@dataclass(frozen=True)
class GroupRow:
    group: str
    role: str
    section: str


@dataclass(frozen=True)
class Rights:
    """The names of the roles and sections that a person's groups give."""

    roles: frozenset[str]
    sections: frozenset[str]


def read_groups(path: str) -> list[GroupRow]:
    """Return the rows of the file. Raises WrongGroups."""
    try:
        text = decoded(Path(path).read_bytes())
    except OSError as error:
        raise WrongGroups(f"「{path}」を読めません（{error.strerror}）。") from error
    if text is None:
        raise WrongGroups(f"「{path}」の文字を読めません。UTF-8のCSVで保存してください。")
    lines = csv.DictReader(StringIO(text))
    missing = [name for name in HEADERS if name not in (lines.fieldnames or ())]
    if missing:
        raise WrongGroups(f"1行目に「{'」「'.join(missing)}」がありません。")
    rows = []
    for number, line in enumerate(lines, start=2):
        row = GroupRow(*((line[name] or "").strip() for name in HEADERS))
        if not any((row.group, row.role, row.section)):
            continue
        if not row.group or not (row.role or row.section):
            raise WrongGroups(f"{number}行目に、グループと、役割か担当課を入力してください。")
        if row.role and row.role not in list(Role):
            raise WrongGroups(
                f"{number}行目の役割「{row.role}」はありません。"
                f"{'、'.join(Role)}のどれかにしてください。"
            )
        rows.append(row)
    return rows


def rights_of(groups: Collection[str], rows: Collection[GroupRow]) -> Rights:
    """Return the rights that groups of the directory give; their names are in lower case."""
    own = [row for row in rows if row.group.lower() in groups]
    return Rights(
        roles=frozenset(row.role for row in own if row.role),
        sections=frozenset(row.section for row in own if row.section),
    )
