"""The invented people of the trial, and the file with their log-ins."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from accounts.roles import Role


class InventedPerson(NamedTuple):
    """An invented staff member. People who cannot log in have entered values, too."""

    number: str
    name: str
    role: Role
    sections: tuple[str, ...] = ()
    logs_in: bool = False


PLANNING, CHECKING = "900001", "900002"
"""Staff numbers of the planning office: two, because nobody confirms his or her own values."""

DEPARTMENTS = {
    "総務部": ("総合政策室", "総務課", "財政課"),
    "市民福祉部": ("こども子育て課", "保健課", "市民環境課"),
    "水産経済部": ("商工労働観光課", "水産課", "農林課"),
    "教育委員会": ("教育総務課", "社会教育課"),
    "市立根室病院": ("市立根室病院事務局",),
}
"""The departments of the sections in the trial; invented as well."""

INVENTED_PEOPLE = (
    InventedPerson(PLANNING, "見本 花子", Role.PLANNING, ("総合政策室",), logs_in=True),
    InventedPerson(CHECKING, "見本 太郎", Role.PLANNING, ("総合政策室",), logs_in=True),
    InventedPerson("900003", "見本 町子", Role.READER, logs_in=True),
    InventedPerson("900004", "見本 正", Role.AUDITOR, logs_in=True),
    InventedPerson("900101", "試用 渚", Role.CLERK, ("商工労働観光課",), logs_in=True),
    InventedPerson("900102", "試用 健一", Role.HEAD, ("商工労働観光課",), logs_in=True),
    # 兼務: belongs to two sections.
    InventedPerson("900111", "試用 さくら", Role.CLERK, ("こども子育て課", "保健課"), logs_in=True),
    InventedPerson("900112", "試用 良子", Role.HEAD, ("こども子育て課",), logs_in=True),
    InventedPerson("900122", "架空 明", Role.HEAD, ("保健課",)),
    InventedPerson("900131", "架空 岬", Role.CLERK, ("総合政策室",)),
    InventedPerson("900132", "架空 進", Role.HEAD, ("総合政策室",)),
    InventedPerson("900141", "架空 環", Role.CLERK, ("市民環境課",)),
    InventedPerson("900142", "架空 豊", Role.HEAD, ("市民環境課",)),
    InventedPerson("900151", "架空 直", Role.CLERK, ("市立根室病院事務局",)),
    InventedPerson("900152", "架空 恵", Role.HEAD, ("市立根室病院事務局",)),
    InventedPerson("900161", "架空 学", Role.CLERK, ("教育総務課",)),
    InventedPerson("900162", "架空 文子", Role.HEAD, ("教育総務課",)),
    InventedPerson("900171", "架空 歩", Role.CLERK, ("社会教育課",)),
    InventedPerson("900172", "架空 修", Role.HEAD, ("社会教育課",)),
    InventedPerson("900181", "架空 海", Role.CLERK, ("水産課",)),
    InventedPerson("900182", "架空 洋", Role.HEAD, ("水産課",)),
    InventedPerson("900191", "架空 緑", Role.CLERK, ("農林課",)),
    InventedPerson("900192", "架空 大地", Role.HEAD, ("農林課",)),
    InventedPerson("900201", "架空 務", Role.CLERK, ("総務課",)),
    InventedPerson("900202", "架空 律子", Role.HEAD, ("総務課",)),
    InventedPerson("900211", "架空 円", Role.CLERK, ("財政課",)),
    InventedPerson("900212", "架空 数馬", Role.HEAD, ("財政課",)),
)


def log_in_table(passwords: Mapping[str, str]) -> str:
    """Return the text of the log-in file: a line per person, staff number first."""
    width = max(len(password) for password in passwords.values())
    lines = [f"職員番号  {'パスワード':{width - 5}}  役割　　  氏名・担当課"]
    for person in INVENTED_PEOPLE:
        if person.logs_in:
            sections = f"（{'・'.join(person.sections)}）" if person.sections else ""
            lines.append(
                f"{person.number:8}  {passwords[person.number]:{width}}"
                f"  {person.role.value:　<4}  {person.name}{sections}"
            )
    return "\n".join(lines) + "\n"


def stored_passwords(path: Path) -> dict[str, str]:
    """Return the passwords in a log-in file by staff number; {} if there is no file."""
    if not path.exists():
        return {}
    return dict(re.findall(r"^(\d+) +([a-z0-9-]+) ", path.read_text(encoding="utf-8"), re.M))


def write_log_ins(path: Path, text: str) -> None:
    """Write the file so that only its owner can ever read it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
