"""The slides of a year, one at an address or all of them to print."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from japanese.numerals import half_width, shown
from plans.pages import READERS_WORDS, Link, UnknownChoice, page_context
from reports.scope import scope_query, tree_in_scope
from reports.slides import slides_of
from reviews.editions.withholding import public_tree

ALL = "all"


@require_safe
@allowed(access.may_read)
def slides(request: HttpRequest, code: str) -> HttpResponse:
    """Show the slide of ?page=, or all of them one below the other, for printing."""
    # They are shown to people outside: without what is 秘匿.
    tree = public_tree(tree_in_scope(request, code, words=READERS_WORDS))
    found = list(enumerate(slides_of(tree), 1))
    address = reverse("slides", args=[tree.code]) + scope_query(request, tree)
    asked = request.GET.get("page", "").strip() or "1"
    if asked == ALL:
        chosen, pages = found, {}
    else:
        number = _number(asked, len(found), address)
        chosen = found[number - 1 : number]
        pages = _pages_around(number, len(found), address)
    context = page_context(
        request,
        tree,
        heading=chosen[0][1].heading,
        slides=chosen,
        slide_count=len(found),
        pages=pages,
        one_by_one=address,
        print_url=f"{address}&page={ALL}",
    )
    return render(request, "reports/slides.html", context)


def _number(asked: str, last: int, address: str) -> int:
    """Return the number of the slide that is asked for. Raises UnknownChoice."""
    start = [Link("最初のページを表示する", address)]
    try:
        number = int(half_width(asked))
    except ValueError:
        message = f"ページ「{shown(asked)}」は番号として読めません。「2」のように指定してください。"
        raise UnknownChoice(message, start) from None
    if not 1 <= number <= last:
        message = f"説明用の画面は{last}ページまでです。{number}ページはありません。"
        raise UnknownChoice(message, start)
    return number


def _pages_around(number: int, last: int, address: str) -> dict[str, str]:
    """Return the addresses of the slides before and after, and of the first and the last."""
    around = {"previous": number - 1, "next": number + 1, "first": 1, "last": last}
    return {name: f"{address}&page={page}" for name, page in around.items() if 1 <= page <= last}
