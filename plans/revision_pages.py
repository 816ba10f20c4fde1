"""What the pages and the workbook of a revision share: the whole plan and the revision."""

from dataclasses import dataclass

from django.http import HttpRequest

from accounts import access
from plans.nodes import PlainTree, RevisionNode, StrategyTree
from plans.pages import Link, PageNotFound, kept_query, tree_for
from plans.revision_table import RevisedPart, revised_parts
from plans.tree import read_plain_tree


def whole_tree(request: HttpRequest, tree: StrategyTree) -> PlainTree:
    """Return the plan of a tree with all its parts and versions, as of the same day."""
    drafts = access.may_see_drafts(request.user)
    return read_plain_tree(tree.code, as_of=tree.as_of, drafts=drafts)


@dataclass(frozen=True)
class AskedRevision:
    """A revision, what it changed, and the plan of the year in the address."""

    tree: StrategyTree
    revision: RevisionNode
    parts: list[RevisedPart]


def revision_asked_for(request: HttpRequest, code: str, number: int) -> AskedRevision:
    """Return a revision of a plan by its number. Raises PageNotFound."""
    tree = tree_for(request, code)
    whole = whole_tree(request, tree)
    for one in whole.revisions:
        if one.number == number:
            return AskedRevision(tree, one, revised_parts(whole, one))
    raise PageNotFound(
        f"{tree.title}に、第{number}回の改訂はありません。",
        [Link("計画の改訂を見る", f"{tree.base_url}revisions/{kept_query(tree)}")],
    )
