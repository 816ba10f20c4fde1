"""What the importers of the forms that sections fill in at the year's end have in common."""

from collections.abc import Mapping
from typing import Any

from indicators.models import FiscalYear
from plans.nodes import StrategyTree
from tables.importing import Importer, ReadDocument
from trail.history import Door


class FormOfYearImporter(Importer[ReadDocument]):
    """Imports forms of a plan's year. `texts` says of what, for the ticket of the import."""

    door = Door.FORM
    reason = ""
    texts: str

    def __init__(
        self, user: Any, tree: StrategyTree, year: FiscalYear, decisions: Mapping[str, str]
    ) -> None:
        """`decisions` has the answers to `Question`s, by the ids of their choices."""
        self.user, self.tree, self.year = user, tree, year
        self.decisions = decisions
        self.table = f"reviews.{self.texts}.{tree.code}.{year.pk}"
