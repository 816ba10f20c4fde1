"""Acts of a revision on the parts of a plan: change, add, end, and take each of them back.

A revision is an object of the plan with `from_fiscal_year` and `label`. The parts say by years what
it did to them, because a plan has at most one revision from a year.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from indicators.in_force import InForce
from indicators.listings import Listing
from indicators.titles import Retitled, keep_title, move_titles, retitled_in, take_title_back
from indicators.versions import VERSIONED_FIELDS, keep_version


def change(listing: Any, revision: Any) -> None:
    """Keep the current content of a stored listing as a version; save `listing` after that.

    A second change by the same revision changes its own version, and so does one of a listing that
    the revision added. Call it before 年度別目標値 change. Of a part with a title, that is kept.
    """
    if isinstance(listing, Retitled):
        keep_title(listing, revision.from_fiscal_year)
        return
    if revision.from_fiscal_year in (listing.from_fiscal_year, listing.first_fiscal_year):
        return
    stored = type(listing).objects.get(pk=listing.pk)
    keep_version(stored, targets_of(stored))
    listing.from_fiscal_year = revision.from_fiscal_year


def targets_of(listing: Any) -> dict[int, Decimal]:
    """Return the stored 年度別目標値 of a listing by year."""
    return dict(listing.yearly_targets.values_list("fiscal_year", "value"))


def end(part: Any, last_fiscal_year: int, reason: str) -> None:
    """Let a part, and all parts below it that have not ended, hold until a year. Saves them.

    Those below have no reason of their own, which tells them from parts that ended by themselves.
    """
    with transaction.atomic():
        part.ending_reason = reason
        for one in (part, *below(part)):
            if one.last_fiscal_year is None or one is part:
                one.last_fiscal_year = last_fiscal_year
                one.save()


def take_end_back(part: Any) -> None:
    """Let a part that has ended, and what ended with it, continue to hold. Saves them."""
    last, part.ending_reason = part.last_fiscal_year, ""
    with transaction.atomic():
        for one in [*_ended_with(part, last)]:
            one.last_fiscal_year = None
            if isinstance(one, Listing):
                one.replaced_by = None
            one.save()


def _ended_with(part: Any, last_fiscal_year: int) -> Iterator[Any]:
    """Yield a part and those below it that ended in the same year without a reason of their own."""
    yield part
    for child in _children(part):
        if child.last_fiscal_year == last_fiscal_year and not child.ending_reason:
            yield from _ended_with(child, last_fiscal_year)


def take_change_back(listing: Any) -> None:
    """Let a listing, or a title, say again what it said before its newest revision. Saves it."""
    if isinstance(listing, Retitled):
        take_title_back(listing)
        return
    with transaction.atomic():
        before = _newest(listing.earlier_versions.all())
        for name in VERSIONED_FIELDS:
            setattr(listing, name, getattr(before, name))
        listing.save()
        for target in listing.yearly_targets.all():
            target.delete()
        for year, value in before.targets_by_year.items():
            listing.yearly_targets.create(fiscal_year=year, value=value)
        before.delete()


def _newest(versions: Iterable[Any]) -> Any:
    return max(versions, key=lambda version: version.from_fiscal_year or 0)


def below(part: models.Model) -> Iterator[Any]:
    """Yield the parts of a plan that are deleted with a part, from any app."""
    for child in _children(part):
        yield child
        yield from below(child)


def _children(part: models.Model) -> Iterator[Any]:
    for relation in part._meta.related_objects:
        model: Any = relation.related_model
        if issubclass(model, InForce) and relation.on_delete is models.CASCADE:
            yield from model.objects.filter(**{relation.field.name: part})


def touched_by(revision: Any) -> list[str]:
    """Return what a revision changes, as lines such as KPI1-ア-1-2 相談件数（変更）."""
    year = revision.from_fiscal_year
    lines = []
    for part in _parts_of_plan(revision):
        acts = [
            word
            for word, is_meant in (
                ("追加", part.first_fiscal_year == year),
                ("変更", year in _first_years(part)),
                ("終了", part.last_fiscal_year == year - 1),
            )
            if is_meant
        ]
        lines += [f"{part}（{'、'.join(acts)}）"] if acts else []
    if revision.previous_last_fiscal_year is not None:
        lines.append("計画期間")
    if revision.previous_rules is not None:
        lines.append("判定の決め方")
    return lines


def move_revision(revision: Any, before: int) -> None:
    """Move what a revision did from one year on to its present first year."""
    year = revision.from_fiscal_year
    with transaction.atomic():
        for part in _parts_of_plan(revision):
            _move(part, {"first_fiscal_year": before, "from_fiscal_year": before}, year)
            _move(part, {"last_fiscal_year": before - 1}, year - 1)
            move_titles(part, before, year)
            for version in _versions(part):
                _move(version, {"from_fiscal_year": before}, year)


def _parts_of_plan(revision: Any) -> Iterator[Any]:
    """Yield all parts of the plan of a revision, listings with their versions."""
    for model in _kinds():
        parts = model.objects.filter(**{f"{model.plan_path}_id": revision.strategy_id})
        versions = ["earlier_versions"] if issubclass(model, Listing) else []
        yield from parts.select_related(model.plan_path).prefetch_related(*versions)


def _move(row: Any, years: dict[str, int], to: int) -> None:
    names = [name for name, year in years.items() if getattr(row, name, None) == year]
    for name in names:
        setattr(row, name, to)
    if names:
        row.save()


def _first_years(part: Any) -> set[int | None]:
    own = getattr(part, "from_fiscal_year", None)
    return {own, *retitled_in(part), *(version.from_fiscal_year for version in _versions(part))}


def _versions(part: Any) -> list[Any]:
    return list(part.earlier_versions.all()) if isinstance(part, Listing) else []  # type: ignore[attr-defined]


def _kinds() -> Iterator[Any]:
    """Yield the models of parts that may hold for some years only."""
    waiting: list[Any] = list(InForce.__subclasses__())
    while waiting:
        model = waiting.pop(0)
        if model._meta.abstract:
            waiting += model.__subclasses__()
        else:
            yield model
