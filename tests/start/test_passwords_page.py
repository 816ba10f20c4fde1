"""The page with the slips: shown once, kept nowhere."""

import re

import pytest
from django.conf import settings as site_settings
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from tests.factories import make_section, make_user
from tests.html import form_data, sent_untouched
from tests.pages import read_page, text_of
from trail.events import Event
from trail.installation import Installation

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PASSWORD = re.compile(r"[b-z2-9]{4}-[b-z2-9]{4}-[b-z2-9]{4}")


@pytest.fixture(autouse=True)
def planning(client):
    user = make_user(Role.PLANNING, full_name="企画 一郎", password="x")
    client.force_login(user)
    return user


@pytest.fixture
def clerk():
    return make_user(Role.CLERK, make_section("水産課"), username="00123", full_name="見本 花子")


def send(client, *users):
    """Send the form of the page with the marks that it has now."""
    states = form_data(client.get("/start/passwords/").content.decode())
    return client.post("/start/passwords/", states | {"user": [user.pk for user in users]})


def test_a_slip_says_all_that_a_person_needs(client, clerk, settings):
    settings.SITE_URL = "https://kpi.city.example.lg.jp"
    Installation.objects.create(city="○○市", planning_office="企画課")
    response = send(client, clerk)
    text = text_of(response)
    [password] = PASSWORD.findall(text)
    for said in (
        "水産課 ○○市 総合戦略の進捗管理 見本 花子 様", "職員番号00123", "https://kpi.city.example.lg.jp/",
        "自分で決めたパスワード（12文字以上）に変更します", "お問い合わせは、企画課へ",
    ):  # fmt: skip
        assert said in text
    person = Client()
    assert person.post("/login/", {"username": "00123", "password": password}).url == "/"
    assert person.get("/").url == "/password/"


def test_slips_are_in_the_order_in_which_they_are_handed_out(client, clerk):
    first, second = make_section("企画課", position=1), make_section("財政課", position=2)
    clerk.sections.set([second])
    people = [
        make_user(Role.PLANNING, username="00100", full_name="無所属"),
        clerk,
        make_user(Role.HEAD, second, username="00122", full_name="財政課長"),
        make_user(Role.CLERK, first, second, username="00999", full_name="兼務"),
    ]
    shown = [row[0].full_name for row in client.get("/start/passwords/").context["people"]]
    assert shown == ["兼務", "財政課長", "見本 花子", "無所属"]
    response = send(client, *people)
    assert re.findall("([^ ]+) 様", text_of(response)) == ["兼務", "財政課長", "花子", "無所属"]
    assert "企画課、財政課 " in text_of(response)


def test_a_forged_id_creates_no_slips(client, clerk):
    text = text_of(client.post("/start/passwords/", {"user": ["4711"], "state-4711": "x"}))
    assert "渡す人を選んでください" in text


def test_the_slips_are_shown_once_and_kept_nowhere(client, clerk, private_files, settings):
    response = send(client, clerk)
    assert response.status_code == 200, "It answers the form itself and has no address of its own."
    assert response["Cache-Control"] == "private, no-store"
    [password] = PASSWORD.findall(text_of(response))
    assert not PASSWORD.search(client.get("/start/passwords/").content.decode())
    stored = [*User.objects.values(), *Event.objects.values(), *Session.objects.values()]
    sessions = [session.get_decoded() for session in Session.objects.all()]
    assert password not in str(stored) + str(sessions)
    files = [path for path in private_files.rglob("*") if path.is_file()]
    assert files == []
    assert site_settings.STORAGES["answer_pages"]


def test_those_without_a_password_are_ticked_and_others_can_be(client, clerk):
    old = make_user(Role.CLERK, full_name="見本 太郎")
    send(client, old)
    make_user(Role.CLERK, full_name="見本 三郎", password="own-password-1")
    make_user(Role.CLERK, full_name="見本 四郎", is_active=False)
    page = read_page(client.get("/start/passwords/"))
    assert re.findall(r'value="(\d+)" id="user-\d+" checked', page.html) == [str(clerk.pk)]
    assert f'id="user-{old.pk}"' in page.html
    assert "見本 三郎" not in page.html
    assert "見本 四郎" not in page.html


def test_the_same_form_sent_again_changes_no_password(client, clerk):
    states = form_data(client.get("/start/passwords/").content.decode())
    form = states | {"user": [clerk.pk]}
    first = text_of(client.post("/start/passwords/", form))
    stored = User.objects.get(pk=clerk.pk).password
    again = text_of(client.post("/start/passwords/", form))
    assert "この画面を開いた後に、見本 花子さんのパスワードが変わったか" in again
    assert not PASSWORD.search(again)
    assert User.objects.get(pk=clerk.pk).password == stored
    assert PASSWORD.search(first)


def test_a_lost_slip_is_replaced_by_another_password(client, clerk):
    first, second = text_of(send(client, clerk)), text_of(send(client, clerk))
    assert PASSWORD.findall(first) != PASSWORD.findall(second)


@pytest.mark.parametrize(
    "forged", [{"user": []}, {"user": ["x"]}, {"user": ["99999999999999999999"]}]
)
def test_choosing_nobody_is_an_error(client, clerk, forged):
    assert "渡す人を選んでください" in text_of(client.post("/start/passwords/", forged))


def test_planning_gives_no_password_to_itself_or_to_users_who_have_changed_theirs(client, planning):
    other = make_user(Role.PLANNING, password="own-password-1")
    for user in (planning, other):
        forged = {"user": [user.pk], f"state-{user.pk}": "x"}
        client.post("/start/passwords/", forged)
        assert User.objects.get(pk=user.pk).password == user.password


def test_the_number_at_once_has_a_limit(client, monkeypatch, clerk):
    monkeypatch.setattr("start.views.staff.MOST_SLIPS", 1)
    other = make_user(Role.CLERK)
    assert "一度に選べるのは1人までです" in text_of(send(client, clerk, other))
    assert not User.objects.get(pk=clerk.pk).has_usable_password()
    page = client.get("/start/passwords/").content.decode()
    assert "一度に選べるのは1人までです。" in page
    assert sent_untouched(page)["user"] == [str(clerk.pk)]
    client.post("/start/passwords/", sent_untouched(page))
    page = client.get("/start/passwords/").content.decode()
    assert sent_untouched(page)["user"] == [str(other.pk)], "The page goes on with the next."


def test_the_list_of_users_leads_there_for_planning_only(client):
    assert "/start/passwords/" in client.get("/admin/accounts/user/").content.decode()
    assert 'href="/start/"' in client.get("/admin/").content.decode()
    client.force_login(make_user(Role.AUDITOR))
    assert "/start/passwords/" not in client.get("/admin/accounts/user/").content.decode()
    assert 'href="/start/"' not in client.get("/admin/").content.decode()


def test_the_page_says_when_nobody_is_waiting(client):
    assert "待っている人はいません" in text_of(client.get("/start/passwords/"))


def test_planning_gives_new_ones_to_people_chosen_in_the_list_of_users(client, clerk, planning):
    known = [
        make_user(Role.CLERK, full_name=name, password="own-password-1")
        for name in ("見本 三郎", "見本 四郎", "見本 五郎")
    ]
    gone = make_user(Role.CLERK, full_name="見本 六郎", is_active=False)
    chosen = [user.pk for user in (*known[:2], gone, planning)]
    data = {"action": "give_first_passwords", "_selected_action": chosen}
    url = client.post("/admin/accounts/user/", data).url
    assert url.startswith("/start/passwords/?user=")
    page = read_page(client.get(url))
    ticked = {int(pk) for pk in re.findall(r'value="(\d+)" id="user-\d+" checked', page.html)}
    assert ticked == {user.pk for user in known[:2]}
    assert page.main.count("自分のパスワード") == 2 + 1  # the rules speak of it, too
    for name in ("見本 五郎", "見本 六郎", "企画 一郎"):
        assert name not in page.main
    browser = Client()
    browser.force_login(known[0])
    text = text_of(client.post(url, sent_untouched(page.html)))
    assert len(PASSWORD.findall(text)) == 2
    assert browser.get("/").url.startswith("/login/")
    changed = {user.full_name for user in User.objects.filter(must_change_password=True)}
    assert changed == {"見本 三郎", "見本 四郎"}


def test_nothing_changes_where_one_of_them_has_set_a_password_meanwhile(client):
    known = [make_user(Role.CLERK, full_name=name, password="own-password-1") for name in "甲乙"]
    url = f"/start/passwords/?user={known[0].pk}&user={known[1].pk}"
    sent = sent_untouched(client.get(url).content.decode())
    known[0].set_password("own-password-2")
    known[0].save()
    page = client.post(url, sent)
    assert "甲さんのパスワードが変わった" in text_of(page)
    assert not User.objects.filter(must_change_password=True).exists()
    assert f'id="user-{known[1].pk}" checked' in page.content.decode()
