"""The judgements of all plans, to be compared before and after a correction."""

from indicators.corrections import Judged, JudgedYear
from plans.nodes import ListingNode
from plans.presentation import row_of
from plans.rows import strategies
from plans.tree import read_tree


def all_judgements() -> dict[JudgedYear, Judged]:
    """Return what is judged of a value, by listing and year; plans that are 作成中 as well."""
    plans = [(plan.code, plan.title) for plan in strategies(drafts=True)]
    return {
        JudgedYear(listing.model, listing.pk, year): _judged(
            f"{title}　{listing.name}" if len(plans) > 1 else listing.name, listing, year
        )
        for code, title in plans
        for listing in read_tree(code, drafts=True).listings
        for year in listing.period
        if listing.is_confirmed and listing.assess(year).value is not None
    }


def _judged(name: str, listing: ListingNode, year: int) -> Judged:
    row = row_of(listing, year)
    figure = f"（{row.judged_by}）" if row.judged_by else ""
    return Judged(name, f"{row.mark} {row.label}{figure}")
