"""Changing one's own password."""

from random import Random

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.first_passwords import new_password
from accounts.models import User
from accounts.roles import Role
from tests.factories import make_user
from tests.pages import read_page, text_of
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OLD, NEW = "kani-to-sanma", "uni-to-hanasaki-gani"


@pytest.fixture
def user(client):
    user = make_user(Role.CLERK, username="12345", full_name="見本 花子", password=OLD)
    client.force_login(user)
    return user


def change(client, old=OLD, new=NEW, again=NEW):
    data = {"old_password": old, "new_password1": new, "new_password2": again}
    return client.post("/password/", data)


def log_in(password):
    return Client().post("/login/", {"username": "12345", "password": password})


def test_the_header_leads_to_the_page_which_states_the_rules(client, user):
    response = client.get("/password/")
    page = read_page(response)
    assert page.h1 == ["パスワードの変更"]
    assert "/password/" in page.links
    for rule in ("12文字以上", "よく使われる", "数字だけ", "繰り返し", "職員番号、氏名"):
        assert rule in text_of(response)


def test_the_new_password_is_valid_and_the_old_one_is_not(client, user):
    response = change(client)
    assert response.url == "/password/changed/"
    assert "パスワードを変更しました" in text_of(client.get(response.url))
    assert log_in(OLD).status_code == 200
    assert log_in(NEW).status_code == 302


def test_sessions_in_other_browsers_end_and_this_one_continues(client, user):
    other = Client()
    other.force_login(user)
    assert other.get("/password/").status_code == 200
    change(client)
    assert client.get("/password/").status_code == 200
    assert other.get("/password/").status_code == 302


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"old": "x"}, "old_password", "今のパスワードが違います。もう一度入力してください。"),
        ({"old": ""}, "old_password", "今のパスワードを入力してください。"),
        ({"again": "other"}, "new_password2", "新しいパスワードと一致しません。"),
        ({"new": "k3n!", "again": "k3n!"}, "new_password1", "パスワードが短すぎます。"),
        ({"new": "password1234", "again": "password1234"}, "new_password1", "推測されやすい"),
        (
            {"new": "8402658402651", "again": "8402658402651"},
            "new_password1",
            "数字だけのパスワード",
        ),
    ],
)
def test_an_error_is_said_in_the_summary_and_at_its_field(client, user, typed, field, message):
    response = change(client, **typed)
    page = read_page(response)
    assert "<title>エラー：" in page.html
    assert f"#id_{field}" in page.links
    assert page.main.count(message) == 2
    assert NEW not in page.html
    assert User.objects.get().check_password(OLD)


@pytest.mark.parametrize("password", ["123456789012", "password12345", "kushiro-1234", "123450000"])
def test_easy_passwords_are_refused_with_a_remedy(password):
    person = User(username="kushiro-12", full_name="見本 花子", email="hanako@city.example.jp")
    with pytest.raises(ValidationError) as refused:
        validate_password(password, person)
    assert all(message.endswith("ください。") for message in refused.value.messages)


HANAKO = User(username="00900142", full_name="見本 花子", email="hanako.mihon@city.example.jp")


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword", "PassWord-PASSWORD", "passwordpassword123", "1passwordpassword",
        "wakuwaku-dokidoki", "aaabbbcccddd",
        "kani-kani-kani-kani", "aaaaaaaaaaaaaaaa", "aabbaabbaabb", "ａｂｃabcABC-abc",
        "xyxyxyxyxyxyx", "a" * 5000, "繰返繰返繰返繰返繰返繰返",
    ],
)  # fmt: skip
def test_what_repeats_something_short_is_refused(password):
    with pytest.raises(ValidationError, match="別の言葉を入れてください。"):
        validate_password(password, HANAKO)


@pytest.mark.parametrize(
    "password",
    [
        "pass-word-1234",
        "Password1234Password1234",
        "0153-23-6111",
        "０１５３ー２３ー６１１１",
        "2026 11 29 12",
    ],
)
def test_signs_and_repetition_make_no_easy_password_a_good_one(password):
    with pytest.raises(ValidationError, match=r"推測されやすい|数字だけ"):
        validate_password(password, HANAKO)


@pytest.mark.parametrize(
    "password",
    [
        "900142-900142", "00900142-00900142", "９００１４２-a-900142", "900142-kani-12",
        "Hanako_Mihon_900142", "mihon.hanako-kani", "HANAKO-hanako-x2", "見本花子-見本-花子-kani",
        "花子のパスワード!!!!", "900142-city-mihon",
    ],
)  # fmt: skip
def test_what_is_mainly_the_person_is_refused(password):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, HANAKO)
    assert all(message.endswith("ください。") for message in refused.value.messages)
    assert "職員番号" in str(refused.value.messages) or "メール" in str(refused.value.messages)


@pytest.mark.parametrize(
    "password",
    [
        OLD, NEW, "kani-to-sanma-2015", "900142-kani-to-sanma", "hanasaki-gani-no-kisetsu",
        "wakuwaku-dokidoki-kani", "uni-to-hanasaki-uni-to-hanasaki", "根室の花咲がには夏がおいしい",
        "k7mw-x3dp-9tcv", "kkmw-kkmw-9tcv-x3dp", "vv52-n6xx-x993", "kani-kani-unicorn",
    ],
)  # fmt: skip
def test_longer_texts_of_their_own_are_accepted(password):
    validate_password(password, HANAKO)


def test_the_passwords_on_slips_are_accepted(monkeypatch):
    monkeypatch.setattr("accounts.first_passwords.secrets", Random(7))
    for _ in range(500):
        validate_password(new_password(), HANAKO)


def test_a_change_is_logged_and_says_nothing_of_the_password(client, user):
    change(client)
    event = Event.objects.get(kind="password")
    assert (event.subject, event.by, event.door) == ("見本 花子（12345）", user, "")
    assert NEW not in str(list(Event.objects.values()))


def test_a_hash_that_is_only_renewed_at_a_log_in_is_not_a_change(real_hashing, user):
    User.objects.update(password=make_password(OLD, hasher="pbkdf2_sha256"))
    assert log_in(OLD).status_code == 302
    assert User.objects.get().password.startswith("argon2")
    assert not Event.objects.filter(kind="password").exists()


def test_a_hash_of_more_expensive_parameters_works_and_is_renewed_at_a_log_in(real_hashing, user):
    """Installations have hashes with Django's own parameters: 100 MiB and eight threads."""
    User.objects.update(password=Argon2PasswordHasher().encode(OLD, "a-salt-of-22-characters"))
    assert "$m=102400,t=2,p=8$" in User.objects.get().password
    assert log_in(OLD).status_code == 302
    assert "$m=19456,t=2,p=1$" in User.objects.get().password
    assert log_in(OLD).status_code == 302


@pytest.mark.parametrize("old", [OLD, None])
def test_planning_sets_a_password_and_nobody_is_forced_to_change_it(client, old):
    user = make_user(Role.CLERK, username="12345", password=old)
    client.force_login(make_user(Role.PLANNING))
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    assert "LDAP" not in client.get(url).content.decode()
    data = {"usable_password": "true", "password1": NEW, "password2": NEW}
    assert client.post(url, data).status_code == 302
    assert Event.objects.get(kind="password").door == "admin"
    assert log_in(NEW).url == "/"


def test_planning_too_sets_its_own_password_only_with_the_current_one(client):
    """At an open session anybody could set one, and then log in with it."""
    user = make_user(Role.PLANNING, username="12345", password=OLD)
    client.force_login(user)
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    data = {"usable_password": "true", "password1": NEW, "password2": NEW}
    assert client.get(url).url == client.post(url, data).url == "/password/"
    assert User.objects.get().check_password(OLD)


def test_the_admin_leads_to_the_same_page(client):
    client.force_login(make_user(Role.PLANNING))
    assert client.get("/admin/password_change/").url == "/password/"
    assert client.get("/admin/password_change/done/").url == "/password/changed/"
