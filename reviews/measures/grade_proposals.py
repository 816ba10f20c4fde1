"""The grade that the KPIs of a measure suggest for its 内部評価. A person decides.

By counts alone: an average over indicators of different units means nothing. 参考指標 and KPIs
without a judgement do not count.
"""

from collections.abc import Iterable, Sequence

from indicators.rules.terms import Band, Status, band_of
from plans.nodes import ListingNode

STEPS = 3
"""The proposals go from 0, the best, to 3."""

RULE = (
    "評価の案は、判定のある指標の件数だけで決めています。すべてが◎か○で、◎が半分以上なら最も良い評価、"
    "◎と○が半分より多ければその次、×だけなら最も低い評価、ほかはその間です。"
)


def proposed_grade(kpis: Iterable[ListingNode], grades: Sequence[str]) -> str:
    """Return the grade suggested by KPIs of a judged tree; "" where none of them is judged.

    `grades` are the labels of the plan, the best first; of more or fewer than four, the nearest.
    """
    bands = [_band(one) for one in kpis if not one.is_monitor]
    judged = [band for band in bands if band is not None]
    if not judged or not grades:
        return ""
    return grades[round(_step(judged) * (len(grades) - 1) / STEPS)]


def _band(listing: ListingNode) -> Band | None:
    """Return the band of a judgement; None without one. 未実現 is a judgement like ×."""
    status = listing.assessment.status
    if status == Status.NOT_REALISED:
        return Band.BAD
    band = band_of(status)
    return None if band == Band.OPEN else band


def _step(judged: Sequence[Band]) -> int:
    good, fair, bad = (judged.count(band) for band in (Band.GOOD, Band.FAIR, Band.BAD))
    if good + fair == len(judged) and 2 * good >= len(judged):
        return 0
    if 2 * (good + fair) > len(judged):
        return 1
    return STEPS if bad == len(judged) else 2
