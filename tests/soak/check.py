"""The database and the disk afterwards, compared with what pages confirmed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from indicators.evidence import files as evidence_files
from indicators.models import Actual, Evidence
from tests.soak.notes import TOLD

Note = dict[str, Any]


def not_there(notes: Iterable[Note]) -> Iterator[tuple[Note, str]]:
    """Yield each note of something that was confirmed and is not there exactly once, and why."""
    written, rows = _written(), _evidence()
    for note in notes:
        if note["kind"] != TOLD:
            continue
        why = _why_file(note, rows) if "file" in note else _why_values(note, written)
        if why:
            yield note, why


def _written() -> dict[tuple[int, int, int], int]:
    """Return how often the history has a value, by indicator, year and value."""
    found: dict[tuple[int, int, int], int] = defaultdict(int)
    rows = Actual.history.filter(value__isnull=False)
    for indicator, year, value in rows.values_list("indicator_id", "fiscal_year_id", "value"):
        found[indicator, year, int(value)] += 1
    return found


def _why_values(note: Note, written: dict[tuple[int, int, int], int]) -> str:
    times = {written[pk, note["year"], note["number"]] for pk in note["indicators"]}
    return "" if times == {1} else f"in the history {sorted(times)} times"


def _evidence() -> dict[tuple[str, str], list[Evidence]]:
    found = defaultdict(list)
    for row in Evidence.objects.present():
        found[row.name, row.sha256].append(row)
    return found


def _why_file(note: Note, rows: dict[tuple[str, str], list[Evidence]]) -> str:
    found = rows.get((note["file"], note["sha256"]), [])
    if len(found) != 1:
        return f"{len(found)} rows"
    return _damage(found[0])


def _damage(row: Evidence) -> str:
    try:
        content = evidence_files.file_content(row)
    except evidence_files.Damaged as damage:
        return str(damage)
    return "" if sha256(content).hexdigest() == row.sha256 else "other content"


def half_written(sets: Iterable[Iterable[int]]) -> Iterator[str]:
    """Yield what is there in part. `sets`: indicators whose values are saved at once."""
    of_set = {pk: place for place, pks in enumerate(map(frozenset, sets)) for pk in pks}
    sizes: dict[int, int] = defaultdict(int)
    for place in of_set.values():
        sizes[place] += 1
    saves: dict[tuple[int, int, int], set[int]] = defaultdict(set)
    for indicator, year, value in Actual.history.values_list(
        "indicator_id", "fiscal_year_id", "value"
    ):
        if indicator in of_set:
            saves[of_set[indicator], year, int(value)].add(indicator)
    for (place, year, value), found in saves.items():
        if len(found) != sizes[place]:
            yield f"{len(found)} of {sizes[place]} values {value} of {year}"
    yield from _unlike_history(of_set)
    yield from (
        f"file {row.name}: {why}" for row in Evidence.objects.all() if (why := _damage(row))
    )


def _unlike_history(known: Iterable[int]) -> Iterator[str]:
    """Yield values that are not what their history says last, and histories with gaps."""
    last: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in Actual.history.filter(indicator__in=known).order_by("history_id"):
        last[row.indicator_id, row.fiscal_year_id].append(row)
    now = {
        (a.indicator_id, a.fiscal_year_id): a for a in Actual.objects.filter(indicator__in=known)
    }
    for key in last.keys() | now.keys():
        versions = [row.version for row in last[key]]
        if not versions or key not in now or versions != list(range(1, len(versions) + 1)):
            yield f"versions {versions[-5:]} of {key}"
        elif (now[key].version, now[key].value) != (versions[-1], last[key][-1].value):
            yield f"value {now[key].value} of {key} is not the last of its history"
