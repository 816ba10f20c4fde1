"""The judgements of all plans, to be compared before and after a correction."""

from indicators.corrections import Judged, JudgedYear
from indicators.rules.terms import mark_of_status
from plans.nodes import PlainListing
from plans.presentation import deciding_figure
from plans.rows import strategies
from plans.tree import read_plain_tree


def all_judgements() -> dict[JudgedYear, Judged]:
    """Return all judgements with a value, by listing and year, each as the plan was in that year.

    Plans that are 作成中 are there as well, and listings that have ended.
    """
    plans = [(plan.code, plan.title) for plan in strategies(drafts=True)]
    return {
        JudgedYear(listing.model, listing.pk, year): _judged(
            f"{title}　{listing.name_alone}" if len(plans) > 1 else listing.name_alone,
            listing,
            year,
        )
        for code, title in plans
        for listing in read_plain_tree(code, drafts=True).listings
        for year in listing.period
        if _is_judged(listing, year)
    }


def _is_judged(listing: PlainListing, year: int) -> bool:
    then = listing.in_year(year)
    held = listing.holds_in(year) and year in then.period
    judged = listing.assess(year)
    return held and then.is_confirmed and (judged.value is not None or judged.is_chosen)


def _judged(name: str, listing: PlainListing, year: int) -> Judged:
    then, judged = listing.in_year(year), listing.assess(year)
    figure = deciding_figure(then, judged)
    mark = mark_of_status(judged.status, then.scale)
    return Judged(name, f"{mark} {judged.label}" + (f"（{figure}）" if figure else ""))
