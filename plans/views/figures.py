"""The chart of a listing for use elsewhere: a page that prints as a figure, and an SVG file."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_safe

from accounts import access
from accounts.decorators import allowed
from japanese.calendar_days import day_label
from japanese.fiscal_years import era_label, full_label
from plans.charting import ListingChart, chart_of
from plans.figures import svg_of
from plans.kept_pages import kept_page
from plans.listing_pages import crumbs_of_listing, kind_of_listing
from plans.nodes import ListingNode, StrategyTree
from plans.other_plans import published_elsewhere
from plans.pages import Link, PageNotFound, kept_query, listing_of_year, page_context
from plans.years_around import years_outside
from trail.downloads import SVG, OutgoingFile, download, file_name


@require_safe
@allowed(access.may_read)
@kept_page
def figure_page(request: HttpRequest, code: str, place: str, model: str) -> HttpResponse:
    """Show the chart of a listing alone, as it prints and as its file is."""
    tree, listing = listing_of_year(request, code, model, place)
    chart = _chart(tree, listing)
    *above, _ = crumbs_of_listing(tree, listing)
    context = page_context(
        request,
        tree,
        crumbs=[*above, Link(listing.name_alone, listing.url + kept_query(tree)), Link("図")],
        heading=f"{listing.name_alone}の図",
        kind_of_listing=kind_of_listing(tree, listing),
        # Written by ElementTree, which escapes what is in it.
        svg=SafeString(svg_of(tree, listing, chart)),
        svg_url=f"{listing.url}chart.svg{kept_query(tree)}",
        png_name=f"{_name(tree, listing)}.png",
    )
    return render(request, "plans/figure.html", context)


@require_GET
@allowed(access.may_read)
def figure_file(request: HttpRequest, code: str, place: str, model: str) -> HttpResponseBase:
    """Send the chart of a listing as an SVG file."""
    tree, listing = listing_of_year(request, code, model, place)
    chart = _chart(tree, listing)
    day = f"_{tree.as_of}" if tree.as_of else ""
    return download(
        request,
        OutgoingFile(
            svg_of(tree, listing, chart).encode(),
            name=f"{_name(tree, listing)}.svg",
            ascii_name=f"{tree.code}_{tree.fiscal_year}{day}_{listing.model}-{listing.pk}.svg",
            content_type=SVG,
        ),
        detail=_contents(tree, listing),
    )


def _chart(tree: StrategyTree, listing: ListingNode) -> ListingChart:
    """Return the chart of a listing as papers have it. Raises PageNotFound if there is none."""
    elsewhere = published_elsewhere(tree).get(listing.indicator.pk, ())
    chart = chart_of(listing, years_outside(listing, elsewhere))
    if chart is None:
        raise PageNotFound(
            f"「{listing.name_alone}」には、図にする値がまだありません。",
            [Link("指標の画面へ", listing.url + kept_query(tree))],
        )
    return chart


def _name(tree: StrategyTree, listing: ListingNode) -> str:
    """Return the name of the file without its ending: ○○市総合戦略_平成29年度実績_…の推移."""
    day = f"{tree.as_of}時点" if tree.as_of else ""
    parts = (
        tree.title, f"{era_label(tree.fiscal_year)}実績", day, f"{listing.name_alone}の推移"
    )  # fmt: skip
    return file_name("_".join(part for part in parts if part))


def _contents(tree: StrategyTree, listing: ListingNode) -> str:
    parts = (
        f"{tree.title}（{tree.code}）",
        full_label(tree.fiscal_year),
        f"{day_label(tree.as_of)}終了時点のデータ" if tree.as_of else "",
        f"「{listing.name_alone}」の図",
    )
    return "、".join(part for part in parts if part)
