"""The second factor: who is asked for a code, what a wrong one costs, set-up and reset."""

import re
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import idle
from accounts.models import User
from accounts.roles import Role
from accounts.second_factor import new_app, new_backup_codes
from tests.factories import make_strategy, make_user
from tests.html import form_data
from tests.pages import read_page, text_of
from tests.seen_answers import send
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PASSWORD = "kani-to-sanma"
KEY = "3132333435363738393031323334353637383930"
CODE, SET_UP, CODES = "/second-factor/", "/second-factor/app/", "/second-factor/codes/"
PAGE = "/strategies/plan/list/"
BACKUP_CODE = re.compile(r"<code>([a-z0-9]{4}-[a-z0-9]{4})</code>")


@pytest.fixture
def planning():
    make_strategy(code="plan")
    return make_user(Role.PLANNING, username="00123", full_name="見本 花子", password=PASSWORD)


@pytest.fixture
def app(planning):
    return TOTPDevice.objects.create(user=planning, key=KEY)


@pytest.fixture
def demanded(settings):
    settings.SECOND_FACTOR_ROLES = ["planning"]


def code(key=KEY, steps=0):
    return f"{totp(bytes.fromhex(key), t0=-30 * steps):06}"


def log_in(client, **sent):
    data = {"next": PAGE} | sent | {"username": "00123", "password": PASSWORD}
    return client.post("/login/", data)


def log_in_at(client, page):
    return log_in(client, **form_data(page.content.decode()))


def give(client, typed, **sent):
    return client.post(CODE, {"one_time_password": typed, "next": PAGE} | sent)


def set_up(client, sent, typed, password=PASSWORD):
    return client.post(SET_UP, sent | {"one_time_password": typed, "password": password})


def kinds():
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def test_without_an_app_and_without_the_setting_nobody_is_asked(client, planning):
    assert log_in(client).url == PAGE
    assert client.get(PAGE).status_code == 200


def test_after_the_password_comes_the_code_and_then_the_page_that_was_wanted(client, app):
    response = log_in(client)
    assert response.url == f"{CODE}?next={PAGE}"
    page = client.get(response.url)
    assert read_page(page).h1 == ["認証コードの入力"]
    assert form_data(page.content.decode())["next"] == PAGE
    assert give(client, code()).url == PAGE
    assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize("path", ["/", "/admin/", PAGE, "/password/", "/account/", SET_UP])
def test_before_the_code_nothing_else_opens(client, app, path):
    log_in(client)
    assert client.get(path).url.startswith(f"{CODE}?next=")
    assert client.post(path).url.startswith(CODE)
    assert client.post("/logout/").url == "/login/"


def test_a_page_that_was_kept_for_the_person_does_not_open_before_the_code(client, app):
    log_in(client)
    give(client, code())
    kept = send(client, "/entry/new/", {"year": "大昔"})["Location"]
    assert "大昔" in client.get(kept).content.decode()
    other = Client()
    log_in(other)
    assert other.get(kept).url.startswith(f"{CODE}?next=/entry/new/")


def test_a_code_is_taken_in_full_width_and_only_once(client, app):
    typed = code()
    log_in(client)
    wide = typed.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert give(client, f"{wide[:3]}　{wide[3:]}").url == PAGE
    other = Client()
    log_in(other)
    assert "認証コードが違います" in text_of(give(other, typed))


def test_wrong_codes_are_slowed_down_and_logged(client, app):
    log_in(client)
    response = give(client, "000000")
    assert read_page(response).html.count("認証コードが違います") == 2
    assert "<title>エラー：" in response.content.decode()
    assert "000000" not in read_page(response).main
    assert re.search(r"あと|1秒待って|2秒待って", text_of(give(client, code())))
    app.refresh_from_db()
    assert app.throttling_failure_count == 1, "a code that is not checked does not count"
    app.throttling_failure_timestamp = timezone.now() - timedelta(seconds=2)
    app.throttling_failure_count = 4
    app.save()
    assert re.search("[678]秒待って", text_of(give(client, code())))
    app.throttling_failure_timestamp = timezone.now() - timedelta(seconds=9)
    app.save()
    assert give(client, code()).url == PAGE
    failures = Event.objects.filter(kind="failure").order_by("pk")
    assert [one.detail for one in failures][:2] == [
        "認証コードの誤り", "間違いが続いたため、コードを調べていません。",
    ]  # fmt: skip
    assert {one.subject for one in failures} == {"見本 花子（00123）"}


def test_a_backup_code_works_once_and_counts_down(client, app, planning):
    first, second, *_ = new_backup_codes(planning)
    log_in(client)
    assert give(client, first.upper().replace("-", " ")).url == PAGE
    assert "予備のコードは、残り9件です。" in text_of(client.get("/account/"))
    other = Client()
    log_in(other)
    assert "認証コードが違います" in text_of(give(other, first))
    StaticDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(hours=1))
    assert give(other, second).url == PAGE
    assert "予備のコードでログイン（残り8件）" in str(list(Event.objects.values()))


def test_the_code_never_redirects_to_another_site(client, app):
    log_in(client)
    assert give(client, code(), next="https://example.org/").url == "/"


class TestWhoHasToSetItUp:
    def test_a_role_of_the_setting_sets_it_up_before_all_else(self, client, planning, demanded):
        log_in(client)
        assert client.get(PAGE).url == f"{SET_UP}?next={PAGE}"
        assert client.get("/account/").url.startswith(SET_UP)
        page = client.get(f"{SET_UP}?next={PAGE}")
        assert "認証アプリを登録してください" in text_of(page)
        sent = form_data(page.content.decode())
        key = new_app(planning, sent["key"]).key
        response = set_up(client, sent, code(key))
        assert len(BACKUP_CODE.findall(response.content.decode())) == 10
        assert PAGE in read_page(response).links
        assert client.get(PAGE).status_code == 200
        assert kinds()[-2:] == ["factor", "factor"]

    def test_other_roles_do_not(self, client, demanded, planning):
        client.force_login(make_user(Role.AUDITOR))
        assert client.get(PAGE).status_code == 200

    def test_a_session_from_before_the_setting_is_asked_too(self, client, planning, settings):
        log_in(client)
        assert client.get(PAGE).status_code == 200
        settings.SECOND_FACTOR_ROLES = ["planning"]
        assert client.get(PAGE).url == f"{SET_UP}?next={PAGE}"

    def test_a_first_password_is_changed_before_the_set_up(self, client, planning, demanded):
        User.objects.update(must_change_password=True)
        log_in(client)
        assert client.get(PAGE).url == "/password/"
        new = {"new_password1": "uni-to-hanasaki", "new_password2": "uni-to-hanasaki"}
        assert client.post("/password/", {"old_password": PASSWORD} | new).status_code == 302
        assert client.get(PAGE).url.startswith(SET_UP)

    def test_a_first_password_does_not_bypass_an_app(self, client, app):
        User.objects.update(must_change_password=True)
        log_in(client)
        assert client.get("/password/").url.startswith(CODE)


class TestSettingUp:
    @pytest.fixture
    def sent(self, client, planning):
        client.force_login(planning)
        return form_data(client.get(SET_UP).content.decode())

    def test_the_key_is_shown_as_a_picture_and_as_text(self, client, sent, planning):
        app = new_app(planning, sent["key"])
        html = client.get(SET_UP).content.decode()
        assert "<svg" in html
        assert "style=" not in html
        assert re.search(r"<strong>([A-Z2-7]{4} ){7}[A-Z2-7]{4}</strong>", html)
        assert new_app(planning, sent["key"]).text == app.text

    @pytest.mark.parametrize("typed", ["", "000000", "12345", "abcdef"])
    def test_a_wrong_code_keeps_the_key_and_registers_nothing(self, client, sent, typed, planning):
        response = set_up(client, sent, typed)
        again = form_data(response.content.decode())
        key = new_app(planning, sent["key"]).key
        assert new_app(planning, again["key"]).key == key
        assert "登録できませんでした" in text_of(response)
        assert not TOTPDevice.objects.exists()

    def test_nobody_registers_a_key_that_was_made_for_somebody_else(self, sent, planning):
        other = Client()
        other.force_login(make_user(Role.CLERK, password=PASSWORD))
        key = new_app(planning, sent["key"]).key
        assert "認証コードが違います" in text_of(set_up(other, sent, code(key)))
        assert not TOTPDevice.objects.exists()

    def test_the_code_of_the_set_up_opens_no_other_session(self, client, sent, planning):
        typed = code(new_app(planning, sent["key"]).key)
        set_up(client, sent, typed)
        other = Client()
        log_in(other)
        assert "認証コードが違います" in text_of(give(other, typed))

    def test_neither_key_nor_codes_are_kept_in_a_page_a_log_or_a_session(
        self, client, sent, planning, private_files
    ):
        app = new_app(planning, sent["key"])
        set_up(client, sent, "000000")
        response = set_up(client, sent, code(app.key))
        assert response["Cache-Control"] == "private, no-store"
        codes = BACKUP_CODE.findall(response.content.decode())
        tokens = list(StaticToken.objects.values_list("token", flat=True))
        kept = [*Event.objects.values(), *tokens, client.session.items()]
        for secret in (app.key, app.text, sent["key"], *codes):
            assert secret not in str(kept)
            assert secret.replace("-", "") not in str(kept)
        assert [path for path in private_files.rglob("*") if path.is_file()] == []

    def test_the_form_sent_twice_registers_once(self, client, sent, planning):
        typed = sent | {"one_time_password": code(new_app(planning, sent["key"]).key)}
        typed |= {"password": PASSWORD}
        client.post(SET_UP, typed)
        tokens = set(StaticToken.objects.values_list("token", flat=True))
        assert client.post(SET_UP, typed).url == "/account/"
        assert set(StaticToken.objects.values_list("token", flat=True)) == tokens

    def test_new_backup_codes_replace_the_old_ones(self, client, sent, planning):
        set_up(client, sent, code(new_app(planning, sent["key"]).key))
        before = set(StaticToken.objects.values_list("token", flat=True))
        page = client.get(f"{CODES}?next={PAGE}")
        assert read_page(page).h1 == ["予備のコードを作り直す"]
        again = form_data(page.content.decode())
        response = client.post(CODES, again | {"password": PASSWORD})
        assert PAGE in read_page(response).links
        assert len(BACKUP_CODE.findall(response.content.decode())) == 10
        after = set(StaticToken.objects.values_list("token", flat=True))
        assert (len(after), before & after) == (10, set())

    def test_without_an_app_there_are_no_backup_codes(self, client, sent):
        assert client.get(CODES).url == SET_UP
        assert client.post(CODES, {"password": PASSWORD}).url == SET_UP

    @pytest.mark.parametrize("typed", ["", "machigai-no-kotoba"])
    def test_nothing_changes_without_the_password(self, client, sent, app, planning, typed):
        """Whoever finds an open session must not get a second factor of their own."""
        new_backup_codes(planning)
        before = [*TOTPDevice.objects.values_list("key"), *StaticToken.objects.values_list("token")]
        key = new_app(planning, sent["key"]).key
        told = "今のパスワードが違います。" if typed else "今のパスワードを入力してください。"
        assert told in text_of(set_up(client, sent, code(key), password=typed))
        response = client.post(CODES, {"password": typed, "next": "/account/"})
        assert told in text_of(response)
        assert form_data(response.content.decode())["next"] == "/account/"
        after = [*TOTPDevice.objects.values_list("key"), *StaticToken.objects.values_list("token")]
        assert after == before

    def test_the_sessions_in_other_browsers_end(self, client, sent, planning):
        """They began without a code, and would go on without one."""
        other, of_another = Client(), Client()
        other.force_login(planning)
        of_another.force_login(make_user(Role.PLANNING))
        assert "ほかのパソコンやブラウザーでのログインは終了します。" in text_of(client.get(SET_UP))
        response = set_up(client, sent, code(new_app(planning, sent["key"]).key))
        assert "ほかのパソコンやブラウザーでのログインは終了しました。" in text_of(response)
        assert client.get(PAGE).status_code == 200
        assert other.get(PAGE).url.startswith("/login/")
        assert of_another.get(PAGE).status_code == 200
        [event] = Event.objects.filter(kind="logout")
        assert event.detail.startswith("認証アプリの登録のため：")

    def test_so_they_do_when_the_app_is_replaced(self, client, planning, app):
        browsers = [client, Client()]
        for at, browser in enumerate(browsers):
            log_in(browser)
            assert give(browser, code(steps=at - 1)).url == PAGE
        sent = form_data(client.get(SET_UP).content.decode())
        set_up(client, sent, code(new_app(planning, sent["key"]).key))
        assert [browser.get(PAGE).status_code for browser in browsers] == [200, 302]


class TestLateForms:
    """What was typed is there after password and code."""

    REASON = "途中まで書いた理由"

    @pytest.fixture
    def token(self, client, app):
        log_in(client)
        give(client, code(steps=-1))
        page = form_data(client.get("/entry/new/").content.decode())
        return page["csrfmiddlewaretoken"]

    def assert_is_offered(self, client, page):
        sent = form_data(page.content.decode())
        assert "sent" in sent
        offered = client.post(CODE, sent | {"one_time_password": code()})
        assert "もう一度送信してください" in text_of(offered)
        assert self.REASON in text_of(offered)

    def test_after_idleness(self, client, token, monkeypatch):
        later = time.time() + 31 * 60
        monkeypatch.setattr(idle, "now", lambda: int(later))
        data = {"year": self.REASON, "csrfmiddlewaretoken": token}
        page = client.post("/entry/new/", data)
        page = log_in_at(client, page)
        assert read_page(page).h1 == ["認証コードの入力"]
        wrong = client.post(CODE, form_data(page.content.decode()) | {"one_time_password": "1"})
        assert "この画面に残っています" in text_of(wrong)
        self.assert_is_offered(client, wrong)

    def test_from_an_older_page_in_a_session_that_still_waits_for_the_code(self, client, token):
        client.post("/logout/")
        log_in(client)
        page = client.post("/entry/new/", {"year": self.REASON, "csrfmiddlewaretoken": token})
        assert read_page(page).h1 == ["認証コードの入力"]
        self.assert_is_offered(client, page)

    def test_when_the_session_ends_at_the_page_for_the_code(self, client, token):
        client.post("/logout/")
        data = {"year": self.REASON, "csrfmiddlewaretoken": token}
        page = client.post("/entry/new/", data)
        page = log_in_at(client, page)
        client.post("/logout/")
        sent = form_data(page.content.decode()) | {"one_time_password": "123456"}
        page = client.post(CODE, sent)
        assert read_page(page).h1 == ["ログイン"]
        page = log_in_at(client, page)
        self.assert_is_offered(client, page)


class TestResetting:
    def test_planning_resets_it_for_somebody_who_then_logs_in_without(self, client, app, planning):
        new_backup_codes(planning)
        browser = Client()
        log_in(browser)
        give(browser, code())
        other = make_user(Role.PLANNING)
        client.force_login(other)
        page = client.get(reverse("admin:accounts_user_change", args=[planning.pk]))
        assert "登録しています（予備のコードは残り10件）" in page.content.decode()
        data = {"action": "reset_second_factor", "_selected_action": [planning.pk, other.pk]}
        text = client.post("/admin/accounts/user/", data, follow=True).content.decode()
        assert "見本 花子さんの二段階認証の登録を取り消しました。" in text
        assert "自分の登録を取り消すことはできません。" in text
        assert not TOTPDevice.objects.exists()
        assert not StaticToken.objects.exists()
        assert browser.get(PAGE).url.startswith("/login/")
        assert log_in(browser).url == PAGE
        event = Event.objects.filter(kind="factor").order_by("pk").last()
        assert (event.detail, event.by) == ("登録の取消し", other)

    def test_the_command_helps_where_nobody_of_planning_can_log_in(self, app):
        out = StringIO()
        call_command("reset_second_factor", "00123", stdout=out)
        assert "取り消しました" in out.getvalue()
        assert not TOTPDevice.objects.exists()
        for number, said in (("00123", "登録していません"), ("99", "先頭の0")):
            with pytest.raises(CommandError, match=said):
                call_command("reset_second_factor", number)


def test_no_list_of_the_admin_shows_the_keys(client, app):
    client.force_login(make_user(Role.PLANNING))
    assert "TOTP" not in client.get("/admin/").content.decode()
    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404


def test_no_page_after_the_code_asks_for_the_app(client, app, demanded):
    log_in(client)
    give(client, code())
    with CaptureQueriesContext(connection) as asked:
        assert client.get(PAGE).status_code == 200
    assert "otp_" not in str(asked.captured_queries)
