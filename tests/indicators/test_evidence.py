"""根拠資料: stored unchanged, downloaded under its own name with the right, soft-deleted."""

import stat
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from changes.history_rows import Conditions, HistoryKind
from changes.past_changes import every_change
from demo.evidence import INVENTED_FILES
from indicators.evidence import files as evidence_files
from indicators.evidence.files import EvidenceError
from indicators.models import Evidence
from indicators.recording import move
from nemuro_strategy.checks import check_evidence_kinds
from tests.factories import (
    PDF,
    make_actual,
    make_evidence,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_section,
    make_user,
)
from tests.pages import read_page, text_of
from trail.downloads import disposition
from trail.events import Event
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def indicator(section):
    make_fiscal_year(2017)
    return make_kpi(indicator=make_indicator(section, code="catch", name="漁獲量")).indicator


@pytest.fixture
def clerk(section):
    return make_user(Role.CLERK, section, full_name="見本 海")


def place_of(evidence):
    return Path(storages["evidence"].path(evidence.stored_as))


def kept():
    storage = storages["evidence"]
    return storage.listdir("")[1] if storage.exists("") else []


URL = "/entry/2017/catch/evidence/"


def pdf(name="調査票.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def send(client, *files):
    return client.post(URL, {"files": files})


def problems(*files, indicator, by):
    with pytest.raises(EvidenceError) as error:
        evidence_files.add(files, indicator, 2017, by=by)
    return error.value.messages


class TestKeeping:
    def test_a_file_is_stored_under_a_random_name_and_only_its_owner_can_read_it(
        self, indicator, clerk
    ):
        evidence = make_evidence(indicator, by=clerk)
        place = place_of(evidence)
        assert "調査票" not in str(place)
        assert place.read_bytes() == PDF
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        assert (evidence.size, evidence.added_by) == (len(PDF), clerk)

    def test_all_files_are_kept_or_none(self, indicator, clerk):
        messages = problems(
            pdf("良い.pdf"), pdf("悪い.pdf", b"MZ not a pdf"), indicator=indicator, by=clerk
        )
        assert messages == [
            "ファイル「悪い.pdf」は添付できません。拡張子と中身が違います。"
            "元のファイルを開き、正しい形式で保存し直してください。"
        ]
        assert not Evidence.objects.exists()
        assert kept() == []

    @pytest.mark.django_db(transaction=True)
    def test_files_stay_where_nobody_knows_whether_the_rows_were_committed(
        self, indicator, clerk, monkeypatch
    ):
        def commit_and_hear_nothing() -> None:
            committed()
            raise OperationalError("server closed the connection unexpectedly")

        committed = connection._commit
        monkeypatch.setattr(connection, "_commit", commit_and_hear_nothing)
        with pytest.raises(OperationalError):
            make_evidence(indicator, by=clerk)
        monkeypatch.undo()
        assert evidence_files.file_content(Evidence.objects.get()) == PDF

    def test_nothing_stays_on_the_disk_where_the_rows_fail(self, indicator, clerk, monkeypatch):
        def fail(*args, **kwargs):
            raise RuntimeError

        monkeypatch.setattr(Evidence.objects, "create", fail)
        with pytest.raises(RuntimeError):
            evidence_files.add([pdf()], indicator, 2017, by=clerk)
        assert kept() == []

    def test_all_errors_are_reported_at_once(self, indicator, clerk, settings):
        settings.EVIDENCE_MAX_BYTES = 100
        messages = problems(
            pdf("空.pdf", b""),
            pdf("大.pdf", b"%PDF-" + b"x" * 100),
            pdf("集計.exe"),
            pdf("a" * 200 + ".pdf"),
            SimpleUploadedFile("x.pdf", PDF),
            indicator=indicator,
            by=clerk,
        )
        assert ["中身が空です" in messages[0], "上限の9.54e-05MB" in messages[1]] == [True, True]
        assert "添付できる形式はpdf、xlsx" in messages[2]
        assert "名前が長すぎます" in messages[3]
        assert len(messages) == 4

    def test_a_name_with_signs_that_hide_something_is_refused(self, indicator, clerk):
        file = pdf()
        file._name = "調査\u202efdp.exe.pdf"
        [message] = problems(file, indicator=indicator, by=clerk)
        assert "名前に使えない文字があります" in message
        assert "\u202e" not in message

    def test_the_same_content_is_not_kept_twice(self, indicator, clerk):
        evidence = make_evidence(indicator, by=clerk)
        assert problems(pdf("写し.pdf"), indicator=indicator, by=clerk) == [
            "ファイル「写し.pdf」は、添付済みの「調査票.pdf」と同じ内容です。"
        ]
        evidence_files.remove(evidence, by=clerk, reason="古い版のため")
        assert problems(pdf("甲.pdf"), pdf("乙.pdf"), indicator=indicator, by=clerk) == [
            "ファイル「乙.pdf」は、一緒に選んだ「甲.pdf」と同じ内容です。どちらか一つを選んでください。"
        ]
        make_evidence(indicator, by=clerk)

    def test_settings_say_which_kinds_and_how_large(self, indicator, clerk, settings):
        settings.EVIDENCE_KINDS = ["csv", "unknown"]
        assert "添付できる形式はcsvです" in problems(pdf(), indicator=indicator, by=clerk)[0]
        assert evidence_files.allowed_in_words().startswith("添付できる形式はcsv、大きさは1件10MB")

    def test_none_and_too_many_are_refused(self, indicator, clerk):
        assert "ファイルが選ばれていません" in problems(indicator=indicator, by=clerk)[0]
        many = [pdf(f"{n}.pdf", PDF + b"%d" % n) for n in range(11)]
        assert "10件までです" in problems(*many, indicator=indicator, by=clerk)[0]


class TestPage:
    def test_a_clerk_adds_files_and_sees_them(self, client, indicator, clerk):
        client.force_login(clerk)
        assert "根拠資料は、まだ添付されていません。" in text_of(client.get(URL))
        response = send(client, pdf(), pdf("写真.png", b"\x89PNG\r\n\x1a\n1"))
        assert response.url == URL
        text = text_of(client.get(URL))
        assert "根拠資料を2件添付しました。" in text
        assert "調査票.pdf" in text
        assert "見本 海" in text
        assert Event.objects.filter(kind="import").count() == 2

    def test_a_wide_space_stays_in_the_name(self, client, indicator, clerk):
        client.force_login(clerk)
        send(client, pdf("水産課\u3000調査票\u3000令和元年.pdf"))
        [file] = Evidence.objects.all()
        assert file.name == "水産課\u3000調査票\u3000令和元年.pdf"
        assert "水産課\u3000調査票\u3000令和元年.pdf" in client.get(URL).content.decode()
        sent = client.get(f"{URL}{file.pk}/")["Content-Disposition"]
        assert quote("水産課\u3000調査票\u3000令和元年.pdf") in sent

    def test_files_with_the_same_name_are_distinguished(self, client, indicator, clerk):
        client.force_login(clerk)
        for number in range(3):
            send(client, pdf("調査票.PDF" if number == 2 else "調査票.pdf", PDF + b"%d" % number))
        first, second, third = Evidence.objects.order_by("pk")
        evidence_files.remove(second, by=clerk, reason="誤り")
        page = read_page(client.get(URL)).main
        assert "調査票（3）.PDF" in page
        assert "調査票（2）.pdf" not in page
        sent = [client.get(f"{URL}{file.pk}/")["Content-Disposition"] for file in (first, third)]
        assert quote("調査票.pdf") in sent[0]
        assert quote("調査票（3）.PDF") in sent[1]
        assert "調査票（3）.PDF" in text_of(client.get("/entry/2017/report/"))

    def test_a_fault_is_named_in_a_summary_that_leads_to_the_field(self, client, indicator, clerk):
        client.force_login(clerk)
        response = send(client, pdf("集計.exe"))
        page = read_page(response)
        assert page.title.startswith("エラー：根拠資料")
        assert 'href="#files"' in page.html
        assert "選んだファイルは、一つも添付していません。" in page.main

    def test_far_too_many_files_are_counted_and_not_called_unreadable(
        self, client, indicator, clerk
    ):
        client.force_login(clerk)
        page = text_of(send(client, *(pdf(f"{number}.pdf") for number in range(150))))
        assert "一度に添付できるのは10件までです。分けて添付してください。" in page

    def test_last_years_files_are_one_click_away(self, client, indicator, clerk):
        make_fiscal_year(2016)
        last = make_evidence(indicator, 2016, "昨年の調査票.pdf")
        client.force_login(clerk)
        address = reverse("entry_evidence_file", args=[2016, "catch", last.pk])
        assert address in read_page(client.get(URL)).links
        assert client.get(address).content == PDF

    def test_a_download_has_its_own_name_and_is_never_shown_in_the_browser(
        self, client, indicator, clerk
    ):
        evidence = make_evidence(indicator, name="調査票 2 版.pdf", by=clerk)
        client.force_login(make_user(Role.AUDITOR))
        response = client.get(f"{URL}{evidence.pk}/")
        assert response.content == PDF
        assert response.headers["Content-Disposition"] == disposition(
            evidence.name, f"evidence_{evidence.pk}.pdf"
        )
        assert response.headers["Cache-Control"] == "private, no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Type"] == "application/pdf"
        event = Event.objects.filter(kind="export").get()
        assert event.subject == evidence.name
        assert event.detail == (
            f"根拠資料、{indicator.name}、平成29年度（2017）、"
            f"{len(PDF)}バイト、SHA-256：{evidence.sha256}"
        )

    @pytest.mark.parametrize("harm", ["changed", "gone"])
    def test_a_damaged_file_is_withheld_and_logged(self, client, indicator, clerk, harm):
        evidence = make_evidence(indicator, by=clerk)
        if harm == "changed":
            place_of(evidence).write_bytes(PDF.replace(b"a", b"b"))
        else:
            place_of(evidence).unlink()
        client.force_login(clerk)
        response = client.get(f"{URL}{evidence.pk}/")
        assert response.status_code == 409
        assert "内容を保証できないため、お渡ししません。" in text_of(response)
        assert "渡していません" in Event.objects.filter(kind="export").get().detail

    def test_taking_back_needs_a_reason_and_leaves_a_mark(self, client, indicator, clerk):
        evidence = make_evidence(indicator, by=clerk)
        client.force_login(clerk)
        url = f"{URL}{evidence.pk}/remove/"
        assert "取り下げる理由を入力してください。" in text_of(client.post(url, {"reason": " "}))
        too_long = client.post(url, {"reason": "古" * 501}).content.decode()
        assert "取り下げる理由は、500字以内で入力してください（501字です）。" in too_long
        assert f'value="{"古" * 501}"' in too_long
        assert client.post(url, {"reason": "古い版のため"}).url == URL
        evidence.refresh_from_db()
        assert evidence.removed_by == clerk
        assert place_of(evidence).exists()
        assert "調査票.pdf" not in text_of(client.get(URL)).replace(
            "根拠資料「調査票.pdf」を取り下げました。", ""
        )
        assert client.get(f"{URL}{evidence.pk}/").status_code == 404
        client.force_login(make_user(Role.AUDITOR))
        assert "取下げ" in text_of(client.get(URL))
        assert client.get(f"{URL}{evidence.pk}/").content == PDF

    def test_what_was_taken_back_already_is_not_taken_back_again(self, client, indicator, clerk):
        evidence = make_evidence(indicator, by=clerk)
        evidence_files.remove(evidence, by=clerk, reason="古い版のため")
        for person in (clerk, make_user(Role.PLANNING)):
            client.force_login(person)
            url = f"{URL}{evidence.pk}/remove/"
            assert client.get(url).status_code == 404
            assert client.post(url, {"reason": "別の理由"}).status_code == 404
        evidence.refresh_from_db()
        assert evidence.removed_by == clerk

    def test_adding_and_undoing_are_in_the_history_of_auditors(self, indicator, clerk):
        evidence = make_evidence(indicator, by=clerk)
        evidence_files.remove(evidence, by=clerk, reason="古い版のため")
        removed, added = every_change(Conditions(kind=HistoryKind.EVIDENCE))
        assert (added.subject, added.by.name, added.fiscal_year) == (
            "調査票.pdf", "見本 海", 2017,
        )  # fmt: skip
        assert (removed.reason, removed.section) == ("古い版のため", "水産課")
        assert [field.name for field in removed.fields] == ["取り下げた日時"]
        of_indicator = every_change(Conditions(indicators=frozenset({indicator.pk})))
        assert next(iter(of_indicator)) == removed

    def test_an_unknown_indicator_or_year_is_answered_with_links(self, client, indicator, clerk):
        client.force_login(clerk)
        for url in (
            "/entry/2017/nowhere/evidence/",
            "/entry/2030/catch/evidence/",
            f"/entry/{10**30}/catch/evidence/1/",
            f"{URL}{10**30}/",
        ):
            response = client.get(url)
            assert response.status_code == 404
            assert "/entry/" in read_page(response).links


class TestAccess:
    @pytest.mark.parametrize(
        ("role", "own", "status"),
        [
            (Role.CLERK, True, 200), (Role.HEAD, True, 200), (Role.PLANNING, False, 200),
            (Role.AUDITOR, False, 200), (Role.CLERK, False, 403), (Role.HEAD, False, 403),
            (Role.READER, True, 403),
        ],
    )  # fmt: skip
    def test_access_to_files_by_role(self, client, indicator, section, role, own, status):
        evidence = make_evidence(indicator)
        client.force_login(make_user(role, section if own else make_section()))
        assert client.get(URL).status_code == status
        assert client.get(f"{URL}{evidence.pk}/").status_code == status

    def test_the_section_that_answers_for_the_indicator_sees_it_but_adds_nothing(self, client):
        make_fiscal_year(2017)
        answering, entering = make_section(), make_section()
        make_kpi(indicator=make_indicator(answering, code="catch", entered_by=entering))
        client.force_login(make_user(Role.CLERK, answering))
        assert "添付する" not in text_of(client.get(URL))
        assert send(client, pdf()).status_code == 403

    def test_a_stranger_logs_in_first(self, client, indicator):
        assert client.get(URL).url.startswith("/login/?next=/entry/2017/catch/evidence/")

    def test_in_a_year_that_is_not_open_planning_alone_adds(self, client, indicator, clerk):
        make_fiscal_year(2017, is_open=False)
        client.force_login(clerk)
        assert "添付する" not in text_of(client.get(URL))
        assert send(client, pdf()).status_code == 403
        client.force_login(make_user(Role.PLANNING))
        assert send(client, pdf()).status_code == 302

    def test_of_a_confirmed_value_planning_alone_takes_files_back(self, client, indicator, clerk):
        evidence = make_evidence(indicator, by=clerk)
        actual = make_actual(indicator)
        move({actual.pk: 1}, "confirmed", Change(by=make_user(Role.PLANNING), door="grid"))
        client.force_login(clerk)
        url = f"{URL}{evidence.pk}/remove/"
        assert client.post(url, {"reason": "古い"}).status_code == 403
        client.force_login(make_user(Role.PLANNING))
        assert client.post(url, {"reason": "古い"}).status_code == 302


def test_the_queries_of_the_list_do_not_grow_with_the_files(
    client, indicator, clerk, django_assert_max_num_queries
):
    client.force_login(clerk)
    for number in range(12):
        make_evidence(indicator, content=PDF + b"%d" % number, by=make_user(Role.PLANNING))
    with django_assert_max_num_queries(16):
        client.get(URL)


class TestCheckEvidence:
    def test_files_as_they_were_added_are_fine(self, indicator, capsys):
        make_evidence(indicator)
        call_command("check_evidence")
        assert "1件のファイルは、添付したときの内容のままです。" in capsys.readouterr().out

    def test_what_is_damaged_and_what_nobody_knows_is_named(self, indicator, capsys):
        place_of(make_evidence(indicator)).write_bytes(b"%PDF-2.0")
        place_of(make_evidence(indicator, name="別.pdf", content=PDF + b"2")).unlink()
        storages["evidence"].save("stray", ContentFile(b"x"))
        with pytest.raises(CommandError, match="2件のファイルが、添付したときの内容と違います"):
            call_command("check_evidence")
        told = capsys.readouterr().out
        assert "漁獲量「調査票.pdf」" in told
        assert "SHA-256が、添付したときと違います" in told
        assert "保存先を読めません" in told
        assert "記録のないファイルがあります" in told


class TestOnOtherPages:
    def test_the_pages_of_listing_and_value_lead_to_the_files(self, client, indicator, clerk):
        make_evidence(indicator, by=clerk)
        kpi = indicator.kpis.get()
        code = kpi.measure.group.goal.strategy.code
        client.force_login(clerk)
        for path in ("?year=2017", "values/2017/"):
            page = read_page(client.get(f"/strategies/{code}/kpis/1-ア-1-1/{path}"))
            assert "根拠資料：1件" in page.main
            assert URL in page.links
        assert "根拠資料" not in text_of(client.get(f"/strategies/{code}/kpis/1-ア-1-1/?year=2019"))

    def test_users_who_may_not_see_the_files_do_not_learn_of_them(self, client, indicator, clerk):
        make_evidence(indicator, by=clerk)
        code = indicator.kpis.get().measure.group.goal.strategy.code
        client.force_login(make_user(Role.READER))
        for path in ("?year=2017", "values/2017/"):
            text = text_of(client.get(f"/strategies/{code}/kpis/1-ア-1-1/{path}"))
            assert "根拠資料" not in text


def test_the_trial_has_files_that_say_that_they_are_invented(transactional_db, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    call_command("demo", verbosity=0)
    files = list(Evidence.objects.all())
    assert len(files) == len(INVENTED_FILES)
    for evidence in files:
        text = evidence_files.file_content(evidence).decode("utf-8-sig")
        assert text.startswith("試用のための架空の資料です。")
        assert evidence.added_by is not None
        assert evidence.added_at < timezone.now() - timedelta(days=365)


def test_settings_with_a_kind_that_nothing_can_check_are_a_fault(settings):
    settings.EVIDENCE_KINDS = ["pdf", "zip"]
    [fault] = check_evidence_kinds()
    assert "「zip」は、中身を確かめられない形式です。" in fault.msg
