"""Permissions, all in one place. Views, the admin and recording.py call these functions.

Every function takes a user (possibly anonymous or deactivated) and returns a bool, unless its
docstring says otherwise. Functions take section ids instead of objects, so that the only queries
are for the user's groups and sections, once per request.
"""

from collections.abc import Collection
from typing import Any

from django.conf import settings

from accounts.roles import Role


def roles_of(user: Any) -> frozenset[str]:
    """Return the roles of a user; empty for anonymous and deactivated ones.

    A superuser has the planning role, so that the person who installs the system can hand it over.
    """
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    if not hasattr(user, "_roles"):
        user._roles = _roles_in(user, user.groups.values_list("name", flat=True))
    return user._roles


def _roles_in(user: Any, groups: Collection[str | None]) -> frozenset[str]:
    roles = {role.value for role in Role} & set(groups)
    return frozenset(roles | {Role.PLANNING} if user.is_superuser else roles)


def remember(user: Any, *, groups: Collection[str | None], sections: Collection[int]) -> None:
    """Cache groups and section ids on a user, so that no later rule queries them."""
    user._roles = _roles_in(user, groups)
    user._section_ids = frozenset(sections)


def sections_of(user: Any) -> frozenset[int]:
    """Return the ids of the sections a user belongs to (several with 兼務)."""
    if not user.is_authenticated:
        return frozenset()
    if not hasattr(user, "_section_ids"):
        user._section_ids = frozenset(user.sections.values_list("pk", flat=True))
    return user._section_ids


# The role with the most work first: a user with several roles gets the first page of that one.
BY_WORK = (Role.PLANNING, Role.HEAD, Role.CLERK, Role.AUDITOR, Role.READER)


def main_role(user: Any) -> Role | None:
    """Return the role whose first page a user gets; None without a role."""
    roles = roles_of(user)
    return next((role for role in BY_WORK if role in roles), None)


def may_read(user: Any) -> bool:
    """Progress pages and their files: everybody with a role."""
    return bool(roles_of(user))


def is_planning(user: Any) -> bool:
    """Planning keeps the strategy, the years and the users."""
    return Role.PLANNING in roles_of(user)


def may_see_drafts(user: Any) -> bool:
    """Plans that are 作成中: planning."""
    return is_planning(user)


def may_revise(user: Any) -> bool:
    """Revisions of a plan, and what they change: planning."""
    return is_planning(user)


def may_use_admin(user: Any) -> bool:
    """The admin: everybody with a role other than reader."""
    return bool(roles_of(user) - {Role.READER})


def may_change_own_password(user: Any) -> bool:
    """Everybody who can log in, even without a role."""
    return user.is_authenticated and user.is_active


def may_see_own_account(user: Any) -> bool:
    """One's own account with its open sessions: everybody who can log in, even without a role."""
    return user.is_authenticated and user.is_active


def may_end_sessions(user: Any) -> bool:
    """Seeing and ending the open sessions of others: planning."""
    return may_keep_users(user)


def needs_second_factor(user: Any) -> bool:
    """Whether a role of the user is one of SECOND_FACTOR_ROLES."""
    demanded = {Role[name.upper()] for name in settings.SECOND_FACTOR_ROLES}
    return bool(demanded) and not demanded.isdisjoint(roles_of(user))


def may_reset_second_factor(user: Any) -> bool:
    """Deleting the app and the backup codes of others, who then set them up again: planning."""
    return may_keep_users(user)


def may_set_up(user: Any) -> bool:
    """導入のはじめに: city, first sections and users, first plan and year: planning."""
    return is_planning(user)


def may_keep_users(user: Any) -> bool:
    """Accounts, their roles and sections, and the sections themselves: planning."""
    return is_planning(user)


def may_deactivate(user: Any, other_id: int | None) -> bool:
    """Planning deactivates everybody but themselves, so that one planning user always remains."""
    return may_keep_users(user) and other_id != user.pk


def may_set_roles(user: Any, other_id: int | None, roles: Collection[str]) -> bool:
    """Planning sets all roles, but nobody removes the planning role from themselves."""
    keeps_planning = other_id != user.pk or user.is_superuser or Role.PLANNING in roles
    return may_keep_users(user) and keeps_planning


def account_faults(
    user: Any, other_id: int | None, *, is_active: bool, roles: Collection[str]
) -> dict[str, str]:
    """Return errors by field for an account that `user` is about to save.

    `other_id` is the id of the account; None for a new one.
    """
    faults = {}
    if not is_active and not may_deactivate(user, other_id):
        faults["is_active"] = (
            "自分自身を無効にすることはできません。ほかの企画担当に依頼してください。"
        )
    if not may_set_roles(user, other_id, roles):
        faults["groups"] = (
            "自分自身から企画担当の役割を外すことはできません。ほかの企画担当に依頼してください。"
        )
    return faults


def may_lift_lock_outs(user: Any) -> bool:
    """Lifting lock-outs after failed log-ins: planning."""
    return may_keep_users(user)


def may_read_events(user: Any) -> bool:
    """The log of log-ins, role changes and exports: planning and auditors."""
    return bool(roles_of(user) & {Role.PLANNING, Role.AUDITOR})


def may_keep_years(user: Any) -> bool:
    """Years, their due dates and whether entry is open: planning."""
    return is_planning(user)


def may_keep_indicators(user: Any) -> bool:
    """All fields of an indicator: planning. Sections edit its memo and contact."""
    return is_planning(user)


def may_enter_anything(user: Any) -> bool:
    """Return whether the user may enter values of any indicator."""
    roles = roles_of(user)
    if Role.PLANNING in roles:
        return True
    return bool(roles & {Role.CLERK, Role.HEAD}) and bool(sections_of(user))


def sections_to_enter(user: Any) -> frozenset[int]:
    """Return the ids of the sections for which the user enters values as one of them."""
    return sections_of(user) if may_enter_anything(user) else frozenset()


def may_enter(user: Any, entering_section_id: int) -> bool:
    """Values of an indicator: planning, and clerk and head of the section that enters them."""
    return is_planning(user) or entering_section_id in sections_to_enter(user)


def may_enter_for_every_section(user: Any) -> bool:
    """Values of all indicators at once: planning."""
    return is_planning(user)


def enters_as_answered(user: Any) -> bool:
    """Whether values entered by the user count as answered at once: planning has no head."""
    return is_planning(user)


def may_answer(user: Any) -> bool:
    """Answering for a section: its head. Values entered by clerks wait for that."""
    return Role.HEAD in roles_of(user)


def may_change_closed_year(user: Any) -> bool:
    """Changing values of a year whose entry is not open: planning."""
    return is_planning(user)


def may_change_confirmed(user: Any) -> bool:
    """Changing confirmed values: planning."""
    return is_planning(user)


def may_confirm(user: Any, entered_by_id: int | None) -> bool:
    """Confirming a value: planning, but nobody confirms a value that they entered."""
    return is_planning(user) and entered_by_id != user.pk


def may_confirm_reading(user: Any) -> bool:
    """Confirming the reading of a target sentence: planning."""
    return is_planning(user)


def may_move(
    user: Any,
    to: str,
    state: str,
    entering_section_id: int,
    entered_by_id: int | None,
    *,
    on_paper: bool = False,
) -> bool:
    """Changing the state of a value (indicators.Actual.State).

    A section submits to its head (`submitted`), the head answers (`answered`) or returns
    (`returned`), planning confirms (`confirmed`) or returns what is answered or confirmed. If the
    head decided `on_paper`, a clerk of the section records the value as answered.
    """
    if to == "confirmed":
        return may_confirm(user, entered_by_id)
    if to == "returned" and state in ("answered", "confirmed"):
        return is_planning(user)
    if not may_enter(user, entering_section_id):
        return False
    if to == "submitted" or (to == "answered" and on_paper):
        return True
    return bool(roles_of(user) & {Role.HEAD, Role.PLANNING})


def may_decide(user: Any) -> bool:
    """Deciding on the screen: the head for the section, planning for every section."""
    return bool(roles_of(user) & {Role.HEAD, Role.PLANNING})


def may_confirm_anything(user: Any) -> bool:
    """Confirming and returning answered values: planning."""
    return is_planning(user)


def may_follow_entry(user: Any) -> bool:
    """A year's dates, 照会 and 回答状況: everybody but readers; sections see their own part."""
    return bool(roles_of(user) - {Role.READER})


def may_see_evidence(user: Any, section_id: int, entering_section_id: int) -> bool:
    """根拠資料: planning, auditors, and the sections responsible for the indicator or its entry.

    Not readers: a file may contain personal data.
    """
    if may_see_all_values(user):
        return True
    return not sections_to_enter(user).isdisjoint({section_id, entering_section_id})


def may_see_removed_evidence(user: Any) -> bool:
    """Removed 根拠資料: planning and auditors."""
    return may_see_all_values(user)


def may_change_evidence(
    user: Any, entering_section_id: int, *, entry_is_open: bool, is_confirmed: bool
) -> bool:
    """Adding and removing 根拠資料: everybody who may change the value."""
    if is_planning(user):
        return True
    return may_enter(user, entering_section_id) and entry_is_open and not is_confirmed


def may_write_review(user: Any, section_ids: Collection[int]) -> bool:
    """Results of a project, 内部評価 of a measure: planning, and the sections that answer for it.

    A measure has several: those of its KPIs and projects.
    """
    if is_planning(user):
        return True
    return not sections_to_enter(user).isdisjoint(section_ids)


def may_keep_reviews(user: Any) -> bool:
    """有識者会議 with its opinions, 交付金の検証, decisions of 推進本部: planning."""
    return is_planning(user)


def may_answer_opinion(user: Any, section_id: int | None) -> bool:
    """市の考え方 and what became of an opinion: planning, and the section it was assigned to."""
    return is_planning(user) or section_id in sections_to_enter(user)


def may_fix_year(user: Any) -> bool:
    """検証調書: fixing a year, publishing and withdrawing an edition, 正誤: planning."""
    return is_planning(user)


def may_see_all_values(user: Any) -> bool:
    """All values on the page of a year: planning and auditors. Sections see those they enter."""
    return bool(roles_of(user) & {Role.PLANNING, Role.AUDITOR})


def may_see_changes(user: Any) -> bool:
    """The search of all changes and its downloads: planning and auditors.

    Everybody who may read sees the history of a single value on its page.
    """
    return bool(roles_of(user) & {Role.PLANNING, Role.AUDITOR})


def may_import_tables(user: Any) -> bool:
    """Bulk import in the admin: planning."""
    return is_planning(user)


def may_export_tables(user: Any) -> bool:
    """Bulk export in the admin, including users: planning."""
    return is_planning(user)


def may_hand_over(user: Any) -> bool:
    """Moving indicators between sections: planning."""
    return is_planning(user)


def may_reorganise(user: Any) -> bool:
    """統合, 分割, 改称 and 廃止 of sections: planning."""
    return is_planning(user)
