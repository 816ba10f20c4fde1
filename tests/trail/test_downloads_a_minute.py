"""Only so many files leave to one person within a minute, whatever they cost."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import RequestFactory
from django.utils import timezone

from accounts.roles import Role
from tables import file_making
from tests.factories import make_strategy, make_user
from tests.pages import read_page, text_of
from trail.downloads import CSV, OutgoingFile, download
from trail.events import Event, log

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

HEAVY, LIGHT = "/changes/csv", "/strategies/plan/data/2017.csv"


@pytest.fixture
def auditor(client, settings):
    settings.FILES_A_MINUTE = 3
    make_strategy(code="plan")
    user = make_user(Role.AUDITOR)
    client.force_login(user)
    return user


def received(by, seconds_ago: float) -> None:
    event = log(Event.Kind.EXPORT, "検証報告書.xlsx", by=by)
    moment = timezone.now() - timedelta(seconds=seconds_ago)
    Event.objects.filter(pk=event.pk).update(occurred_at=moment)


def asked_by(user, method: str = "get"):
    request = getattr(RequestFactory(), method)("/")
    request.user = user
    return request


def table(content=b"1") -> OutgoingFile:
    return OutgoingFile(content, name="表.csv", ascii_name="table.csv", content_type=CSV)


@pytest.mark.parametrize("address", [LIGHT, HEAVY])
def test_one_file_too_many_within_a_minute_is_a_page_that_says_how_long_to_wait(
    client, auditor, address
):
    for seconds_ago in (50, 30):
        received(auditor, seconds_ago)
    assert client.get(address)["Content-Type"].startswith("text/csv")
    page = client.get(address)
    assert page.status_code == 429
    assert 1 <= int(page["Retry-After"]) <= 10
    assert page["Refresh"] == page["Retry-After"]
    assert read_page(page).h1 == ["ファイルを受け取るまで、少しお待ちください"]
    assert "1人が1分間に受け取れるファイルは、3個までです。" in text_of(page)
    assert f"{page['Retry-After']}秒後に、受け取りが始まります。" in text_of(page)
    assert Event.objects.filter(kind=Event.Kind.EXPORT).count() == 3


def test_what_is_older_than_a_minute_of_others_or_no_file_does_not_count(client, auditor):
    for seconds_ago in (61, 65, 70):
        received(auditor, seconds_ago)
    for _ in range(3):
        received(make_user(), 1)
        log(Event.Kind.IMPORT, "指標", by=auditor)
    assert client.get(LIGHT).status_code == 200


def test_a_clock_that_was_set_back_keeps_nobody_from_a_file(client, auditor):
    for _ in range(3):
        received(auditor, -600)
    assert client.get(LIGHT).status_code == 200


def test_a_heavy_file_is_refused_before_it_is_made(client, auditor, monkeypatch):
    for _ in range(3):
        received(auditor, 1)
    monkeypatch.setattr("tables.file_making._turn_of", lambda person: pytest.fail("It is made."))
    assert client.get(HEAVY).status_code == 429


def test_whoever_sent_a_form_is_told_to_press_again_and_the_file_is_closed(auditor):
    for _ in range(3):
        received(auditor, 1)
    file = BytesIO(b"1")
    page = download(asked_by(auditor, "post"), table(file), detail="1行")
    assert page.status_code == 429
    assert "Refresh" not in page
    assert "もう一度押してください" in text_of(page)
    assert file.closed


def test_the_log_is_asked_once_for_a_file(auditor, django_assert_num_queries):
    """Once before it is made, not again when it leaves; and once to log it."""
    request = asked_by(auditor)
    with django_assert_num_queries(1):
        made = file_making.make(request, lambda file: file.write(b"1"))
    with django_assert_num_queries(1):
        download(request, table(made.file), detail="1行").close()


def test_with_no_limit_nothing_is_asked(auditor, settings, django_assert_num_queries):
    settings.FILES_A_MINUTE = 0
    for _ in range(3):
        received(auditor, 1)
    with django_assert_num_queries(1):
        assert download(asked_by(auditor), table(), detail="1行").status_code == 200
