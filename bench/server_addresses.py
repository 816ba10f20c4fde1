"""Addresses of the server that is measured: the product's, and constant pages behind the same."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path

from accounts.private_pages import for_everybody
from bench.yardsticks import CONSTANT, PUBLIC_CONSTANT
from nemuro_strategy import urls
from nemuro_strategy.urls import handler403, handler404, handler500

__all__ = ["constant", "handler403", "handler404", "handler500", "public_constant", "urlpatterns"]


def constant(request: HttpRequest) -> HttpResponse:
    """Answer a constant for a person who is logged in."""
    assert request.user.is_authenticated
    return HttpResponse("固定")


@login_not_required
def public_constant(request: HttpRequest) -> HttpResponseBase:
    """Answer a constant for everybody, as the public pages are."""
    return for_everybody(HttpResponse("固定"))


urlpatterns = [
    path(CONSTANT.removeprefix("/"), constant),
    path(PUBLIC_CONSTANT.removeprefix("/"), public_constant),
    *urls.urlpatterns,
]
