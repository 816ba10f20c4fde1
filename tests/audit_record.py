"""What `make audit` found, kept in git, so that `make lint` compares with it without a network.

Usage: python -m tests.audit_record write REPORT SERVICE    after pip-audit --format json
       python -m tests.audit_record check                   in make lint

The record has the day, the service that was asked, each version, and the findings. A finding has
an `explanation` that somebody writes who decides to keep the version; later records keep it.
"""

import json
import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "requirements-audit.json"
LISTS = ("requirements.txt", "requirements-dev.txt")

DAYS = 90
"""After how many days `make lint` reminds of asking again. Time alone never makes it fail."""

PIN = re.compile(r"^([a-z0-9-]+)(?:\[[a-z0-9,]+\])?==([^ ]+)", re.M)


class NoRecord(Exception):
    """pip-audit has left nothing to record."""


def versions() -> dict[str, str]:
    """Return the version of each package in our lists, by its name."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in LISTS]
    return dict(sorted(pin for text in texts for pin in PIN.findall(text)))


def record_of(
    report: dict[str, Any], service: str, day: date, before: dict[str, Any]
) -> dict[str, Any]:
    """Return the record of a report of pip-audit. Raises NoRecord if it left out a package."""
    asked = report["dependencies"]
    if left_out := [one["name"] for one in asked if "skip_reason" in one]:
        raise NoRecord(f"調べられなかったパッケージがあります：{'、'.join(left_out)}")
    known = {_key(one): one["explanation"] for one in before.get("findings", [])}
    return {
        "date": day.isoformat(),
        "service": service,
        "versions": {one["name"]: one["version"] for one in asked},
        "findings": [
            finding | {"explanation": known.get(_key(finding), "")}
            for one in asked
            for finding in _findings(one)
        ],
    }


def _findings(package: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "package": package["name"],
            "id": found["id"],
            "aliases": sorted(found.get("aliases", [])),
            "fixed_in": found["fix_versions"],
        }
        for found in package["vulns"]
    ]


def _key(finding: dict[str, Any]) -> tuple[str, str]:
    return finding["package"], finding["id"]


def faults(record: dict[str, Any], installed: dict[str, str]) -> list[str]:
    """Return why the record does not speak for these versions, as sentences."""
    audited = record["versions"]
    changed = sorted(dict(installed.items() ^ audited.items()))
    unexplained = [one for one in record["findings"] if not one["explanation"].strip()]
    return [
        *(f"{name}は、調べた版と違います。" for name in changed),
        *(f"{one['package']}に弱点があります（{one['id']}）。" for one in unexplained),
    ]


def reminder(record: dict[str, Any], today: date) -> str:
    """Return a sentence if nobody has asked for long; else ""."""
    days = (today - date.fromisoformat(record["date"])).days
    if days <= DAYS:
        return ""
    return f"パッケージの弱点を調べてから、{days}日たちました。make audit で調べてください。"


def write(report: Path, service: str) -> None:
    """Write the record of a report. Raises NoRecord."""
    try:
        text = report.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NoRecord("pip-audit の結果がありません。") from error
    record = record_of(json.loads(text), service, _today(), _read() or {})
    RECORD.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def check() -> int:
    """Print what is wrong with the record; return the exit code."""
    record = _read()
    if record is None:
        print(
            "パッケージの弱点は、まだ調べていません。"
            "ネットワークのある所で make audit を実行してください。"
        )
        return 0
    found = faults(record, versions())
    for line in [*found, *filter(None, [reminder(record, _today())])]:
        print(line, file=sys.stderr)
    if found:
        print(
            "make audit で調べ、版を上げるか、requirements-audit.json の explanation に"
            "その版を使う理由を書いてください。",
            file=sys.stderr,
        )
    return 1 if found else 0


def _read() -> dict[str, Any] | None:
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else None


def _today() -> date:
    return datetime.now(UTC).date()


def main(what: str, *arguments: str) -> int:
    if what == "check":
        return check()
    try:
        write(Path(arguments[0]), arguments[1])
    except NoRecord as error:
        print(f"記録しませんでした。{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
