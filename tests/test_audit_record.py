"""`make lint` fails on versions not audited and on unexplained findings, never by the day."""

import json
from datetime import date

import pytest

from tests import audit_record
from tests.audit_record import NoRecord, faults, record_of, reminder, versions

DAY = date(2026, 11, 29)

WEAKNESS = {"id": "PYSEC-2026-1", "fix_versions": ["5.2.20"], "aliases": ["CVE-2026-1"]}


def report(**vulns) -> dict:
    return {
        "dependencies": [
            {"name": name, "version": version, "vulns": vulns.get(name, [])}
            for name, version in {"django": "5.2.19", "segno": "1.6.6"}.items()
        ]
    }


def recorded(before=None, **vulns) -> dict:
    return record_of(report(**vulns), "pypi", DAY, before or {})


@pytest.fixture
def record_file(monkeypatch, tmp_path):
    monkeypatch.setattr(audit_record, "RECORD", tmp_path / "requirements-audit.json")
    return tmp_path / "requirements-audit.json"


def test_the_versions_of_both_lists_are_compared():
    found = versions()
    assert {"django", "pytest", "psycopg2-binary"} <= found.keys()
    assert len(found) > 40


def test_what_was_audited_without_a_finding_has_no_fault():
    assert faults(recorded(), {"django": "5.2.19", "segno": "1.6.6"}) == []


@pytest.mark.parametrize(
    "installed",
    [
        {"django": "5.2.20", "segno": "1.6.6"},
        {"django": "5.2.19", "segno": "1.6.6", "six": "1.17.0"},
        {"django": "5.2.19"},
    ],
)
def test_each_version_that_was_not_audited_is_named_once(installed):
    assert len(faults(recorded(), installed)) == 1


def test_a_finding_has_to_be_explained_and_stays_so_in_the_next_record():
    same = {"django": "5.2.19", "segno": "1.6.6"}
    record = recorded(django=[WEAKNESS])
    assert faults(record, same) == ["djangoに弱点があります（PYSEC-2026-1）。"]
    record["findings"][0]["explanation"] = "その機能を使わない。"
    assert faults(record, same) == []
    again = recorded(before=record, django=[WEAKNESS, WEAKNESS | {"id": "PYSEC-2026-2"}])
    assert faults(again, same) == ["djangoに弱点があります（PYSEC-2026-2）。"]


def test_a_package_that_was_not_found_leaves_no_record(record_file, tmp_path, capsys):
    skipped = {"dependencies": [{"name": "six", "skip_reason": "Dependency not found"}]}
    with pytest.raises(NoRecord, match="six"):
        record_of(skipped, "pypi", DAY, {})
    assert audit_record.main("write", str(tmp_path / "none.json"), "pypi") == 1
    assert "記録しませんでした" in capsys.readouterr().err
    assert not record_file.exists()


def test_time_alone_is_a_reminder():
    assert reminder(recorded(), date(2027, 2, 27)) == ""
    assert "91日" in reminder(recorded(), date(2027, 2, 28))


def test_what_was_written_is_what_is_checked(record_file, tmp_path, monkeypatch, capsys):
    assert audit_record.check() == 0
    assert "まだ調べていません" in capsys.readouterr().out
    (tmp_path / "report.json").write_text(json.dumps(report()))
    assert audit_record.main("write", str(tmp_path / "report.json"), "osv") == 0
    assert json.loads(record_file.read_text())["service"] == "osv"
    assert audit_record.main("check") == 1
    assert "pytestは、調べた版と違います。" in capsys.readouterr().err
    monkeypatch.setattr(audit_record, "versions", lambda: {"django": "5.2.19", "segno": "1.6.6"})
    assert audit_record.main("check") == 0
