"""A bulk table whose import shows, before it is confirmed, which judgements it changes."""

from indicators import corrections
from indicators.corrections import Judgements
from tables.importing import Comparison
from tables.resource import TableResource

NO_REASON = "過去の判定が変わります。登録の誤りを直す場合だけ、変更の理由を入力してください。"


class CorrectingResource(TableResource):
    """Compares all judgements before the first row is written with those after the last."""

    judgements_before: Judgements = {}

    def prepare(self) -> None:
        super().prepare()
        self.judgements_before = corrections.judgements()

    def finish(self, comparison: Comparison, *, writing: bool) -> None:
        super().finish(comparison, writing=writing)
        if not comparison.changed:
            return
        after = corrections.judgements()
        comparison.consequences = list(corrections.differences(self.judgements_before, after))
        if comparison.consequences and not self.reason.strip():
            comparison.refuse("reason", NO_REASON)
