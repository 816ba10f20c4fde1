"""Lets the test client go on to the page that answers a form, as a browser does."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.answer_pages import PARAMETER

send = Client.post
"""The client's own way to send a form: a refused one is answered with a redirect."""


def is_led_to_its_answer(response: HttpResponse) -> bool:
    """Return whether a form was answered by a page, to which the browser is led."""
    return response.status_code == 303 and f"{PARAMETER}=" in response["Location"]


def _post(client: Client, path: str, *args: Any, follow: bool = False, **more: Any) -> HttpResponse:
    """Send a form. A page that answers it is no redirect to a test: it has the page's context."""
    response: Any = send(client, path, *args, **more)
    if is_led_to_its_answer(response):
        known = {name: more[name] for name in ("headers", "secure") if name in more}
        page: Any = client.get(response["Location"], **known)
        page.context, page.templates = response.context, response.templates
        page.redirect_chain = []
        return page
    if not follow:
        return response
    if response.status_code in (301, 302, 303):
        known = {name: more[name] for name in ("headers",) if name in more}
        return client._handle_redirects(response, **known)  # type: ignore[attr-defined]
    response.redirect_chain = []
    return response


def see_answers_as_a_browser_does() -> None:
    """Use it in every test client."""
    Client.post = _post  # type: ignore[method-assign,assignment]
