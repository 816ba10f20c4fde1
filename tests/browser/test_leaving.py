"""No page with a form is left without a question while something typed into it is not sent."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Dialog, Locator, Page, expect

from reviews.models import MeasureReview, State
from tables import file_making
from tests.access_table import Answer, Person, rules_for
from tests.accounts.test_access_table import ADDRESSES, Site, made_empty
from tests.every_page import is_page
from tests.quick_trees import Trees, plans_read_once
from tests.seen_answers import send

pytestmark = [pytest.mark.one_database, pytest.mark.slow]

FIELDS = "textarea, select, input:is([type=text], [type=number], [type=date], :not([type]))"
FORMS = "main form[method=post]:not([data-kept])"

OF_THE_YEARS_END = {
    "review_choices", "review_decisions", "review_erratum", "review_fix", "review_grant",
    "review_measure", "review_meeting", "review_opinion", "review_opinion_add", "review_project",
    "review_publish", "review_verdicts", "review_withdraw",
}  # fmt: skip
"""Pages with a form of which at least is known that they are among those that are tried."""


OF_ONE_CODE = ("password", "second_factor")
"""Pages of an account, by the beginnings of their names: a password or code is typed again."""


def has_a_form(response: HttpResponse) -> bool:
    """Whether there may be a form on a page into which somebody types."""
    if not is_page(response):
        return False
    main = response.content.decode().partition("<main")[2]
    return 'method="post"' in main and any(tag in main for tag in ("<textarea", 'type="text"'))


@pytest.fixture
def site(db) -> Site:
    return Site()


def type_into(form: Locator) -> Locator | None:
    """Type something into the first field of a form that is there to be typed into."""
    fields = form.locator(FIELDS).and_(form.page.locator(":visible:enabled"))
    if not fields.count():
        return None
    field = fields.first
    if field.evaluate("field => field.tagName") == "SELECT":
        options = field.locator("option:not(:checked)")
        field.select_option(options.first.get_attribute("value"))
    else:
        field.press_sequentially("5")
    return field


def leave(page: Page) -> list[str]:
    """Follow a link, stay if asked to, and return what was asked."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator("header a").first.click()
    page.remove_listener("dialog", stay)
    return asked


def pages_with_forms(site: Site, client: Client) -> Iterator[tuple[str, str]]:
    """Yield the addresses, with their paths, where planning may type something into a form."""
    trees: Trees = {}
    for address, pattern in ADDRESSES.items():
        [rule] = rules_for(address)
        if (
            address.startswith(("admin:", *OF_ONE_CODE))
            or rule.get.to(Person.PLANNING) != Answer.OPEN
        ):
            continue
        path = site.path_to(address, pattern)
        with patch.object(file_making, "make", made_empty), plans_read_once(trees):
            response = client.get(path)
        if has_a_form(response):
            yield address, path


def test_every_page_with_a_form_asks_before_it_is_left(site, reading_as):
    MeasureReview.objects.create(
        measure_id=site.kpi.measure_id, fiscal_year_id=2017, state=State.CONFIRMED
    )
    user = site.user_of(Person.PLANNING)
    client, page = Client(), reading_as(user)
    client.force_login(user)
    tried, silent = set(), []
    for address, path in pages_with_forms(site, client):
        page.goto(path)
        for form in page.locator(FORMS).all():
            field = type_into(form)
            if field is None:
                continue
            tried.add(address)
            typed = field.input_value()
            if leave(page) != ["beforeunload"]:
                silent.append(path)
                break
            expect(field).to_have_value(typed)
            form.evaluate("form => form.reset()")
    assert silent == []
    assert OF_THE_YEARS_END - tried == set()


def test_what_was_sent_and_refused_is_asked_about_and_what_nobody_typed_is_not(site, reading_as):
    user = site.user_of(Person.PLANNING)
    client, page = Client(), reading_as(user)
    client.force_login(user)
    path = reverse("review_opinion_add", args=[site.kpi.measure.strategy.code, 1])
    refused = send(client, f"{path}?year=2017", {"text": ""})
    page.goto(refused.url)
    expect(page.get_by_role("alert")).to_contain_text("保存できませんでした")
    page.locator("h1").click()
    assert leave(page) == []  # nothing was typed
    refused = send(
        client, f"{path}?year=2017", {"text": "多くの人に知らせる。", "about": "nowhere"}
    )
    page.goto(refused.url)
    expect(page.get_by_role("alert")).to_contain_text("保存できませんでした")
    page.locator("h1").click()
    assert leave(page) == ["beforeunload"]
