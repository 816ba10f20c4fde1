"""Which editions keep showing a value that is marked 秘匿 only after they were fixed."""

import json
from collections.abc import Iterator

from entry.frozen_papers import FrozenPaper
from indicators.models import Actual
from indicators.rules.terms import WITHHELD
from japanese.fiscal_years import era_label
from plans.json_tree import listings_in
from reviews.editions.editions_of_plan import is_standing, state_of_edition
from reviews.editions.freezing import public_kinds
from reviews.editions.public_data import PUBLIC_JSON
from reviews.models import Edition, EditionFile

_PUBLISHED = (
    "公表した号は、後から直せません。市のホームページに載せたものをどうするか（外す、新しい号に"
    "替えるなど）を、企画担当が決めてください。印を付けた後に確定する号からは、この値を載せません。"
)
_FIXED = (
    "まだ公表していません。企画担当がこの号を取り下げて確定し直すと、公表するものに、この値を"
    "載せずに済みます。"
)


def editions_with(actual: Actual) -> list[FrozenPaper]:
    """Return the editions whose public files show a value, published or not; two queries.

    The inside files of an edition have every value, marked or not, and nobody publishes an edition
    that was withdrawn.
    """
    code = json.dumps(actual.indicator.code, ensure_ascii=False)
    editions = (
        Edition.objects.filter(fiscal_year__gte=actual.fiscal_year_id, data__contains=code)
        .defer("data")
        .select_related("strategy", "publication", "withdrawal")
        .order_by("strategy__code", "fiscal_year_id", "number")
    )
    standing = [one for one in editions if is_standing(one)]
    files: dict[int, list[EditionFile]] = {}
    for file in EditionFile.objects.filter(edition__in=standing, kind__in=public_kinds()):
        files.setdefault(file.edition_id, []).append(file)
    return [
        _paper(edition, found)
        for edition in standing
        if (found := files.get(edition.pk)) and any(_shows(actual, one) for one in found)
    ]


def _shows(actual: Actual, file: EditionFile) -> bool:
    """Return whether the public data of an edition has the value."""
    return file.kind == PUBLIC_JSON and any(
        said["availability"] != WITHHELD for said in _said(actual, bytes(file.content))
    )


def _said(actual: Actual, content: bytes) -> Iterator[dict[str, str]]:
    for listing in listings_in(json.loads(content)["plan"]):
        if listing["indicator"]["code"] == actual.indicator.code:
            said = listing.get("actuals", {}).get(str(actual.fiscal_year_id))
            if said:
                yield said


def _paper(edition: Edition, files: list[EditionFile]) -> FrozenPaper:
    return FrozenPaper(
        name=f"{edition.strategy} 検証調書 第{edition.number}号"
        f"（{era_label(edition.fiscal_year_id)}実績）",
        state_label=state_of_edition(edition),
        files=tuple(
            one.name for one in sorted(files, key=lambda one: public_kinds().index(one.kind))
        ),
        remedy=_PUBLISHED if hasattr(edition, "publication") else _FIXED,
    )
