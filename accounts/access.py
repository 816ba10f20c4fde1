"""Who may do what, in one place. Views, the admin and recording.py ask here.

Every function takes a user (perhaps anonymous or deactivated) and returns a bool, unless its
docstring says otherwise. Objects are taken by their section ids, so that the rules need no query
beyond the user's own groups and sections, which are read once per request.
"""

from collections.abc import Collection
from typing import Any

from accounts.roles import Role


def roles_of(user: Any) -> frozenset[str]:
    """Return the roles of a user; none for anonymous and deactivated ones.

    A superuser is planning: the person who set the system up can hand it over.
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
    """Keep with a user what was read together with it, so that no rule asks for it again."""
    user._roles = _roles_in(user, groups)
    user._section_ids = frozenset(sections)


def sections_of(user: Any) -> frozenset[int]:
    """Return the ids of the sections a user belongs to (several with 兼務)."""
    if not user.is_authenticated:
        return frozenset()
    if not hasattr(user, "_section_ids"):
        user._section_ids = frozenset(user.sections.values_list("pk", flat=True))
    return user._section_ids


# The role with most to do first: who has several gets its first page.
BY_WORK = (Role.PLANNING, Role.HEAD, Role.CLERK, Role.AUDITOR, Role.READER)


def main_role(user: Any) -> Role | None:
    """Return the role whose first page a user gets; None without a role."""
    roles = roles_of(user)
    return next((role for role in BY_WORK if role in roles), None)


def may_read(user: Any) -> bool:
    """Progress pages and the files that show them: everybody with a role."""
    return bool(roles_of(user))


def is_planning(user: Any) -> bool:
    """Planning keeps the strategy, the years and the users."""
    return Role.PLANNING in roles_of(user)


def may_use_admin(user: Any) -> bool:
    """The admin: those who enter, keep or check something; readers have no business there."""
    return bool(roles_of(user) - {Role.READER})


def may_change_own_password(user: Any) -> bool:
    """Everybody who can log in, with a role or still without."""
    return user.is_authenticated and user.is_active


def may_keep_users(user: Any) -> bool:
    """Accounts, their roles and sections, and the sections themselves: planning."""
    return is_planning(user)


def may_deactivate(user: Any, other_id: int | None) -> bool:
    """Planning deactivates everybody but itself, so that somebody in planning always remains."""
    return may_keep_users(user) and other_id != user.pk


def may_set_roles(user: Any, other_id: int | None, roles: Collection[str]) -> bool:
    """Planning gives and takes all roles, but nobody takes planning from themselves."""
    keeps_planning = other_id != user.pk or user.is_superuser or Role.PLANNING in roles
    return may_keep_users(user) and keeps_planning


def account_faults(
    user: Any, other_id: int | None, *, is_active: bool, roles: Collection[str]
) -> dict[str, str]:
    """Return by field what is wrong with an account that `user` is about to save.

    `other_id` is the account's; None of a new one.
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
    """Who failed to log in too often is let in again by planning."""
    return may_keep_users(user)


def may_read_events(user: Any) -> bool:
    """The log of log-ins, role changes and exports: planning and auditors."""
    return bool(roles_of(user) & {Role.PLANNING, Role.AUDITOR})


def may_keep_years(user: Any) -> bool:
    """Years, their due dates and whether entry is open: planning."""
    return is_planning(user)


def may_keep_indicators(user: Any) -> bool:
    """All that is said of an indicator: planning. Sections keep its memo and contact."""
    return is_planning(user)


def may_enter_anything(user: Any) -> bool:
    """Whether there can be an indicator whose values the user enters."""
    roles = roles_of(user)
    if Role.PLANNING in roles:
        return True
    return bool(roles & {Role.CLERK, Role.HEAD}) and bool(sections_of(user))


def may_enter(user: Any, entering_section_id: int) -> bool:
    """Values of an indicator: planning, and clerk and head of the section that enters them."""
    if is_planning(user):
        return True
    return may_enter_anything(user) and entering_section_id in sections_of(user)


def may_enter_for_every_section(user: Any) -> bool:
    """Values of all indicators at once: planning."""
    return is_planning(user)


def enters_as_answered(user: Any) -> bool:
    """What planning enters needs no head to answer it; it waits for somebody to confirm it."""
    return is_planning(user)


def may_answer(user: Any) -> bool:
    """Heads answer for their section; what clerks enter waits for them."""
    return Role.HEAD in roles_of(user)


def may_change_closed_year(user: Any) -> bool:
    """A year whose entry is not open takes values from planning only."""
    return is_planning(user)


def may_change_confirmed(user: Any) -> bool:
    """A confirmed value is changed by planning only."""
    return is_planning(user)


def may_confirm(user: Any, entered_by_id: int | None) -> bool:
    """Planning confirms what others entered; its own values somebody else in planning confirms."""
    return is_planning(user) and entered_by_id != user.pk


def may_confirm_reading(user: Any) -> bool:
    """The reading of a target sentence is confirmed by planning."""
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
    """The way of a value through the office (states of indicators.Actual).

    Sections ask their head (`submitted`), heads answer (`answered`) or hand back (`returned`),
    planning confirms (`confirmed`) or hands back what was answered. What was decided `on_paper`
    a clerk of the section records as answered.
    """
    if to == "confirmed":
        return may_confirm(user, entered_by_id)
    if to == "returned" and state == "answered":
        return is_planning(user)
    if not may_enter(user, entering_section_id):
        return False
    if to == "submitted" or (to == "answered" and on_paper):
        return True
    return bool(roles_of(user) & {Role.HEAD, Role.PLANNING})


def may_decide(user: Any) -> bool:
    """Deciding on the screen for a section: its head. Planning does so for every section."""
    return bool(roles_of(user) & {Role.HEAD, Role.PLANNING})


def may_confirm_anything(user: Any) -> bool:
    """Confirming what was answered, and handing it back: planning."""
    return is_planning(user)


def may_follow_entry(user: Any) -> bool:
    """A year's dates, 照会 and 回答状況: who enters, keeps or checks them; sections their part."""
    return bool(roles_of(user) - {Role.READER})


def may_see_evidence(user: Any, section_id: int, entering_section_id: int) -> bool:
    """根拠資料: planning, auditors, and the sections that answer for the indicator or enter it.

    Readers have no need of it: a file may name people.
    """
    if may_see_all_values(user):
        return True
    return may_enter_anything(user) and not sections_of(user).isdisjoint(
        {section_id, entering_section_id}
    )


def may_see_removed_evidence(user: Any) -> bool:
    """Files that were taken back: planning and auditors."""
    return may_see_all_values(user)


def may_change_evidence(
    user: Any, entering_section_id: int, *, entry_is_open: bool, is_confirmed: bool
) -> bool:
    """Adding files and taking them back: whoever may change the value that they support."""
    if is_planning(user):
        return True
    return may_enter(user, entering_section_id) and entry_is_open and not is_confirmed


def may_see_all_values(user: Any) -> bool:
    """On the page of a year: planning and auditors see all values, sections those they enter."""
    return bool(roles_of(user) & {Role.PLANNING, Role.AUDITOR})


def may_see_changes(user: Any) -> bool:
    """The search of all changes and its files: planning and auditors.

    The history of a single value is on its page, for everybody who may read.
    """
    return bool(roles_of(user) & {Role.PLANNING, Role.AUDITOR})


def may_import_tables(user: Any) -> bool:
    """Whole tables come in through the admin by planning."""
    return is_planning(user)


def may_export_tables(user: Any) -> bool:
    """Whole tables, users included, leave through the admin by planning."""
    return is_planning(user)


def may_hand_over(user: Any) -> bool:
    """Indicators go from section to section by planning."""
    return is_planning(user)
