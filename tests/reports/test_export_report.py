"""The command export_report: the file it writes, what it logs, what it says when it cannot."""

import io
from hashlib import sha256

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.factories import load_city, make_actual, make_kpi
from trail.events import Event
from trail.history import Door

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]


def export(path, *arguments: str) -> dict[str, str]:
    """Run the command and return what the cover says, by name."""
    call_command("export_report", *arguments, "-o", str(path), stdout=io.StringIO())
    cover = openpyxl.load_workbook(path, data_only=True)["表紙"]
    return dict(cover.iter_rows(min_row=3, max_col=2, values_only=True))


def test_the_report_of_a_year_is_written_and_logged(tmp_path):
    load_city()
    path = tmp_path / "報告書.xlsx"
    cover = export(path, "nemuro-2015", "--fiscal-year", "平成29")
    assert cover["対象年度"] == "平成29年度（2017）の実績"
    assert cover["出力の範囲"] == "計画の全体"
    assert cover["出力"].endswith("コマンド export_report")
    (event,) = Event.objects.filter(kind=Event.Kind.EXPORT)
    assert (event.subject, event.door) == ("報告書.xlsx", Door.COMMAND)
    assert sha256(path.read_bytes()).hexdigest() in event.detail


def test_a_goal_or_a_section_can_be_asked_for(tmp_path):
    strategy = load_city()
    section = strategy.goals.first().numeric_targets.first().indicator.section.name
    path = tmp_path / "a.xlsx"
    assert export(path, "nemuro-2015", "--goal", "2")["出力の範囲"] == "基本目標2"
    cover = export(path, "nemuro-2015", "--section", section)
    assert cover["出力の範囲"] == f"担当課：{section}"


def test_without_a_year_it_is_the_newest_one_with_values(tmp_path):
    kpi = make_kpi()
    make_actual(kpi.indicator, 2016)
    assert "2016" in export(tmp_path / "a.xlsx", kpi.strategy.code)["対象年度"]


def test_a_day_can_be_asked_for(tmp_path):
    kpi = make_kpi()
    today = timezone.localdate()
    cover = export(tmp_path / "a.xlsx", kpi.strategy.code, "--as-of", f"{today}")
    assert cover["データの時点"].endswith("の終了時点")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("atlantis-2015",), "コード「atlantis-2015」の総合戦略はありません"),
        (("nemuro-2015", "--fiscal-year", "2030"), "期間の中の年度を指定してください"),
        (("nemuro-2015", "--fiscal-year", "いつか"), "年度として読めません"),
        (("nemuro-2015", "--goal", "9"), "基本目標9はありません"),
        (("nemuro-2015", "--section", "宇宙課"), "「宇宙課」が担当する指標はありません"),
        (("nemuro-2015", "--as-of", "2199-01-01"), "まだ来ていません"),
        (("nemuro-2015", "--as-of", "2001-01-01"), "まだ登録されていませんでした"),
    ],
)
def test_what_cannot_be_exported_is_named_with_a_remedy(tmp_path, arguments, message):
    load_city()
    with pytest.raises(CommandError, match=message):
        export(tmp_path / "a.xlsx", *arguments)
    assert not Event.objects.filter(kind=Event.Kind.EXPORT).exists()


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    load_city()
    with pytest.raises(CommandError, match="書き出せません"):
        export(tmp_path / "missing" / "a.xlsx", "nemuro-2015")
    assert not Event.objects.filter(kind=Event.Kind.EXPORT).exists()
