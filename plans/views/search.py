"""The page that searches a plan."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import access
from accounts.decorators import allowed
from plans.nodes import StrategyTree
from plans.pages import Link, kept_query, page_context, tree_for, words_for
from plans.search import LONGEST, HitGroup, search, words_in
from plans.tree import read_tree


@dataclass(frozen=True)
class PlanHits:
    """What was found in another plan; `query` is that of its links, `url` its own search."""

    title: str
    groups: list[HitGroup]
    query: str
    url: str

    @property
    def count(self) -> int:
        return sum(len(group.hits) for group in self.groups)


@require_safe
@allowed(access.may_read)
def search_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show what contains all words of ?q=, by kind, in this plan and then in the others.

    Without words, the page says what can be searched.
    """
    tree = tree_for(request, code)
    asked = request.GET.get("q", "").strip()[:LONGEST]
    words = words_in(asked)
    groups = search(tree, words)
    elsewhere = _found_elsewhere(request, tree, asked) if words else []
    context = page_context(
        request,
        tree,
        heading="検索",
        crumbs=[Link("検索")],
        asked=asked,
        words=words,
        groups=groups,
        elsewhere=elsewhere,
        count=sum(len(group.hits) for group in groups),
        longest=LONGEST,
    )
    return render(request, "plans/search.html", context)


def _found_elsewhere(request: HttpRequest, tree: StrategyTree, asked: str) -> list[PlanHits]:
    """Return what was found in the other plans that the user may see, as of the same day."""
    found = []
    drafts = access.may_see_drafts(request.user)
    for plan in tree.others:
        words = words_for(request.user)
        other = read_tree(plan.code, words=words, as_of=tree.as_of, drafts=drafts)
        if groups := search(other, words_in(asked)):
            query = kept_query(other)
            url = f"{reverse('search', args=[plan.code])}{query}&{urlencode({'q': asked})}"
            found.append(PlanHits(plan.title, groups, query, url))
    return found
