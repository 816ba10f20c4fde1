"""The pages of bulk import and export: access, pending files, logging."""

import io
import os
import time
from contextlib import ExitStack
from pathlib import Path

import openpyxl
import pytest
from django.core.files.storage import storages
from django.urls import reverse

from accounts.models import Section, User
from accounts.roles import Role
from goals.models import NumericTarget
from indicators.models import Actual, Indicator
from kpis.models import KPI
from measures.models import Project
from tables import pending, turns
from tables.import_pages import PREVIEWS_AT_ONCE
from tests.factories import load_city, make_indicator, make_section, make_user, make_values
from tests.html import form_data
from tests.importing import (
    address,
    confirm,
    csv_file,
    export,
    exported_rows,
    text_of,
    upload,
    xlsx_file,
)
from tests.test_admin_pages import INLINE
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

TABLES = [Indicator, KPI, NumericTarget, Project, Actual, User]


@pytest.fixture
def planning(client) -> User:
    user = make_user(Role.PLANNING, make_section("総合政策室"), full_name="企画 花子")
    client.force_login(user)
    return user


def renamed(client, indicator: Indicator, name: str) -> list:
    """Return the exported row of an indicator with a new name."""
    header, *rows = exported_rows(client, Indicator)
    row = next(row for row in rows if row[0] == indicator.code)
    row[1] = name
    return [header, row]


# Who may


@pytest.mark.parametrize("model", TABLES)
@pytest.mark.parametrize("action", ["import", "process_import", "export"])
@pytest.mark.parametrize("role", [*Role, None])
def test_only_planning_imports_and_exports(client, model, action, role):
    client.force_login(make_user(role, make_section()))
    allowed = role == Role.PLANNING
    for response in (client.get(address(model, action)), client.post(address(model, action))):
        assert response.status_code == 403 or allowed, response.status_code
        assert response.status_code in (200, 302) or not allowed


@pytest.mark.parametrize("model", TABLES)
@pytest.mark.parametrize("action", ["import", "process_import", "export"])
def test_strangers_are_sent_to_log_in(client, model, action):
    for response in (client.get(address(model, action)), client.post(address(model, action))):
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("login"))


def test_only_planning_sees_the_buttons(client, planning):
    changelist = reverse("admin:indicators_indicator_changelist")
    assert "一括取込" in text_of(client.get(changelist))
    client.force_login(make_user(Role.AUDITOR))
    html = text_of(client.get(changelist))
    assert "一括取込" not in html
    assert "一括出力" not in html


# The way through


@pytest.mark.slow
@pytest.mark.parametrize("model", TABLES)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_exported_comes_back_unchanged(client, planning, model, kind):
    make_values(load_city(), remarks="=1+1\n－（参考）-5 ")
    response = upload(client, model, export(client, model, kind))
    page = text_of(response)
    count = model._default_manager.count()
    assert f"登録されている内容と同じです（{count}行）" in page
    assert "ticket" not in form_data(response.content.decode())


@pytest.mark.both_databases
def test_nothing_is_saved_before_it_is_confirmed(client, planning):
    indicator = make_indicator(name="来訪者数")
    preview = upload(client, Indicator, renamed(client, indicator, "観光客数"), reason="名称の統一")
    page = text_of(preview)
    assert "新しく登録する行 0 、変更する行 1 、変わらない行 0" in page
    assert "来訪者数" in page
    assert "観光客数" in page
    indicator.refresh_from_db()
    assert (indicator.name, indicator.history.count()) == ("来訪者数", 1)

    page = text_of(confirm(client, Indicator, preview))
    assert "指標を取り込みました（新規0行、変更1行、変更なし0行）。" in page
    indicator.refresh_from_db()
    assert indicator.name == "観光客数"
    row = indicator.history.first()
    assert (row.door, row.history_user, row.history_change_reason) == (
        "import",
        planning,
        "名称の統一",
    )


@pytest.mark.both_databases
def test_one_bad_row_stops_all_and_each_is_named(client, planning):
    indicators = [make_indicator(section=make_section("水産課")) for _ in range(5)]
    header, *rows = exported_rows(client, Indicator)
    for row in rows:
        row[1] += "（新）"
    decimals, section = header.index("小数点以下の桁数"), header.index("担当課")
    rows[1][decimals] = "約2"
    rows[3][section] = "水産科"
    page = text_of(upload(client, Indicator, xlsx_file([header, *rows], "指標")))
    assert "5行のうち2行に誤りがあるため、何も取り込んでいません。" in page
    assert (
        "シート「指標」のE3 小数点以下の桁数 約2 「約2」は数として読めません。"
        "「2」と入力し、「約」は備考に書いてください。"
    ) in page
    assert "シート「指標」のL5 担当課 水産科 担当課「水産科」はありません。" in page
    assert all("（新）" not in Indicator.objects.get(pk=one.pk).name for one in indicators)
    assert not Event.objects.filter(kind="import").exists()


def test_previews_and_faults_keep_to_the_content_security_policy(client, planning):
    rows = renamed(client, make_indicator(name="来訪者数"), "<b id=x>観光客数</b>")
    for reason, wrong in (("", False), ("<script>", True)):
        rows[1][rows[0].index("小数点以下の桁数")] = "<img src=x>" if wrong else "0"
        response = upload(client, Indicator, rows, name="<b>.csv", reason=reason)
        html = response.content.decode()
        assert not INLINE.search(html)
        assert "<img" not in html
        assert "<b id" not in html
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert ("ticket" in form_data(html)) is not wrong


def test_a_row_that_is_there_twice_is_refused_and_both_are_named(client, planning):
    make_indicator()
    header, row = exported_rows(client, Indicator)
    page = text_of(upload(client, Indicator, [header, row, ["", *row[1:]], row]))
    assert f"2行目 指標コード {row[0]} 4行目と同じものを指しています" in page
    assert f"4行目 指標コード {row[0]} 2行目と同じものを指しています" in page
    assert "3行目 指標コード （空欄） 空欄です" in page


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (["指標名"], "見出し「指標コード」の列がありません。"),
        (["指標コード", "指標めい"], "見出し「指標めい」の列はありません。"),
        (["指標コード", "指標名", "指標名"], "見出し「指標名」の列が二つあります。"),
        (["指標コード"], "取り込む行がありません。"),
    ],
)
def test_headers_that_are_not_ours_are_named(client, planning, headers, said):
    rows = [headers, ["x"] * len(headers)] if "取り込む" not in said else [headers]
    page = text_of(upload(client, Indicator, rows))
    assert said in page
    assert "何も取り込んでいません。" in page


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_csv_is_read_in_the_encodings_of_an_office(client, planning, encoding):
    indicator = make_indicator(name="来訪者数")
    content = csv_file(renamed(client, indicator, "①観光客数～"), encoding)
    confirm(client, Indicator, upload(client, Indicator, content))
    indicator.refresh_from_db()
    assert indicator.name == "①観光客数～"


@pytest.mark.parametrize("kind", ["csv", "cp932"])
def test_characters_that_are_pasted_unseen_are_cleaned_as_in_a_form(client, planning, kind):
    indicator = make_indicator(name="来訪者数")
    name = "観光\x0b客\x07数" + ("" if kind == "cp932" else "\x85\u200b\u202e")
    content = csv_file(renamed(client, indicator, name), "cp932" if kind == "cp932" else "utf-8")
    confirm(client, Indicator, upload(client, Indicator, content))
    indicator.refresh_from_db()
    assert indicator.name == "観光 客数"


def test_a_file_is_not_refused_for_many_such_characters(client, planning):
    indicators = [make_indicator(name=f"客数{number}") for number in range(15)]
    rows = [["指標コード", "指標名", "引継ぎメモ"]]
    rows += [[i.code, f"{i.name}\x0b（延べ）", "電話\x0bで\x07\x08確認"] for i in indicators]
    confirm(client, Indicator, upload(client, Indicator, csv_file(rows)))
    for indicator in indicators:
        name = indicator.name
        indicator.refresh_from_db()
        assert indicator.name == f"{name} （延べ）"
        assert indicator.handover_memo == "電話\nで確認"


def test_columns_that_a_file_lacks_stay_as_they_are(client, planning):
    indicator = make_indicator(contact="内線123")
    rows = [["指標コード", "照会先"], [indicator.code, ""]]
    confirm(client, Indicator, upload(client, Indicator, rows))
    indicator.refresh_from_db()
    assert (indicator.contact, indicator.unit) == ("", "人")


def test_a_foreign_file_is_refused_at_its_field(client, planning):
    response = upload(client, Indicator, b"%PDF-1.7\x00", name="計画.pdf")
    page = text_of(response)
    assert "ファイル「計画.pdf」は取り込めません。ExcelブックでもCSVでもありません。" in page
    assert "<title>エラー：" in response.content.decode()
    page = text_of(client.post(address(Indicator, "import"), {}))
    assert "取り込むファイルを選んでください。" in page


def test_one_person_has_no_more_than_two_previews_made_at_once(client, planning):
    file = renamed(client, make_indicator(), "観光客数")
    with ExitStack() as held:
        for _ in range(PREVIEWS_AT_ONCE):
            assert turns.hold(held, f"previews-{planning.pk}", PREVIEWS_AT_ONCE)
        refused = upload(client, Indicator, file, reason="名称の誤り")
        assert "前に選んだファイルを、まだ確かめています。" in text_of(refused)
        assert "名称の誤り" in refused.content.decode()
        assert not directory().exists()
        client.force_login(make_user(Role.PLANNING))
        assert "観光客数" in text_of(upload(client, Indicator, file))
    client.force_login(planning)
    assert "観光客数" in text_of(upload(client, Indicator, file))


def test_one_preview_too_many_within_a_minute_is_refused_at_its_field(
    client, planning, settings, tmp_path
):
    settings.DATA_DIR = tmp_path
    settings.PREVIEWS_A_MINUTE = 2
    file = renamed(client, make_indicator(), "観光客数")
    for _ in range(2):
        assert "観光客数" in text_of(upload(client, Indicator, file))
    refused = upload(client, Indicator, file, reason="名称の誤り")
    assert refused.status_code == 429
    assert 50 < int(refused["Retry-After"]) <= 60
    assert f"2回までです。{refused['Retry-After']}秒たってから、もう一度" in text_of(refused)
    assert "名称の誤り" in refused.content.decode()
    assert "<title>エラー：" in refused.content.decode()
    assert form_data(refused.content.decode()).keys().isdisjoint({"ticket"})
    client.force_login(make_user(Role.PLANNING))
    assert "観光客数" in text_of(upload(client, Indicator, file))
    settings.PREVIEWS_A_MINUTE = 0
    client.force_login(planning)
    assert "観光客数" in text_of(upload(client, Indicator, file))


# Between preview and confirmation


def directory() -> Path:
    return Path(storages["pending_imports"].location)


def waiting() -> list[Path]:
    return list(directory().iterdir())


def test_the_file_waits_in_private_and_goes_with_the_import(client, planning):
    preview = upload(client, Indicator, renamed(client, make_indicator(), "観光客数"))
    (path,) = waiting()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    confirm(client, Indicator, preview)
    assert waiting() == []


def test_a_wrong_file_does_not_wait_at_all(client, planning):
    upload(client, Indicator, renamed(client, make_indicator(), ""))
    assert not directory().exists()


def test_an_import_can_be_given_up(client, planning):
    indicator = make_indicator(name="来訪者数")
    preview = upload(client, Indicator, renamed(client, indicator, "観光客数"))
    data = {"ticket": form_data(preview.content.decode())["ticket"], "cancel": ""}
    response = client.post(address(Indicator, "process_import"), data, follow=True)
    assert "取込みをやめました。何も変更していません。" in text_of(response)
    assert waiting() == []
    assert Indicator.objects.get().name == "来訪者数"


def test_a_confirmed_import_cannot_be_confirmed_again(client, planning):
    preview = upload(client, Indicator, renamed(client, make_indicator(), "観光客数"))
    confirm(client, Indicator, preview)
    assert "このファイルは、すでに取り込みました。" in text_of(confirm(client, Indicator, preview))
    assert Indicator.history.count() == 2


def test_a_ticket_is_for_one_person_one_table_and_one_hour(client, planning, monkeypatch):
    preview = upload(client, Indicator, renamed(client, make_indicator(), "観光客数"))
    gone = "このファイルは残っていません"
    assert gone in text_of(
        client.post(
            address(KPI, "process_import"),
            {"ticket": form_data(preview.content.decode())["ticket"]},
            follow=True,
        )
    )
    client.force_login(make_user(Role.PLANNING))
    assert gone in text_of(confirm(client, Indicator, preview))
    client.force_login(planning)
    monkeypatch.setattr(pending, "MAX_AGE", -1)
    assert gone in text_of(confirm(client, Indicator, preview))
    for ticket in ("", "../../etc/passwd", "eyJrZXkiOiJ4In0:1tAbCd:x"):
        response = client.post(
            address(Indicator, "process_import"), {"ticket": ticket}, follow=True
        )
        assert gone in text_of(response)
    assert Indicator.history.count() == 1


@pytest.mark.both_databases
def test_of_two_tickets_that_nobody_was_shown_together_one_counts(client, planning):
    first, second = make_indicator(name="来訪者数"), make_indicator(name="出生数")
    tickets = [
        form_data(upload(client, Indicator, renamed(client, one, name)).content.decode())["ticket"]
        for one, name in ((first, "観光客数"), (second, "出生者数"))
    ]
    client.post(address(Indicator, "process_import"), {"ticket": tickets})
    assert set(Indicator.objects.values_list("name", flat=True)) == {"観光客数", "出生数"}


def test_a_file_that_was_replaced_after_the_preview_is_not_imported(client, planning):
    preview = upload(client, Indicator, renamed(client, make_indicator(), "観光客数"))
    waiting()[0].write_bytes(b"other")
    assert "このファイルは残っていません" in text_of(confirm(client, Indicator, preview))
    assert Indicator.history.count() == 1


def test_abandoned_files_go_with_the_next_upload(client, planning):
    rows = renamed(client, make_indicator(), "観光客数")
    upload(client, Indicator, rows)
    (abandoned,) = waiting()
    long_ago = time.time() - pending.MAX_AGE - 1
    os.utime(abandoned, (long_ago, long_ago))
    upload(client, Indicator, rows)
    assert abandoned not in waiting()
    assert len(waiting()) == 1


@pytest.mark.both_databases
def test_what_changed_since_the_preview_is_shown_again(client, planning):
    indicator = make_indicator(name="来訪者数")
    preview = upload(client, Indicator, renamed(client, indicator, "観光客数"))
    Indicator.objects.filter(pk=indicator.pk).update(name="観光入込客数")
    again = confirm(client, Indicator, preview)
    page = text_of(again)
    assert "登録されている内容が変わりました。何も取り込んでいません。" in page
    assert "観光入込客数" in page
    assert Indicator.objects.get().name == "観光入込客数"
    confirm(client, Indicator, again)
    assert Indicator.objects.get().name == "観光客数"


def test_what_became_wrong_since_the_preview_is_named(client, planning):
    indicator = make_indicator(section=make_section("水産課"))
    preview = upload(client, Indicator, renamed(client, indicator, "観光客数"))
    Section.objects.filter(name="水産課").update(name="水産港湾課")
    page = text_of(confirm(client, Indicator, preview))
    assert "担当課「水産課」はありません。" in page
    assert Indicator.history.count() == 1


# Exports and the log


def test_an_export_takes_what_the_list_shows(client, planning):
    make_indicator(name="来訪者数")
    make_indicator(name="出生数")
    page = client.get(address(Indicator, "export") + "?q=来訪")
    assert "一覧で絞り込んだ1件を出力します（登録されているのは2件）" in text_of(page)
    content = export(client, Indicator, query="?q=来訪").decode("utf-8-sig")
    assert "来訪者数" in content
    assert "出生数" not in content
    response = client.get(address(Indicator, "export") + "?nonsense__x=1")
    assert response.status_code == 302


def test_an_excel_export_describes_its_columns(client, planning):
    make_indicator()
    book = openpyxl.load_workbook(io.BytesIO(export(client, Indicator, "xlsx")))
    assert book.sheetnames == ["指標", "列の説明"]
    headers = [cell.value for cell in book["指標"][1]]
    notes = list(book["列の説明"].values)
    assert notes[0] == ("見出し", "項目名", "取込みでの扱い", "説明")
    assert [line[0] for line in notes[1:]] == headers
    assert all(line[1].isascii() for line in notes[1:])


def test_the_name_of_an_export_is_japanese(client, planning):
    response = client.post(address(Actual, "export"), {"kind": "xlsx"})
    disposition = response["Content-Disposition"]
    assert "filename*=UTF-8''%E5%AE%9F%E7%B8%BE%E5%80%A4_" in disposition
    assert 'filename="actual_20' in disposition


def test_exports_and_imports_are_logged(client, planning):
    indicator = make_indicator()
    rows = renamed(client, indicator, "観光客数")
    event = Event.objects.get(kind="export")
    assert (event.subject, event.by) == ("指標", planning)
    assert ".csv：1行" in event.detail
    assert "SHA-256：" in event.detail
    confirm(client, Indicator, upload(client, Indicator, rows, name="直し.csv", reason="統一"))
    event = Event.objects.get(kind="import")
    assert (event.subject, event.by, event.door) == ("指標", planning, "import")
    assert event.detail == ("直し.csv：新規0行、変更1行、変更なし0行。理由：統一")


def test_a_preview_lists_the_first_faults_and_counts_the_rest(client, planning):
    indicator = make_indicator()
    rows = renamed(client, indicator, "新しい名称")
    page = upload(client, Indicator, [*rows, *[rows[1]] * 2_999])
    html = page.content.decode()
    assert "はじめの200か所を示しています。ほかに2800か所あります。" in html
    assert "、ほか2,994行と同じものを指しています。" in html
    assert len(html) < 300_000
