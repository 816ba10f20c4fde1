"""The changes for auditors: pages and files."""

from collections.abc import Iterable
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
from changes import change_files
from changes.change_columns import (
    CHANGE_COLUMNS,
    MOVE_COLUMNS,
    MOVES_RULE,
    changed_fields,
    invented_column,
)
from changes.change_search import ChangeSearch, MoveSearch
from changes.history_rows import Conditions, find
from changes.past_changes import PastChange, every_change, read_changes
from changes.unexplained_moves import UnexplainedMove, describe, find_moves
from goals.models import Strategy
from indicators.rules.given import given
from plans.pages import Link
from plans.value_addresses import listing_addresses, value_address
from tables.table_files import DataColumn
from trail.downloads import OutgoingFile, download

ON_A_PAGE = 100


@require_safe
@allowed(access.may_see_changes)
def changes(request: HttpRequest) -> HttpResponse:
    """Show the changes of values, indicators, plans, years and sections that match the form."""
    search = ChangeSearch(request.GET)
    page = _page(request, find(search.conditions())) if search.is_valid() else None
    context = _context(request, search, page, heading="変更履歴")
    context["rows"] = _with_addresses(read_changes(page)) if page else []
    context["count_after_confirmation"] = find(Conditions(after_confirmation=True)).count()
    context["count_moves"] = len(find_moves())
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
def changes_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    """Send the changes that match the form as a file: xlsx or csv."""
    search = ChangeSearch(request.GET)
    if not search.is_valid():
        return redirect(f"{reverse('changes')}?{search.query()}")
    rows = changed_fields(every_change(search.conditions()))
    return _file(request, ending, "変更履歴", CHANGE_COLUMNS, rows, search)


@require_GET
@allowed(access.may_see_changes)
def moves_file(request: HttpRequest, ending: str) -> HttpResponseBase:
    """Send the values that moved much as a file: xlsx or csv."""
    search = MoveSearch(request.GET)
    if not search.is_valid():
        return redirect(f"{reverse('moves')}?{search.query()}")
    rows = describe(find_moves(**search.cleaned_data))
    return _file(request, ending, "備考がなく大きく動いた値", MOVE_COLUMNS, rows, search)


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


def _file(
    request: HttpRequest,
    ending: str,
    title: str,
    columns: tuple[DataColumn, ...],
    rows: Iterable[Any],
    search: ChangeSearch,
) -> HttpResponseBase:
    """Send the rows as a file."""
    now = timezone.localtime()
    facts = [
        ("条件", search.in_words()),
        ("出力日時", f"{now:%Y-%m-%d %H:%M}"),
        ("出力した人", str(request.user)),
    ]
    columns = (*columns, invented_column(_is_invented()))
    subject, _ = str(given(request.resolver_match).url_name).split("_")
    written = change_files.write(change_files.Contents(title, columns, rows, facts), ending)
    return download(
        request,
        OutgoingFile(
            written.file,
            name=f"{title}_{now:%Y-%m-%d}.{ending}",
            ascii_name=f"{subject}_{now:%Y-%m-%d}.{ending}",
            content_type=change_files.CONTENT_TYPES[ending],
        ),
        detail=f"{search.in_words()}、{written.rows}行",
    )
