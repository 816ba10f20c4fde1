"""What auditors see of editions: values unlike the published ones, and who did what."""

import pytest

from accounts.roles import Role
from indicators.models import Actual
from reviews.models import Publication
from tests.factories import make_user
from tests.pages import text_of
from tests.reviews.edition_files import without_workbooks
from tests.reviews.edition_office import YEAR

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.stories]


@pytest.fixture
def published(office, client, fixed):
    client.force_login(office.other)
    client.post(office.url("review_publish", 1), {"published_on": "2019-01-20"})
    client.force_login(make_user(Role.AUDITOR))
    return office


def test_values_unlike_the_published_ones_are_shown_to_auditors(published, client):
    page = published.url("review_published")
    for address in ("/", page):
        assert "公表した検証調書と違う値は、ありません" in text_of(client.get(address))
    Actual.objects.filter(pk=published.value.pk).update(value=47, change_kind="revised")
    assert "水揚げ量：平成29年度 第1号「45人」、今「47人」（遡及改定）" in text_of(client.get("/"))
    assert "水揚げ量平成29年度第1号45人47人遡及改定" in text_of(client.get(page)).replace(" ", "")


def test_withheld_and_unconfirmed_values_are_labelled(office, client):
    Actual.objects.filter(pk=office.value.pk).update(withheld=True)
    client.force_login(office.planning)
    with without_workbooks():
        office.fix(client)
    client.post(office.url("review_publish", 1), {"published_on": "2019-01-20"})
    Actual.objects.filter(pk=office.value.pk).update(value=47, state="answered")
    client.force_login(make_user(Role.AUDITOR))
    told = "第1号「45人（公表では秘匿）」、今「47人」（回答済み、未確認）"
    assert told in text_of(client.get("/"))
    page = text_of(client.get(office.url("review_published"))).replace(" ", "")
    assert "45人（公表では秘匿）47人回答済み、未確認" in page


def test_an_unpublished_edition_is_not_compared_with(office, fixed, client):
    client.force_login(make_user(Role.AUDITOR))
    Actual.objects.filter(pk=office.value.pk).update(value=47)
    assert not Publication.objects.exists()
    assert "公表した検証調書と違う値は、ありません" in text_of(client.get("/"))


def test_auditors_see_who_fixed_and_published_and_who_evaluated(published, client):
    found = text_of(client.get(f"{published.url('review_published')}?year={YEAR}"))
    story = found[found.index("検証調書の経過") :]
    assert story.index("企画 花子") < story.index("企画 次郎") < story.index("2019年1月20日")
    assert "漁業の振興" in story[story.index("内部評価の経過") :]
    changes = text_of(client.get("/changes/?kind=review"))
    for one in ("検証調書の確定", "検証調書の公表", "根総政第1号"):
        assert one in changes
