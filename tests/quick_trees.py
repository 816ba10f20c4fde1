"""Reads a plan once for many pages that are asked for while nothing changes.

Half of the time of a page goes into reading the plan from the database, by the same call for each
page of a year. A tree cannot be changed, so that pages may share one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from plans import pages
from plans.nodes import StrategyTree
from plans.tree import NEWEST, Newest, read_tree

Trees = dict[tuple, StrategyTree]
"""What was read, by what was asked for."""


@contextmanager
def plans_read_once(trees: Trees | None = None) -> Iterator[None]:
    """Give pages the tree that was read before by the same call, in this block or into `trees`.

    Only where nothing writes anything of a plan or its values.
    """
    trees = {} if trees is None else trees

    def read(
        code: str,
        fiscal_year: int | Newest = NEWEST,
        *,
        words: Mapping[str, str] | None = None,
        as_of: date | None = None,
        drafts: bool = False,
    ) -> StrategyTree:
        key = (code, fiscal_year, frozenset((words or {}).items()), as_of, drafts)
        if key not in trees:
            trees[key] = read_tree(code, fiscal_year, words=words, as_of=as_of, drafts=drafts)
        return trees[key]

    with patch.object(pages, "read_tree", read):
        yield
