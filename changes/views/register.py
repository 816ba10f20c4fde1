"""The changes for auditors: pages and files."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from accounts import access
from accounts.decorators import allowed
from changes.change_columns import MOVES_RULE
from changes.change_files import CONTENT_TYPES, About, write_changes, write_moves
from changes.change_search import ChangeSearch, MoveSearch
from changes.history_rows import Conditions, beyond, find
from changes.past_changes import PastChange, read_changes
from changes.unexplained_moves import UnexplainedMove, all_moves, describe, find_moves
from goals.models import Strategy
from indicators.rules.narrowing_types import given
from plans.pages import Link
from plans.value_addresses import listing_addresses, value_address
from tables import file_making
from tables.file_making import Made
from trail.downloads import OutgoingFile, download

ON_A_PAGE = 100


@require_safe
@allowed(access.may_see_changes)
def changes(request: HttpRequest) -> HttpResponse:
    """Show the changes of values, indicators, plans, years and sections that match the form."""
    search = ChangeSearch(request.GET)
    conditions = _conditions(request, search) if search.is_valid() else None
    page = _page(request, find(conditions)) if conditions else None
    context = _context(request, search, page, heading="変更履歴")
    context["rows"] = _with_addresses(read_changes(page)) if page else []
    context["beyond"] = beyond(conditions) if conditions else []
    context["count_after_confirmation"] = find(Conditions(after_confirmation=True)).count()
    context["count_moves"] = len(all_moves())
    return render(request, "changes/changes.html", context)


@require_safe
@allowed(access.may_see_changes)
def moves(request: HttpRequest) -> HttpResponse:
    """Show values without remarks that are far from the previous value."""
    search = MoveSearch(request.GET)
    page = None
    if search.is_valid():
        page = _page(request, find_moves(**search.cleaned_data))
    context = _context(request, search, page, heading="備考がなく大きく動いた値")
    found = describe(page or ())
    addresses = listing_addresses({move.indicator_id for move in found})
    context["rows"] = [(move, _address_of(move, addresses)) for move in found]
    context["rule"] = MOVES_RULE
    return render(request, "changes/moves.html", context)


@require_GET
@allowed(access.may_see_changes)
@file_making.answering
def changes_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    """Send the changes that match the form as a file: xlsx or csv."""
    search = ChangeSearch(request.GET)
    if not search.is_valid():
        return redirect(f"{reverse('changes')}?{search.query()}")
    conditions = _conditions(request, search)
    about = _about(request, "変更履歴", search, beyond(conditions))
    made = file_making.make(request, write_changes, conditions, about, ending)
    return _file(request, ending, made, search, about)


@require_GET
@allowed(access.may_see_changes)
@file_making.answering
def moves_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    """Send the values that moved much as a file: xlsx or csv."""
    search = MoveSearch(request.GET)
    if not search.is_valid():
        return redirect(f"{reverse('moves')}?{search.query()}")
    about = _about(request, "備考がなく大きく動いた値", search)
    made = file_making.make(request, write_moves, search.cleaned_data, about, ending)
    return _file(request, ending, made, search, about)


def _conditions(request: HttpRequest, search: ChangeSearch) -> Conditions:
    return search.conditions(with_drafts=access.may_see_drafts(request.user))


def _page(request: HttpRequest, found: Any) -> Page:
    return Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))


def _context(
    request: HttpRequest, search: ChangeSearch, page: Page | None, **more: Any
) -> dict[str, Any]:
    """Return the context that both pages need around their table."""
    return {
        "invented": _is_invented(),
        "search": search,
        "query": search.query(),
        "page": page,
        "pages": _page_links(page, search.query()) if page else [],
        **more,
    }


def _is_invented() -> bool:
    """Return whether this installation has invented values."""
    return Strategy.objects.filter(invented=True).exists()


def _page_links(page: Page, query: str) -> list[Link]:
    """Return the pagination links; a link without an address stands for a gap."""
    paginator = page.paginator
    if paginator.num_pages == 1:
        return []
    before = f"?{query}&page=" if query else "?page="
    return [
        Link(
            str(number),
            "" if number == str(paginator.ELLIPSIS) else f"{before}{number}",
            number == page.number,
        )
        for number in paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    ]


def _with_addresses(found: list[PastChange]) -> list[tuple[PastChange, str]]:
    """Return each change with the address of its value or listing; "" if no plan lists it."""
    addresses = listing_addresses({change.indicator_id for change in found if change.indicator_id})
    rows = []
    for change in found:
        address = addresses.get(change.indicator_id or 0, "")
        if address and change.is_of_value and change.fiscal_year:
            address = value_address(address, change.fiscal_year)
        rows.append((change, address))
    return rows


def _address_of(move: UnexplainedMove, addresses: dict[int, str]) -> str:
    listing = addresses.get(move.indicator_id)
    return value_address(listing, move.fiscal_year) if listing else ""


def _about(
    request: HttpRequest, title: str, search: ChangeSearch, left_out: Sequence[str] = ()
) -> About:
    now = timezone.localtime()
    facts = [
        ("条件", search.in_words()),
        *([("条件で探せない記録（除外）", "、".join(left_out))] if left_out else []),
        ("出力日時", f"{now:%Y-%m-%d %H:%M}"),
        ("出力した人", str(request.user)),
    ]
    return About(title, facts, _is_invented())


def _file(
    request: HttpRequest, ending: str, made: Made, search: ChangeSearch, about: About
) -> HttpResponseBase:
    today = timezone.localdate()
    subject, _ = str(given(request.resolver_match).url_name).split("_")
    return download(
        request,
        OutgoingFile(
            made.file,
            name=f"{about.title}_{today}.{ending}",
            ascii_name=f"{subject}_{today}.{ending}",
            content_type=CONTENT_TYPES[ending],
        ),
        detail=f"{search.in_words()}、{made.result}行",
    )
