"""The short form of `make soak`: each fault once, for a second, and that it would find a loss."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.files.storage import storages

from accounts.roles import Role
from indicators.entries import Entry
from indicators.models import Actual
from indicators.recording import record
from tests.factories import make_evidence, make_fiscal_year, make_indicator, make_user
from tests.soak import check, faults
from tests.soak.notes import (
    AWAY,
    BUSY,
    CUT,
    DOWN,
    ENDINGS_FOR_PEOPLE,
    ERROR,
    GOOD,
    TOLD,
    ending_of,
)
from tests.soak.people import action_of, shows
from tests.soak.run import Outcome, is_bad, judged
from trail.history import Change, Door

SHORT = {"SOAK_SECONDS": "15", "SOAK_PEOPLE": "8", "SOAK_PAUSE": "0.3-1.5"}
NOT_ALLOWED = 77
"""The exit code of tests/soak/with_small_disks.sh where the system allows no disks of one's own."""


@pytest.mark.slow
def test_no_fault_loses_anything_and_each_ends_well(tmp_path):
    """One test: its run takes most of a minute, and other workers must not wait for it."""
    result = tmp_path / "soak.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak.run"],
        env=os.environ | SHORT | {"SOAK_RESULT": str(result)},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    if done.returncode == NOT_ALLOWED:
        pytest.skip(done.stderr)
    assert result.exists(), done.stdout + done.stderr
    told = json.loads(result.read_text("utf-8"))
    assert [one["name"] for one in told["faults"]] == [kind.name for kind in faults.ALL]
    for found in told["faults"]:
        assert found["recovery"] is not None, found["name"]
        assert (found["lost"], found["wrong"]) == ([], []), found["name"]
    assert told["told"] >= len(faults.ALL)
    assert (told["wrong"], told["half"], told["tracebacks"]) == ([], [], 0)


class TestWhatIsFound:
    pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

    @pytest.fixture
    def saved(self) -> dict:
        """The note of a save of three values, which are there."""
        make_fiscal_year(2017)
        self.by = make_user(Role.PLANNING)
        ids = [make_indicator().pk for _ in range(3)]
        self.save(ids, 5)
        return {
            "kind": TOLD, "at": 1.0, "who": "70000", "number": 5, "indicators": ids, "year": 2017,
        }  # fmt: skip

    def save(self, ids: list[int], number: int) -> None:
        entries = [
            Entry(
                indicator_id=pk,
                fiscal_year=2017,
                value=Decimal(number),
                version=self.version_of(pk),
            )
            for pk in ids
        ]
        record(entries, Change(by=self.by, door=Door.COMMAND))

    def version_of(self, pk: int) -> int | None:
        return Actual.objects.filter(indicator=pk).values_list("version", flat=True).first()

    def test_nothing_where_all_is_there(self, saved):
        assert list(check.not_there([saved])) == []
        assert list(check.half_written([saved["indicators"]])) == []

    def test_a_value_that_is_not_there(self, saved):
        never = saved | {"number": 6}
        assert list(check.not_there([saved, never])) == [(never, "in the history [0] times")]

    def test_a_value_that_was_written_twice(self, saved):
        self.save(saved["indicators"], 6)
        self.save(saved["indicators"][:1], 5)
        assert list(check.not_there([saved])) == [(saved, "in the history [1, 2] times")]

    def test_a_save_that_is_there_in_part(self, saved):
        self.save(saved["indicators"][:2], 6)
        assert list(check.half_written([saved["indicators"]])) == ["2 of 3 values 6 of 2017"]

    def test_a_value_without_its_history(self, saved):
        pk = saved["indicators"][0]
        Actual.objects.filter(indicator=pk).update(value=9)
        [found] = check.half_written([saved["indicators"]])
        assert "is not the last of its history" in found
        Actual.history.filter(indicator=pk).delete()
        assert any(f"versions [] of ({pk}, 2017)" in one for one in check.half_written([[pk]]))

    def test_a_file_that_is_gone(self):
        row = make_evidence(make_indicator(), 2017)
        note = {"kind": TOLD, "at": 1.0, "file": row.name, "sha256": row.sha256}
        assert list(check.not_there([note])) == []
        storages["evidence"].delete(row.stored_as)
        [(_, why)] = check.not_there([note])
        assert "保存先を読めません" in why
        assert list(check.half_written([])) == [f"file {row.name}: {why}"]
        row.delete()
        assert list(check.not_there([note])) == [(note, "0 rows")]

    @pytest.mark.parametrize(
        ("ending", "is_outage", "wrong"),
        [
            (GOOD, False, 0), (BUSY, False, 0), (DOWN, False, 0), (CUT, True, 0),
            (AWAY, True, 0), (AWAY, False, 1), (ERROR, True, 1),
        ],
    )  # fmt: skip
    def test_an_answer_that_its_fault_does_not_explain(self, ending, is_outage, wrong):
        outcome = Outcome("PostgreSQL", "", is_outage, began=10, ended=20, recovery=1)
        note = {
            "kind": "answer", "at": 15, "began": 14, "ending": ending, "method": "GET",
            "path": "/", "status": 0, "why": "",
        }  # fmt: skip
        found = judged([outcome], [], [note])
        found["tracebacks"] = 0
        assert (len(outcome.wrong), is_bad([outcome], found)) == (wrong, bool(wrong))
        later = judged([outcome], [], [note | {"began": 23, "at": 24}])
        assert bool(later["wrong"]) == (ending not in (GOOD, BUSY))


def test_a_run_with_a_traceback_is_bad():
    well = {"wrong": [], "half": [], "tracebacks": 0}
    outcome = Outcome("PostgreSQL", "", is_outage=True, began=10, ended=20, recovery=1)
    assert not is_bad([outcome], well)
    assert is_bad([outcome], well | {"tracebacks": 1})


@pytest.mark.parametrize(
    ("status", "heading", "ending"),
    [
        (200, "", GOOD), (403, "", ERROR), (429, "", ERROR), (500, "", ERROR), (503, "", ERROR),
        (503, "現在、利用できません", AWAY), (502, "ただいま利用できません", DOWN),
        (503, "ファイルを準備しています", BUSY), (502, "Bad Gateway", ERROR),
        (403, "ログイン", GOOD),
    ],
)  # fmt: skip
def test_an_answer_ends_as_its_page_says(status, heading, ending):
    page = SimpleNamespace(status_code=status, text=f"<h1>{heading}</h1>")
    assert ending_of(page) == ending
    assert ending_of(None) == CUT


def test_the_pages_that_are_known_are_those_of_the_product():
    pages = [*(settings.BASE_DIR / "templates").glob("**/*.html")]
    pages += [*(settings.BASE_DIR / "deploy" / "nginx" / "pages").glob("*.html")]
    pages.append(settings.BASE_DIR / "tables" / "file_making.py")
    texts = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert [heading for _, heading in ENDINGS_FOR_PEOPLE if heading not in texts] == []


def test_what_was_typed_is_looked_for_in_fields_and_sent_to_where_the_page_says():
    page = (
        '<main><form method="post" action="/entry/2017/?a=1&amp;b=2">'
        '<input type="hidden" name="r1-value" value="5"></form></main>'
    )
    assert shows(page, {"r1-value": "5"})
    assert not shows(page, {"r1-value": "6"})
    assert action_of(page) == "/entry/2017/?a=1&b=2"
    assert action_of(f'<form id="grid" method="post">{page}') == ""
