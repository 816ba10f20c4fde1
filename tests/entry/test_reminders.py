"""manage.py send_reminders: who is reminded of what, when, once a day at most."""

import smtplib
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.roles import Role
from entry import reminding
from entry.models import Reminder
from entry.reminding import milestone
from indicators.recording import move
from tests.entry.city import City, make_city
from tests.factories import make_user
from trail.history import Change

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DUE = date(2018, 6, 30)


@pytest.fixture
def city(settings) -> City:
    settings.EMAIL_HOST = "mail.example.lg.jp"
    settings.DEFAULT_FROM_EMAIL = "総合政策室 <kpi@example.lg.jp>"
    settings.SITE_URL = "https://kpi.example.lg.jp"
    city = make_city()
    city.year.due_date, city.year.entry_opened_on = DUE, date(2018, 6, 1)
    city.year.save()
    for user, address in (
        (city.clerk, "clerk@example.lg.jp"),
        (city.head, "head@example.lg.jp"),
        (city.planning, "planning@example.lg.jp"),
    ):
        user.email = address
        user.save()
    return city


@pytest.fixture
def run(monkeypatch):
    """A function that runs the command on a day and returns what it printed."""

    def run_on(day: date, *options: str) -> str:
        monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: day)
        out = StringIO()
        call_command("send_reminders", *options, stdout=out)
        return out.getvalue()

    return run_on


def sent_to() -> list[list[str]]:
    return [message.to for message in mail.outbox]


@pytest.mark.parametrize(
    ("days_before", "expected"),
    [(15, None), (14, 14), (10, 14), (7, 7), (2, 7), (1, 1), (0, 1), (-1, -1), (-7, -1), (-8, -8),
     (-20, -15)],
)  # fmt: skip
def test_the_days_of_reminders(settings, days_before, expected):
    settings.REMINDER_DAYS_BEFORE, settings.REMINDER_REPEAT_DAYS = [14, 7, 1], 7
    day = milestone(DUE, DUE - timedelta(days=days_before))
    assert day == (None if expected is None else DUE - timedelta(days=expected))


def test_without_repetition_there_is_one_reminder_after_the_due_date(settings):
    settings.REMINDER_REPEAT_DAYS = 0
    assert milestone(DUE, DUE + timedelta(days=40)) == DUE + timedelta(days=1)


def test_a_section_is_told_how_much_until_when_and_where(city, run):
    city.store(city.visitors, 5)
    printed = run(date(2018, 6, 23))
    message = mail.outbox[0]
    assert message.to == ["clerk@example.lg.jp"]
    assert message.subject == "平成29年度実績の入力（回答期限6月30日、あと7日）"
    assert "水産課　御中" in message.body
    assert "まだ回答していない指標：3件（未入力2件、入力中1件）" in message.body
    assert "https://kpi.example.lg.jp/entry/2017/" in message.body
    assert "お問い合わせは、企画担当へ" in message.body
    assert "2通を送りました。" in printed
    assert "水産課：clerk@example.lg.jp" in printed


def test_planning_gets_what_nobody_in_a_section_could(city, run):
    run(date(2018, 6, 23))
    assert sent_to() == [["clerk@example.lg.jp"], ["planning@example.lg.jp"]]
    message = mail.outbox[1]
    assert message.subject.startswith("農林課　")
    assert "農林課に、メールアドレスを登録した担当者がいない" in message.body


def test_heads_are_reminded_after_the_due_date(city, run):
    run(DUE + timedelta(days=1))
    assert set(sent_to()[0]) == {"clerk@example.lg.jp", "head@example.lg.jp"}
    assert "回答期限：6月30日（1日超過）" in mail.outbox[0].body


def test_once_a_day_and_not_again_before_the_next_milestone(city, run):
    run(date(2018, 6, 23))
    for day in (23, 24, 28):
        run(date(2018, 6, day))
    assert len(mail.outbox) == 2
    run(date(2018, 6, 29))
    assert len(mail.outbox) == 4
    assert Reminder.objects.filter(section=city.section).count() == 2


def test_a_weekend_is_made_up_for(city, run):
    assert date(2018, 6, 23).weekday() == 5
    run(date(2018, 6, 25))
    assert "あと5日" in mail.outbox[0].subject


def test_what_was_due_before_entry_was_opened_is_not_made_up_for(city, run):
    city.year.entry_opened_on = date(2018, 6, 20)
    city.year.save()
    run(date(2018, 6, 21))
    assert mail.outbox == []
    run(date(2018, 6, 23))
    assert len(mail.outbox) == 2


def test_sections_that_have_answered_get_no_reminder(city, run):
    for indicator in (city.visitors, city.share, city.sales):
        actual = city.store(indicator, 5)
        move({actual.pk: actual.version}, "answered", Change(by=city.head, door="grid"))
    run(date(2018, 6, 23))
    assert sent_to() == [["planning@example.lg.jp"]]


@pytest.mark.parametrize(
    "change", [{"entry_is_open": False}, {"due_date": None}], ids=["closed", "without due date"]
)
def test_a_year_that_is_not_due_causes_no_reminder(city, run, change):
    for name, value in change.items():
        setattr(city.year, name, value)
    city.year.save()
    assert run(date(2018, 6, 23)) == "0通を送りました。\n"
    assert mail.outbox == []


def test_users_who_left_get_no_reminder(city, run):
    User.objects.filter(pk=city.clerk.pk).update(is_active=False)
    run(date(2018, 6, 23))
    assert sent_to() == [["planning@example.lg.jp"]] * 2


def test_several_clerks_get_one_mail(city, run):
    make_user(Role.CLERK, city.section, city.other_section, email="both@example.lg.jp")
    run(date(2018, 6, 23))
    assert sent_to() == [["clerk@example.lg.jp", "both@example.lg.jp"], ["both@example.lg.jp"]]


def test_a_dry_run_shows_everything_and_sends_nothing(city, run):
    printed = run(date(2018, 6, 23), "--dry-run")
    assert "宛先：clerk@example.lg.jp" in printed
    assert "まだ回答していない指標：3件（未入力3件）" in printed
    assert (mail.outbox, Reminder.objects.count()) == ([], 0)


def test_without_mail_settings_it_says_so_and_is_no_failure(city, run, settings):
    settings.EMAIL_HOST = ""
    assert "メールの設定（EMAIL_HOST）がないため、何も送りません。" in run(date(2018, 6, 23))
    assert (mail.outbox, Reminder.objects.count()) == ([], 0)
    assert "宛先：" in run(date(2018, 6, 23), "--dry-run")


def test_where_nobody_has_an_address_it_fails_and_says_so(city, run):
    User.objects.update(email="")
    with pytest.raises(CommandError, match=r"水産課.*メールアドレスがありません"):
        run(date(2018, 6, 23))


def test_a_mail_that_could_not_be_sent_is_tried_again(city, run, monkeypatch):
    original = reminding.EmailMessage.send

    def refuse(message, *args):
        if "農林課" in message.body:
            raise smtplib.SMTPServerDisconnected("gone")
        return original(message, *args)

    monkeypatch.setattr(reminding.EmailMessage, "send", refuse)
    with pytest.raises(CommandError, match=r"農林課.*送れませんでした"):
        run(date(2018, 6, 23))
    assert [reminder.section for reminder in Reminder.objects.all()] == [city.section]
    monkeypatch.setattr(reminding.EmailMessage, "send", original)
    run(date(2018, 6, 23))
    assert sent_to() == [["clerk@example.lg.jp"], ["planning@example.lg.jp"]]


def test_a_trial_says_that_it_is_one(city, run):
    strategy = city.visitors.kpis.get().measure.group.goal.strategy
    type(strategy).objects.update(invented=True)
    run(date(2018, 6, 23))
    assert "実績値は架空のものです" in mail.outbox[0].body
