"""統合, 分割, 改称 and 廃止 of sections, each one act from a fiscal year on.

An act ends sections, makes new ones, and says for every indicator and person of the ended sections
where they go. Years before the act keep the sections and names that they had. `Act` is the request,
`carry_out_act` carries it out. Its caller has locked the sections and checked the faults
(indicators/reorganising_forms.py).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import models
from django.db.models import Q, QuerySet

from accounts.models import Section, SectionSuccession, User
from accounts.sections import rename
from indicators.duties import entering_section
from indicators.listing_rows import indicators_of_year
from indicators.models import Actual, FiscalYear, Indicator, PastDuty
from indicators.rules.narrowing_types import given
from japanese.row_numbers import row_number
from trail.history import create_with_history, update_with_history


class ActKind(models.TextChoices):
    """What can happen to sections in a reorganisation."""

    MERGE = "merge", "統合"
    SPLIT = "split", "分割"
    RENAME = "rename", "改称"
    ABOLISH = "abolish", "廃止"


@dataclass(frozen=True)
class Act:
    """The request.

    `sections` are those that end, or the one that is renamed. `names` are those of new sections.
    A target is the name of a new section or the id of an existing one; `indicators` has one for
    each indicator by id, `users` any number for each person. `heirs` are existing sections that
    take over in a merger, or the split section itself where it goes on beside new ones.
    """

    kind: ActKind
    sections: tuple[Section, ...]
    first_fiscal_year: int
    names: tuple[str, ...] = ()
    heirs: tuple[Section, ...] = ()
    department: str = ""
    indicators: Mapping[int, str] = field(default_factory=dict)
    users: Mapping[int, Collection[str]] = field(default_factory=dict)

    @property
    def ending(self) -> tuple[Section, ...]:
        """The sections that end with the act."""
        if self.kind == ActKind.RENAME:
            return ()
        return tuple(section for section in self.sections if section not in self.heirs)

    @property
    def last_fiscal_year(self) -> int:
        """The last year before the act."""
        return self.first_fiscal_year - 1

    @property
    def targets(self) -> dict[str, str]:
        """The names of the sections that are made or take over in this act, by target."""
        known = {str(section.pk): section.name for section in self.heirs}
        return known | {name: name for name in self.names}


@dataclass(frozen=True)
class DutySpan:
    """The sections of an indicator up to a year, None for the open end; by their ids.

    `row` is the stored row; None for one that is to be made.
    """

    last_fiscal_year: int | None
    section_id: int
    entered_by_id: int
    row: PastDuty | Indicator | None = None


def indicators_of(sections: Iterable[Section]) -> QuerySet[Indicator]:
    """Return the indicators for which the sections answer, or that they enter, today."""
    ids = [section.pk for section in sections]
    return Indicator.objects.filter(Q(section__in=ids) | Q(entered_by__in=ids)).order_by("pk")


def users_of(sections: Iterable[Section]) -> QuerySet[User]:
    """Return the people of the sections, those who have left too."""
    ids = [section.pk for section in sections]
    return User.objects.filter(sections__in=ids).distinct().order_by("username")


def open_rows_of(sections: Iterable[Section]) -> dict[int, int]:
    """Return how many values of each open year the sections enter that are not confirmed."""
    ids = [section.pk for section in sections]
    counts = {}
    for year in FiscalYear.objects.filter(entry_is_open=True).order_by("year"):
        confirmed = Actual.objects.filter(fiscal_year=year, state=Actual.State.CONFIRMED)
        rows = indicators_of_year(year.pk).alias(entering=entering_section(year.pk))
        rows = rows.filter(entering__in=ids).exclude(pk__in=confirmed.values("indicator"))
        if count := rows.count():
            counts[year.pk] = count
    return counts


def duty_spans(indicator: Indicator, past: Iterable[PastDuty]) -> list[DutySpan]:
    """Return who has had an indicator, the earliest first; the last one is today's."""
    return [
        *(DutySpan(row.last_fiscal_year, row.section_id, row.entered_by_id, row) for row in past),
        DutySpan(None, indicator.section_id, indicator.entered_by_id, indicator),
    ]


def handed_over(
    before: Iterable[DutySpan], first_fiscal_year: int, new_ids: Mapping[int, int]
) -> list[DutySpan]:
    """Return the same with other sections from a year on: `new_ids` has the new by the old id."""
    after: list[DutySpan] = []
    ended: int | None = None
    for one in before:
        section_id = new_ids.get(one.section_id, one.section_id)
        entered_by_id = new_ids.get(one.entered_by_id, one.entered_by_id)
        is_over = one.last_fiscal_year is not None and one.last_fiscal_year < first_fiscal_year
        is_same = (section_id, entered_by_id) == (one.section_id, one.entered_by_id)
        if is_over or is_same:
            after.append(one)
        else:
            if ended is None or ended < first_fiscal_year - 1:
                kept = DutySpan(first_fiscal_year - 1, one.section_id, one.entered_by_id)
                after.append(kept)
            after.append(DutySpan(one.last_fiscal_year, section_id, entered_by_id, one.row))
        ended = one.last_fiscal_year
    return after


def hand_over(new_ids: Mapping[int, Mapping[int, int]], first_fiscal_year: int) -> int:
    """Give indicators other sections from a year on; earlier years keep theirs.

    `new_ids` has for each indicator the id of the new section by that of the old one. Returns how
    many indicators changed.
    """
    past: dict[int, list[PastDuty]] = {pk: [] for pk in new_ids}
    for row in PastDuty.objects.filter(indicator__in=new_ids).order_by("last_fiscal_year"):
        past[row.indicator_id].append(row)
    created: list[PastDuty] = []
    changed_past: list[PastDuty] = []
    changed: list[Indicator] = []
    touched: set[int] = set()
    for indicator in Indicator.objects.select_for_update().filter(pk__in=new_ids).order_by("pk"):
        before = duty_spans(indicator, past[indicator.pk])
        for one in handed_over(before, first_fiscal_year, new_ids[indicator.pk]):
            if one in before:
                continue
            touched.add(indicator.pk)
            stored = one.row or PastDuty(
                indicator=indicator, last_fiscal_year=given(one.last_fiscal_year)
            )
            if isinstance(stored, Indicator):
                changed.append(stored)
            else:
                (changed_past if one.row else created).append(stored)
            stored.section_id, stored.entered_by_id = one.section_id, one.entered_by_id
    create_with_history(PastDuty, created)
    update_with_history(PastDuty, changed_past)
    update_with_history(Indicator, changed)
    return len(touched)


def carry_out_act(act: Act) -> None:
    """Write an act with its history, by the current change (trail.history.changing)."""
    if act.kind == ActKind.RENAME:
        rename(act.sections[0], act.names[0], act.first_fiscal_year)
        return
    targets = _targets(act)
    ending = {section.pk for section in act.ending}
    changing = ending or {section.pk for section in act.sections}
    hand_over(
        {pk: dict.fromkeys(changing, targets[target].pk) for pk, target in act.indicators.items()},
        act.first_fiscal_year,
    )
    _move_users(act, changing, targets)
    for section in act.ending:
        section.is_active = False
        section.last_fiscal_year = act.last_fiscal_year
        section.save()
        for successor in _successors(act, targets):
            SectionSuccession.objects.get_or_create(section=section, successor=successor)


def _targets(act: Act) -> dict[str, Section]:
    """Return the sections by target; new ones are made beside the first of the old ones."""
    wanted = {*act.indicators.values(), *(one for some in act.users.values() for one in some)}
    ids = {row_number(target) for target in wanted - {*act.names}} - {None}
    found = {str(pk): section for pk, section in Section.objects.in_bulk(ids).items()}
    found |= {str(section.pk): section for section in act.heirs}
    for name in act.names:
        found[name] = Section.objects.create(
            name=name,
            department=act.department or act.sections[0].department,
            position=act.sections[0].position,
            first_fiscal_year=act.first_fiscal_year,
        )
    return found


def _successors(act: Act, targets: Mapping[str, Section]) -> list[Section]:
    """Return what comes after an ended section: new ones and heirs, or who gets its indicators."""
    if act.kind == ActKind.ABOLISH:
        chosen = dict.fromkeys(act.indicators.values())
        return [targets[target] for target in chosen]
    return [*act.heirs, *(targets[name] for name in act.names)]


def _move_users(act: Act, leaving: Collection[int], targets: Mapping[str, Section]) -> None:
    """Move people from the ended sections to those chosen for them."""
    for user in User.objects.filter(pk__in=act.users).order_by("pk"):
        new = {targets[target].pk for target in act.users[user.pk]}
        own = set(user.sections.values_list("pk", flat=True))
        user.sections.remove(*((own & set(leaving)) - new))
        user.sections.add(*(new - own))


def was_carried_out(act: Act) -> bool:
    """Return whether the same act has been carried out: its form came twice."""
    if act.kind == ActKind.RENAME:
        section = act.sections[0]
        former = section.former_names.filter(last_fiscal_year=act.last_fiscal_year)
        return section.name == act.names[0] and former.exists()
    heirs = {section.pk for section in act.heirs}
    new = set(Section.objects.filter(name__in=act.names).values_list("pk", flat=True))
    if len(new) != len(act.names):
        return False
    after = new | heirs
    for section in act.ending:
        if section.is_active or section.last_fiscal_year != act.last_fiscal_year:
            return False
        successors = set(section.successions.values_list("successor", flat=True))
        if act.kind != ActKind.ABOLISH and successors != after:
            return False
    first_years = Section.objects.filter(pk__in=new).values_list("first_fiscal_year", flat=True)
    return all(year == act.first_fiscal_year for year in first_years)
