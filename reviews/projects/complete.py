"""What the results of a project need before a head sees them: what is empty, and what to do."""

from collections.abc import Iterator

from reviews.lacking import Lacking
from reviews.models import ProjectYear, has_money, yen_label


def lacking_results(row: ProjectYear) -> Iterator[Lacking]:
    """Yield what the results lack; they may be stored without it, as 入力中.

    What is not the city's, or listed again, has no money here. 決算額 of zero has no 財源.
    """
    if not row.done.strip():
        remedy = "実施内容を入力してください。実施していないときは、その理由を入力してください。"
        yield Lacking("done", "実施内容", remedy)
    if has_money(row.project):
        if row.settlement is None:
            remedy = "決算額を入力してください。支出がないときは「0」と入力してください。"
            yield Lacking("settlement", "決算額", remedy)
        elif row.settlement and all(amount is None for amount in row.funds):
            settlement = yen_label(row.settlement)
            remedy = f"財源を、合計が決算額（{settlement}）と同じになるように入力してください。"
            yield Lacking("national", f"決算額{settlement}の財源", remedy)
    if not row.policy:
        yield Lacking("policy", "今後の方針", "今後の方針を選んでください。")
