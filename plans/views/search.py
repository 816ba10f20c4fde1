"""The page that searches a plan."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from plans.pages import Link, page_context, tree_for
from plans.search import LONGEST, search, words_in


@require_safe
@allowed(access.may_read)
def search_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show what contains all words of ?q=, by kind; without words, what can be searched."""
    tree = tree_for(request, code)
    asked = request.GET.get("q", "").strip()[:LONGEST]
    words = words_in(asked)
    groups = search(tree, words)
    context = page_context(
        request,
        tree,
        heading="検索",
        crumbs=[Link("検索")],
        asked=asked,
        words=words,
        groups=groups,
        count=sum(len(group.hits) for group in groups),
        longest=LONGEST,
    )
    return render(request, "plans/search.html", context)
