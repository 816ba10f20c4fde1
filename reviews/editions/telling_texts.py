"""Texts that may say what the public must not know: a withheld value, or the name of a person.

Only people can judge a text; this finds where they should look before a year is fixed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from accounts.models import User
from japanese.numerals import half_width
from plans.nodes import ListingNode, StrategyTree
from reviews.editions.hidden_amounts import NumbersOfText, hidden_amounts, plain_text
from reviews.editions.withholding import public_tree
from reviews.models import CouncilMember

SHORTEST_NAME = 3
"""Shorter names are also parts of other words."""

MOST_NAMED = 5
"""How many indicators with withheld values a message names."""

_PARTS = {
    "measure_reviews": "内部評価",
    "project_years": "事業の実績",
    "councils": "有識者会議",
    "goal_reviews": "外部評価",
    "grant_reviews": "交付金の検証",
}
_INSIDE = ("members", "minutes")
"""What of a meeting is not published."""

_TITLES = "さん|氏|様|委員|会長|座長|議長|教授|先生|[部課係室市]長|主[事任幹査]"
"""What people put behind a family name, as a pattern."""


def telling_texts(
    tree: StrategyTree, public: StrategyTree, reviewed: Mapping[str, Any]
) -> list[str]:
    """Return where a text of the year reveals a withheld value, or has a person's name.

    `tree` has confirmed values only, `public` is what the public may see of it (public_tree).
    `reviewed` is that of reviews.editions.freezing.reviews_of_year, to which an edition adds its
    differences. Needs two queries.
    """
    texts = [(name, text) for part, name in _PARTS.items() for text in _texts(reviewed[part])]
    texts += [("実績値の備考", text) for text in _published_remarks(public)]
    texts += [("前回公表値との差の理由", one["reason"]) for one in reviewed.get("differences", ())]
    return telling_in(tree, public, texts)


def telling_in(
    tree: StrategyTree, public: StrategyTree, texts: Iterable[tuple[str, str]]
) -> list[str]:
    """Return the same of some texts, each with the name of what it is a text of."""
    amounts = hidden_amounts(tree, public)
    patterns = {one: _pattern_of_name(one) for one in _names(tree)}
    found = []
    for name, text in texts:
        said = plain_text(text)
        numbers = NumbersOfText(said if amounts else "")
        told = [one.what for one in amounts if one.is_in(numbers)]
        told += [f"氏名「{one}」" for one, pattern in patterns.items() if re.search(pattern, said)]
        found += [f"{name}の文「{_beginning(text)}」に、{what}があります。" for what in told]
    return found


def _pattern_of_name(name: str) -> str:
    """Return what finds a name, and the family name with what people put behind it: 甲野委員."""
    family, *given = half_width(name).split()
    whole = re.escape(plain_text(name))
    return rf"{whole}|{re.escape(family)}(?:{_TITLES})" if given and len(family) > 1 else whole


def telling_errata(tree: StrategyTree, texts: Iterable[str]) -> list[str]:
    """Return what the texts of a 正誤 reveal; if values are 秘匿, that any text may.

    An entry has numbers without units and short names: no search finds everything that it reveals.
    """
    public = public_tree(tree)
    found = telling_in(tree, public, [("正誤", text) for text in texts])
    withheld = [one.name_alone for one in public.listings if _has_withheld(one)]
    names = list(dict.fromkeys(withheld))
    if names:
        named = "".join(f"「{name}」" for name in names[:MOST_NAMED])
        more = f"など{len(names)}件" if len(names) > MOST_NAMED else ""
        found.append(f"この年度には、秘匿の値がある指標（{named}{more}）があります。")
    return found


def _has_withheld(listing: ListingNode) -> bool:
    values = listing.indicator.actuals.values()
    return bool(listing.withheld.judgements) or any(one.withheld for one in values)


def _published_remarks(public: StrategyTree) -> Iterator[str]:
    """Yield the remarks on values that the public files have."""
    nodes = {one.indicator.pk: one.indicator for one in public.listings}
    for node in nodes.values():
        yield from (actual.remarks for actual in node.actuals.values() if actual.remarks)


def _names(tree: StrategyTree) -> list[str]:
    staff = User.objects.exclude(full_name="").order_by("full_name")
    members = CouncilMember.objects.filter(
        council__strategy__code=tree.code, council__fiscal_year=tree.fiscal_year
    )
    names = [*staff.values_list("full_name", flat=True), *members.values_list("name", flat=True)]
    return [name for name in dict.fromkeys(names) if len(plain_text(name)) >= SHORTEST_NAME]


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for key, below in content.items():
            if key not in _INSIDE:
                yield from _texts(below)
    elif isinstance(content, list):
        for below in content:
            yield from _texts(below)


def _beginning(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 30 else f"{one_line[:30]}…"
