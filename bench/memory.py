"""Pages rendered from memory: the cost of a page if its data are at hand.

`let_trees_be_held` and `let_pages_be_noted` permanently replace a function of the product: requests
of other threads continue as before.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from inspect import unwrap
from typing import Any, cast

from django.db import connection, transaction
from django.http import HttpResponse
from django.template import Context, loader
from django.template.context import make_context
from django.test.utils import CaptureQueriesContext

from plans import pages
from plans.nodes import StrategyTree
from plans.tree import read_tree

Request = Callable[[], Any]
"""What asks for a page by Django's test client, and returns its answer."""

Render = Callable[[], HttpResponse]

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')

_render_to_string = loader.render_to_string
_held: ContextVar[StrategyTree | None] = ContextVar("held", default=None)
_read: ContextVar[list[StrategyTree] | None] = ContextVar("read", default=None)
_rendered: ContextVar[list[Any] | None] = ContextVar("rendered", default=None)


def held_or_read(*args: Any, **kwargs: Any) -> StrategyTree:
    """Return the tree that is held in memory, as `read_tree`; without one, read it and note it."""
    if (tree := _held.get()) is not None:
        return tree
    tree = read_tree(*args, **kwargs)
    if (noted := _read.get()) is not None:
        noted.append(tree)
    return tree


def noting_render(*args: Any, **kwargs: Any) -> str:
    """Render as Django does, and note of what."""
    if (noted := _rendered.get()) is not None:
        noted.append((args, kwargs))
    return _render_to_string(*args, **kwargs)


def install() -> None:
    """Let pages of plans use a tree in memory, and all pages note template and context."""
    pages.read_tree = held_or_read  # type: ignore[attr-defined]
    loader.render_to_string = noting_render  # type: ignore[assignment]


@contextmanager
def _set(variable: ContextVar, value: Any) -> Iterator[Any]:
    token = variable.set(value)
    try:
        yield value
    finally:
        variable.reset(token)


def view_from_memory(request: Request) -> Render:
    """Return a function that renders the page of a plan again, after `install`.

    It does everything the view does without a query: the judged tree and the user are loaded
    beforehand. Raises RuntimeError if the page differs or if there is a query.
    """
    response = _answered(request)
    asked = response.wsgi_request
    match = asked.resolver_match
    with _set(_read, []) as trees, transaction.atomic():
        request()  # in a transaction no page is kept
    view = unwrap(match.func)

    def render() -> HttpResponse:
        with _set(_held, trees[-1]):
            return view(asked, *match.args, **match.kwargs)

    return _checked(render, response)


def template_from_memory(request: Request) -> Render:
    """Return a function that renders the template of a page again, after `install`.

    What the view has put into it is at hand. Raises RuntimeError as `view_from_memory`.
    """
    with _set(_rendered, []) as rendered:
        response = _answered(request)
    [((name, context, asked), kwargs)] = rendered
    template = cast(Any, loader.get_template(name, **kwargs)).template
    full = make_context(context, asked)
    with full.bind_template(template):
        held = full.flatten()

    def render() -> HttpResponse:
        return HttpResponse(template.render(Context(held, autoescape=True)))

    render()  # what is lazy is read now
    return _checked(render, response)


def _answered(request: Request) -> Any:
    response = request()
    if response.status_code != 200:
        raise RuntimeError(f"The page answers {response.status_code}.")
    return response


def _checked(render: Render, response: HttpResponse) -> Render:
    with CaptureQueriesContext(connection) as queries:
        page = render().content.decode()
    if queries.captured_queries:
        raise RuntimeError(f"Rendering from memory asks the database: {queries[0]['sql']}")
    if _TOKEN.sub("", page) != _TOKEN.sub("", response.content.decode()):
        raise RuntimeError("What is rendered from memory is not the page.")
    return render
