"""What the page and the workbook of a revision share: the whole plan and the revision."""

from django.http import HttpRequest

from accounts import access
from plans.nodes import PlainTree, RevisionNode, StrategyTree
from plans.pages import Link, PageNotFound, kept_query
from plans.tree import read_plain_tree


def whole_tree(request: HttpRequest, tree: StrategyTree) -> PlainTree:
    """Return the plan of a tree with all its parts and versions, as of the same day."""
    drafts = access.may_see_drafts(request.user)
    return read_plain_tree(tree.code, as_of=tree.as_of, drafts=drafts)


def revision_numbered(tree: StrategyTree, whole: PlainTree, number: int) -> RevisionNode:
    """Return a revision of the plan. Raises PageNotFound."""
    for one in whole.revisions:
        if one.number == number:
            return one
    raise PageNotFound(
        f"{tree.title}に、第{number}回の改訂はありません。",
        [Link("計画の改訂を見る", f"{tree.base_url}revisions/{kept_query(tree)}")],
    )
