"""What nobody may do to their own account, so that somebody in planning always remains."""

from collections.abc import Collection
from typing import Any

from accounts import access


def faults(acting: Any, account_id: int | None, *, is_active: bool, roles: Collection[str]) -> dict:
    """Return by field what is wrong with an account that somebody is about to save."""
    wrong = {}
    if not is_active and not access.may_deactivate(acting, account_id):
        wrong["is_active"] = (
            "自分自身を無効にすることはできません。ほかの企画担当に依頼してください。"
        )
    if not access.may_set_roles(acting, account_id, roles):
        wrong["groups"] = (
            "自分自身から企画担当の役割を外すことはできません。ほかの企画担当に依頼してください。"
        )
    return wrong
