"""Log-in with the password of the city's directory, against Debian's slapd."""

from io import StringIO
from types import SimpleNamespace

import pytest
from axes.models import AccessAttempt
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from ldap3.core.exceptions import LDAPInvalidCredentialsResult, LDAPSocketReceiveError

from accounts import directory_connection
from accounts.models import User
from accounts.roles import Role
from accounts.second_factor import new_app
from nemuro_strategy.checks import check_directory
from tests.accounts.slapd import (
    BASE,
    PASSWORD,
    READER,
    READER_PASSWORD,
    free_port,
    make_certificates,
    running_directory,
)
from tests.factories import make_section, make_user
from tests.html import form_data
from tests.pages import read_page, text_of
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

GROUPS = """\
グループ,役割,担当課
kikaku,企画担当,
suisan-tanto,担当者,水産課
suisan-tanto,,ない課
"cn=suisan-kacho,ou=groups,dc=city,dc=test",課長,水産課
"""
AWAY = "庁内のディレクトリが応答しないため、今はログインできません。"


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    with running_directory(tmp_path_factory.mktemp("slapd")) as directory:
        yield directory


@pytest.fixture(autouse=True)
def city(slapd, settings):
    settings.LDAP_SERVERS = [slapd.ldaps]
    settings.LDAP_CA_FILE = slapd.authority
    settings.LDAP_BIND_DN, settings.LDAP_BIND_PASSWORD = READER, READER_PASSWORD
    settings.LDAP_USER_BASE = f"ou=people,{BASE}"
    settings.LDAP_NUMBER_ATTRIBUTE, settings.LDAP_NAME_ATTRIBUTE = "uid", "cn"
    settings.LDAP_GROUP_BASE = f"ou=groups,{BASE}"
    return settings


@pytest.fixture
def groups(city, tmp_path):
    city.LDAP_GROUPS_FILE = str(tmp_path / "groups.csv")
    (tmp_path / "groups.csv").write_bytes(GROUPS.encode("cp932"))  # as Excel writes it
    city.LDAP_NEW_USERS = True
    return tmp_path / "groups.csv"


@pytest.fixture
def hanako():
    """A person of the directory who is registered here, without a password."""
    return make_user(Role.CLERK, username="00123", full_name="旧姓 花子", password=None)


def log_in(number, password=PASSWORD, client=None):
    client = client or Client()
    return client.post("/login/", {"username": number, "password": password})


def is_let_in(response):
    return response.status_code == 302 and response.url == "/"


@pytest.mark.parametrize("kind", ["ldaps", "ldap"])
def test_a_registered_person_logs_in_and_gets_the_name_of_the_directory(city, slapd, hanako, kind):
    city.LDAP_SERVERS = [getattr(slapd, kind)]
    assert is_let_in(log_in("00123"))
    hanako.refresh_from_db()
    assert (hanako.full_name, hanako.email) == ("見本 花子", "hanako@city.test")
    assert [group.name for group in hanako.groups.all()] == [Role.CLERK]
    assert "氏名：旧姓 花子 → 見本 花子" in Event.objects.get(kind="account").detail
    assert Event.objects.filter(kind="login", by=hanako).count() == 1


def test_the_log_in_page_says_which_password_is_meant(city):
    said = "庁内のパソコンにログインするときの職員番号とパスワード"
    make_user(Role.PLANNING)
    assert said in text_of(Client().get("/login/"))
    city.LDAP_SERVERS = []
    assert said not in text_of(Client().get("/login/"))


def test_without_the_setting_nobody_is_asked_for_in_the_directory(city, hanako):
    city.LDAP_SERVERS = []
    assert not is_let_in(log_in("00123"))


def test_wrong_passwords_are_counted_and_lock_out_as_here(hanako):
    for _ in range(4):
        assert "職員番号かパスワードが違います。" in text_of(log_in("00123", "wrong"))
    assert log_in("00123", "wrong").status_code == 429
    assert log_in("00123").status_code == 429
    kinds = Event.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds)[-2:] == ["locked", "failure"]


@pytest.mark.parametrize("number", ["*", "0012*", "00123)(uid=*", "k0001,ou=people", "99999"])
def test_an_invalid_number_finds_nobody(groups, number):
    assert "職員番号かパスワードが違います。" in text_of(log_in(number))
    assert not User.objects.exists()


def test_users_removed_from_the_directory_or_deactivated_here_are_refused(hanako):
    for number in ("00999", "00125"):
        make_user(Role.CLERK, username=number, password=None)
        assert "職員番号かパスワードが違います。" in text_of(log_in(number))
    User.objects.filter(pk=hanako.pk).update(is_active=False)
    assert "職員番号かパスワードが違います。" in text_of(log_in("00123"))


def test_an_unregistered_user_is_told_so(hanako):
    response = log_in("00124")
    assert "この職員番号は、このシステムに登録されていません。" in text_of(response)
    assert not User.objects.filter(username="00124").exists()
    assert not AccessAttempt.objects.exists()
    assert Event.objects.get(kind="failure").subject == "00124"


class TestGroups:
    def test_a_new_person_gets_roles_and_sections_of_the_file(self, groups):
        section = make_section("水産課")
        assert is_let_in(log_in("00124"))
        taro = User.objects.get(username="00124")
        assert (taro.full_name, taro.has_usable_password()) == ("見本 太郎", False)
        assert [group.name for group in taro.groups.all()] == [Role.HEAD]
        assert list(taro.sections.all()) == [section]
        details = list(Event.objects.order_by("pk").values_list("kind", "detail"))
        assert ("account", "利用者の登録（庁内のディレクトリによる）") in details
        assert ("roles", "追加：課長") in details
        assert ("sections", "追加：水産課") in details

    def test_each_log_in_follows_the_file(self, groups, hanako):
        hanako.groups.clear()
        make_section("水産課")
        log_in("00123")
        assert [group.name for group in hanako.groups.all()] == [Role.CLERK]
        text = "グループ,役割,担当課\nsuisan-tanto,閲覧者,\n"
        groups.write_text(text, encoding="utf-8-sig")
        log_in("00123")
        assert [group.name for group in hanako.groups.all()] == [Role.READER]
        assert not hanako.sections.exists()
        number = Event.objects.count()
        log_in("00123")
        assert Event.objects.count() == number + 1, "only the log-in: nothing has changed"

    def test_without_a_role_nobody_is_let_in_or_registered(self, groups):
        groups.write_text("グループ,役割,担当課\nsuisan-tanto,,水産課\n", encoding="utf-8")
        assert "このシステムを使う役割がありません。" in text_of(log_in("00123"))
        assert not User.objects.exists()

    def test_one_person_is_one_user_however_the_number_is_typed(self, groups):
        assert is_let_in(log_in("k0001"))
        assert is_let_in(log_in("K0001"))
        assert [user.username for user in User.objects.all()] == ["k0001"]

    def test_an_impossible_number_is_reported(self, groups):
        groups.write_text("グループ,役割,担当課\nkikaku,企画担当,\n", encoding="utf-8")
        assert "ディレクトリの職員番号を、このシステムでは使えません" in text_of(
            log_in("with space")
        )

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("グループ,役割\nkikaku,企画担当\n", "1行目に「担当課」がありません。"),
            ("グループ,役割,担当課\nkikaku,部長,\n", "2行目の役割「部長」はありません。"),
            ("グループ,役割,担当課\n,担当者,\n", "2行目に、グループと、役割か担当課"),
            (None, "を読めません"),
        ],
    )
    def test_a_wrong_file_is_an_error_and_lets_nobody_in(self, groups, hanako, text, said):
        if text is None:
            groups.unlink()
        else:
            groups.write_text(text, encoding="utf-8")
        [error] = check_directory()
        assert said in error.msg
        text = text_of(log_in("00123"))
        assert "グループのファイルに誤りがあるため、今は先に進めません。" in text
        assert AWAY not in text, "the directory has answered"
        assert said in Event.objects.get(kind="failure").detail


class TestAway:
    @pytest.fixture(
        params=["no server", "other authority", "other name", "wrong account", "wrong base"]
    )
    def away(self, request, city, slapd, tmp_path):
        if request.param == "no server":
            city.LDAP_SERVERS = [f"ldaps://localhost:{free_port()}"]
        elif request.param == "other authority":
            make_certificates(tmp_path)
            city.LDAP_CA_FILE = str(tmp_path / "ca.crt")
        elif request.param == "other name":
            city.LDAP_SERVERS = [slapd.ldaps.replace("localhost", "127.0.0.1")]
        elif request.param == "wrong account":
            city.LDAP_BIND_PASSWORD = "wrong"
        else:
            city.LDAP_USER_BASE = "ou=nowhere,dc=city,dc=test"
        return city

    def test_the_page_says_so_and_nothing_is_counted(self, away, hanako):
        response = log_in("00123")
        assert AWAY in text_of(response)
        assert read_page(response).html.count("ログインできませんでした") == 1
        assert not AccessAttempt.objects.exists()
        detail = Event.objects.get(kind="failure").detail
        assert detail.startswith("ディレクトリを使えません：")
        assert READER_PASSWORD not in detail

    def test_a_user_with_a_local_password_still_logs_in(self, away):
        make_user(Role.PLANNING, username="admin", password="kani-to-sanma")
        assert is_let_in(log_in("admin", "kani-to-sanma"))
        assert "職員番号かパスワードが違います。" in text_of(log_in("admin", "wrong"))
        assert AccessAttempt.objects.exists()


class TestHanging:
    """A server that takes connections and says nothing: it costs one log-in its time, not all."""

    @pytest.fixture
    def clock(self, city, monkeypatch):
        """Each attempt to connect takes five seconds and fails, until the server answers again."""
        clock = SimpleNamespace(now=0.0, attempts=0, error=LDAPSocketReceiveError("timed out"))

        def bound(*args):
            clock.attempts += 1
            if clock.error is None:
                return real(*args)
            clock.now += 5
            raise clock.error

        real = directory_connection._bound
        monkeypatch.setattr(directory_connection, "monotonic", lambda: clock.now)
        monkeypatch.setattr(directory_connection, "_bound", bound)
        monkeypatch.setattr(directory_connection, "_paused_until", {})
        return clock

    def test_the_next_log_ins_are_told_at_once(self, clock, hanako):
        for _ in range(3):
            assert AWAY in text_of(log_in("00123"))
        assert clock.attempts == 1

    def test_after_a_pause_one_tries_for_all(self, clock, hanako):
        log_in("00123")
        clock.now += directory_connection.PAUSE_SECONDS
        clock.error = None
        assert is_let_in(log_in("00123"))
        assert is_let_in(log_in("00123"))

    def test_the_second_server_is_asked_meanwhile(self, clock, city, hanako, slapd):
        log_in("00123")
        clock.error = None
        city.LDAP_SERVERS = [slapd.ldaps, slapd.ldap]
        assert is_let_in(log_in("00123"))

    def test_a_slow_refusal_is_an_answer(self, clock, hanako):
        clock.error = LDAPInvalidCredentialsResult()
        for _ in range(2):
            log_in("00123")
        assert clock.attempts == 2


def test_no_password_goes_over_a_connection_without_tls(city, slapd, hanako, tmp_path):
    make_certificates(tmp_path)
    city.LDAP_SERVERS, city.LDAP_CA_FILE = [slapd.ldap], str(tmp_path / "ca.crt")
    assert AWAY in text_of(log_in("00123"))


def test_the_next_server_is_asked_where_the_first_is_away(city, slapd, hanako):
    city.LDAP_SERVERS = [f"ldaps://localhost:{free_port()}", slapd.ldaps]
    assert is_let_in(log_in("00123"))
    assert "職員番号かパスワードが違います。" in text_of(log_in("00123", "wrong"))


def test_a_user_with_a_local_password_cannot_use_that_of_the_directory(hanako):
    hanako.set_password("kani-to-sanma")
    hanako.save()
    assert not is_let_in(log_in("00123"))
    assert is_let_in(log_in("00123", "kani-to-sanma"))


def test_a_second_factor_is_asked_for_here_too(hanako):
    TOTPDevice.objects.create(user=hanako)
    assert log_in("00123").url == "/second-factor/?next=/"


class TestSettingUpASecondFactor:
    """The page asks for the password of the directory."""

    def set_up(self, client, hanako, typed):
        client.force_login(hanako)
        page = client.get("/second-factor/app/")
        assert "庁内のパソコンにログインするときのパスワード" in text_of(page)
        sent = form_data(page.content.decode())
        typed_code = f"{totp(bytes.fromhex(new_app(hanako, sent['key']).key)):06}"
        sent |= {"one_time_password": typed_code, "password": typed}
        return client.post("/second-factor/app/", sent)

    def test_with_the_right_one_it_is_set_up(self, client, hanako):
        assert "認証アプリを登録しました。" in text_of(self.set_up(client, hanako, PASSWORD))

    def test_a_wrong_one_is_counted(self, client, hanako):
        text = text_of(self.set_up(client, hanako, "wrong"))
        assert "今のパスワードが違います。" in text
        assert AccessAttempt.objects.get().failures_since_start == 1
        assert not TOTPDevice.objects.exists()

    def test_while_the_directory_is_away_the_page_says_so(self, client, hanako, city):
        city.LDAP_SERVERS = [f"ldaps://localhost:{free_port()}"]
        text = text_of(self.set_up(client, hanako, PASSWORD))
        assert "庁内のディレクトリが応答しないため、今は確かめられません。" in text
        assert not AccessAttempt.objects.exists()


def test_the_pages_know_whose_password_is_in_the_directory(hanako, client):
    client.force_login(hanako)
    assert "あなたのパスワードは、このシステムにはありません。" in text_of(client.get("/password/"))
    client.force_login(make_user(Role.PLANNING, password="kani-to-sanma"))
    state = "できます（庁内のディレクトリのパスワード）"
    assert state in client.get("/admin/accounts/user/").content.decode()
    page = client.get("/start/passwords/")
    assert "庁内のディレクトリのパスワードでログインする人には、要りません。" in text_of(page)
    assert " checked" not in page.content.decode()
    assert "パスワードなし" not in text_of(page)
    assert text_of(page).count("庁内のディレクトリのパスワード") == 2, "the note and her state"


def test_the_command_says_what_becomes_of_a_person(groups):
    make_section("水産課")
    out = StringIO()
    call_command("check_directory", "00123", stdout=out)
    for line in (
        f"場所：uid=00123,ou=people,{BASE}", "氏名：見本 花子", "役割：担当者", "担当課：水産課",
        "登録されていない担当課：ない課",
    ):  # fmt: skip
        assert f"{line}\n" in out.getvalue()
    assert not User.objects.exists()
    with pytest.raises(CommandError, match="ディレクトリにいません"):
        call_command("check_directory", "99999")


def test_missing_and_wrong_settings_are_errors(city):
    assert check_directory() == []
    city.LDAP_SERVERS, city.LDAP_USER_BASE = ["ad1.city.test"], ""
    city.LDAP_CA_FILE, city.LDAP_GROUP_FILTER = "/nowhere", "(member=x)"
    said = "".join(error.msg for error in check_directory())
    for name in ("LDAP_SERVERS", "LDAP_USER_BASE", "LDAP_CA_FILE", "LDAP_GROUP_FILTER"):
        assert name in said
    assert all(error.hint for error in check_directory())
