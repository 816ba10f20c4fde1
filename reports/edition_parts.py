"""What reports contribute to an edition: the plan as JSON, 検証報告書, and the data as a file."""

from plans.nodes import StrategyTree
from reports.review_workbook import review_workbook
from reports.sheets.cover import Facts
from reports.strategy_json import strategy_as_json
from reviews.freezing import Frozen, register_file, register_part, register_public_file
from reviews.public_data import PUBLIC_JSON
from trail.downloads import JSON, XLSX


def workbook_of(tree: StrategyTree, frozen: Frozen) -> bytes:
    """Return 検証報告書 of an edition, in nobody's name and without 根拠資料."""
    facts = Facts(
        by=f"検証調書 第{frozen.number}号（{frozen.document_number}）",
        at=frozen.fixed_at,
        may_see_evidence=lambda *about: False,
    )
    return review_workbook(tree, facts=facts)


def register_parts() -> None:
    """Register them; called when the app is ready."""
    register_part("plan", strategy_as_json)
    register_file("xlsx", XLSX, workbook_of)
    register_file("json", JSON, lambda tree, frozen: frozen.text.encode())
    register_public_file(
        PUBLIC_JSON, "データ.json", JSON, lambda tree, frozen: frozen.text.encode()
    )
