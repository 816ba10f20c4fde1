"""A hundred people work while one fault after the other is injected, by `make soak`.

    python -m tests.soak.run

SOAK_SECONDS says how long (600), SOAK_PEOPLE how many people. Everything runs on this machine, on
loopback, in a folder that is deleted afterwards: PostgreSQL, gunicorn with the settings of deploy/,
nginx before it, and locust, which is the people. Prints a table of the faults; exits with 1 if
something that was confirmed is not there exactly once, if something is half written, if an answer
was an error that no fault explains, or if what somebody had typed was gone. SOAK_RESULT is a file
for the same as JSON.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.run import padded
from tests.soak.notes import ANSWER, AWAY, BUSY, CUT, DOWN, ERROR, GOOD, LOST, TOLD, read_notes

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = int(os.environ.get("SOAK_SECONDS") or 600)
PEOPLE = int(os.environ.get("SOAK_PEOPLE") or 100)
PAUSE = os.environ.get("SOAK_PAUSE") or "8-24"
"""For how many seconds a person does nothing between two things, at least and at most."""
LONGEST = 30
"""How many seconds a fault lasts at most."""
DATABASE_SIZE, EVIDENCE_SIZE = "600m", "96m"


@dataclass
class Outcome:
    """What a fault did. Times are seconds since 1970; `recovery` is None if it never ended."""

    name: str
    how: str
    is_outage: bool
    began: float
    ended: float = 0
    recovery: float | None = None
    settled: float = 0
    answers: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    told: int = 0
    lost: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> float:
        """When all is well again for everybody."""
        if self.recovery is None:
            return float("inf")
        return max(self.ended + self.recovery, self.settled) + 1


def main() -> int:
    """Start disks and PostgreSQL for this script; on them, run it."""
    if os.environ.get("SOAK_FOLDER"):
        return soak(Path(os.environ["SOAK_FOLDER"]))
    # Only short paths can hold a socket.
    with TemporaryDirectory(prefix="soak-", dir="/tmp") as folder:
        own = {
            "SOAK_FOLDER": folder,
            "DATA_DIR": f"{folder}/data",
            "FILES_DIR": f"{folder}/e",
            "SECRET_KEY": secrets.token_urlsafe(60),
            "POSTGRESQL_IN": f"{folder}/d",
            "POSTGRESQL_DURABLE": "on",
        }
        for name in ("d", "e", "data/static"):
            (Path(folder) / name).mkdir(parents=True)
        Path(folder).chmod(0o755)  # for the user postgres
        disks = [f"{folder}/d={DATABASE_SIZE}", f"{folder}/e={EVIDENCE_SIZE}"]
        command = [str(ROOT / "tests" / "soak" / "with_small_disks.sh"), *disks, "--"]
        command += [str(ROOT / "tests" / "with_postgresql.sh"), sys.executable, "-m", __spec__.name]
        run = subprocess.Popen(command, env=os.environ | own, cwd=ROOT)
        signal.signal(signal.SIGTERM, lambda *_: run.terminate())
        while True:
            with suppress(KeyboardInterrupt):  # the run gets it, too
                return run.wait()


def soak(folder: Path) -> int:
    """Make a city, let people work and faults happen; print and judge what came of it."""
    import django

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nemuro_strategy.settings")
    django.setup()
    import urllib3

    urllib3.disable_warnings()  # the certificate is made for the run
    people = prepared(folder)
    try:
        outcomes = list(injected(folder, people))
    finally:
        keep_logs(folder)
    found = judged(outcomes, people, list(read_notes(folder / "notes")))
    found["tracebacks"] = (folder / "program.log").read_text("utf-8").count("Traceback (most")
    report(outcomes, found)
    if file := os.environ.get("SOAK_RESULT"):
        told = {"faults": [asdict(one) for one in outcomes], **found}
        Path(file).write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    return 1 if is_bad(outcomes, found) else 0


def keep_logs(folder: Path) -> None:
    """Copy notes and logs to where SOAK_KEEP says, if it does."""
    if keep := os.environ.get("SOAK_KEEP"):
        for name in ("notes", "probes", "program.log", "locust.log"):
            if (folder / name).exists():
                shutil.copy(folder / name, keep)


def prepared(folder: Path) -> list[dict[str, Any]]:
    """Fill the database; return the people."""
    from django.core.management import call_command
    from django.db import connections

    from tests.quick_migrations import quick_migrations
    from tests.soak.city import make_people

    with quick_migrations():
        call_command("migrate", verbosity=0)
    people = [asdict(who) for who in make_people(PEOPLE)]
    connections.close_all()
    return people


def injected(folder: Path, people: list[dict[str, Any]]) -> Iterator[Outcome]:
    """Let people work; yield what each fault was, when it has passed."""
    import requests

    from tests.soak import faults
    from tests.soak.notes import Notes
    from tests.soak.people import PROBE, Person, Who
    from tests.soak.servers import Disk, running

    end = time.monotonic() + SECONDS
    notes = Notes(folder / "notes")
    [probe] = [Who(**one) for one in people if one["role"] == PROBE]
    with running(folder, [Disk(folder / "e"), Disk(folder / "d")], people, notes) as world:
        prober = Person(probe, requests.Session(), world.address, Notes(folder / "probes"))
        prober.log_in()
        with working(folder, world.address, people):
            time.sleep(SECONDS / 10)
            for place, kind in enumerate(faults.ALL):
                slot = (end - time.monotonic()) / (len(faults.ALL) - place)
                next_one = time.monotonic() + slot
                seconds = min(LONGEST, max(1.0, 0.65 * slot))
                outcome = Outcome(
                    kind.name, kind.how.format(seconds=seconds), kind.is_outage, time.time()
                )
                print(f"{kind.name} …", file=sys.stderr, flush=True)
                outcome.wrong += kind.inject(world, seconds)
                outcome.ended = time.time()
                outcome.recovery = faults.first_good_answer(prober, outcome.ended)
                kind.afterwards(world)
                outcome.settled = time.time()
                time.sleep(max(0.0, next_one - time.monotonic()))
                yield outcome


@contextmanager
def working(folder: Path, address: str, people: list[dict[str, Any]]) -> Iterator[None]:
    """Let locust be the people until the end of the block; what they have begun they end."""
    from tests.soak.people import CUTTER, PROBE

    workers = [one for one in people if one["role"] not in (CUTTER, PROBE)]
    (folder / "people").write_text(json.dumps(workers), "utf-8")
    own = {
        "SOAK_WHO": str(folder / "people"),
        "SOAK_NOTES": str(folder / "notes"),
        "SOAK_PAUSE": PAUSE,
    }
    number = len(workers)
    command = [sys.executable, "-m", "locust", "--headless", "--locustfile"]
    command += [str(Path(__file__).with_name("locustfile.py")), "--host", address]
    command += ["--users", str(number), "--spawn-rate", f"{max(1, number / (SECONDS / 12)):.1f}"]
    command += ["--stop-timeout", "30", "--only-summary"]
    with (folder / "locust.log").open("wb") as log:
        locust = subprocess.Popen(
            command, env=os.environ | own, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield
        finally:
            locust.send_signal(signal.SIGTERM)
            locust.wait(120)


def judged(
    outcomes: Sequence[Outcome], people: list[dict[str, Any]], notes: list[dict[str, Any]]
) -> dict[str, Any]:
    """Fill in what each fault did to answers and values; return what belongs to no fault."""
    from indicators.evidence.files import strays
    from tests.soak import check

    stray: list[str] = []
    for note in notes:
        if note["kind"] == ANSWER:
            _count(note, outcomes, stray)
        elif note["kind"] == TOLD:
            _latest(outcomes, note["at"]).told += 1
        elif note["kind"] == LOST:
            _latest(outcomes, note["at"]).lost.append(f"{note['who']}: {note['what']}")
    for note, why in check.not_there(notes):
        said = note.get("file") or f"{note['number']} of {note['year']}"
        _latest(outcomes, note["at"]).lost.append(f"{note['who']}: {said}: {why}")
    sets = [one["indicators"] for one in people if one["indicators"]]
    return {
        "wrong": stray,
        "half": list(check.half_written(sets)),
        "strays": len(strays()),
        "told": sum(note["kind"] == TOLD for note in notes),
        "answers": sum(note["kind"] == ANSWER for note in notes),
    }


def _latest(outcomes: Sequence[Outcome], at: float) -> Outcome:
    """Return the fault that was the last to begin, or the first one."""
    return [outcomes[0], *(one for one in outcomes if one.began <= at)][-1]


def _count(note: dict[str, Any], outcomes: Sequence[Outcome], stray: list[str]) -> None:
    """Count an answer for the fault in which it fell, and among what no fault explains."""
    ending = note["ending"]
    met = [one for one in outcomes if one.began <= note["at"] and note["began"] <= one.is_over]
    for one in met[-1:]:
        one.answers[ending] = one.answers.get(ending, 0) + 1
    if ending in (GOOD, BUSY):
        return
    if ending == ERROR or not any(_explains(one, ending) for one in met):
        said = f"{note['method']} {note['path']} {note['status']} {ending} {note['why']}"
        (met[-1].wrong if met else stray).append(said)


PASSING = ("slow clients", "clients go away", "the clock", "disk of 根拠資料")
"""Begin the names of faults that no connection of others may feel."""


def _explains(outcome: Outcome, ending: str) -> bool:
    if ending == AWAY:
        return outcome.is_outage
    return ending in (DOWN, CUT) and not outcome.name.startswith(PASSING)


def is_bad(outcomes: Sequence[Outcome], found: dict[str, Any]) -> bool:
    """Whether anything is not as it has to be.

    A file of 根拠資料 without a row is not bad: it is kept where nobody knows whether the database
    committed, and manage.py check_evidence names it.
    """
    of_faults = any(one.wrong or one.lost or one.recovery is None for one in outcomes)
    return of_faults or bool(found["wrong"] or found["half"] or found["tracebacks"])


def report(outcomes: Sequence[Outcome], found: dict[str, Any]) -> None:
    """Print the table, and below it whatever is wrong."""
    rows = [("fault", "how", "good", "503", "502 or cut", "wrong", "saved", "lost", "recovery")]
    for one in outcomes:
        count = one.answers.get
        rows.append(
            (
                one.name,
                one.how,
                str(count(GOOD, 0) + count(BUSY, 0)),
                str(count(AWAY, 0)),
                str(count(DOWN, 0) + count(CUT, 0)),
                str(len(one.wrong)),
                str(one.told),
                str(len(one.lost)),
                "never" if one.recovery is None else f"{one.recovery:.1f} s",
            )
        )
    print(padded(rows))
    print(
        f"{PEOPLE} people, {SECONDS} s, {os.cpu_count()} cores: {found['answers']} answers, "
        f"{found['told']} confirmed, {sum(len(one.lost) for one in outcomes)} lost, "
        f"{len(found['half'])} half written, {len(found['wrong'])} errors without a fault, "
        f"{found['strays']} files without a row, {found['tracebacks']} tracebacks"
    )
    for one in outcomes:
        for what in [*one.wrong, *one.lost][:20]:
            print(f"  {one.name}: {what}")
    for what in [*found["wrong"], *found["half"]][:20]:
        print(f"  {what}")


if __name__ == "__main__":
    sys.exit(main())
