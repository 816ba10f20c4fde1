"""Versions of a listing: what a plan said about it before a revision, beside the current one.

The row of a listing has the newest version. Each revision that changes it leaves the version until
then as a row of its own; which one holds in a year follows from the first years of both.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar, cast

from django.db import models
from django.db.models import Case, F, OuterRef, Subquery, When
from django.db.models.functions import Coalesce

from indicators.listings import ListedTarget, Listing, check_presence, period_of
from indicators.models import Indicator
from indicators.rules.targets import Period
from japanese.fiscal_years import full_label

_VERSIONED = ListedTarget._meta.fields
VERSIONED_FIELDS = tuple(field.name for field in _VERSIONED)
"""What a version has of a listing, besides 年度別目標値."""


class EarlierVersion(ListedTarget):
    """What a plan said about a listing until a revision. A subclass has a foreign key `listing`."""

    yearly_targets = models.JSONField(
        "年度別目標値", default=dict, blank=True, help_text="西暦の年度ごとの数。"
    )

    class Meta(ListedTarget.Meta):
        abstract = True
        ordering = ["from_fiscal_year"]
        verbose_name = "改訂前の内容"
        verbose_name_plural = "改訂前の内容"

    def __str__(self) -> str:
        return f"{self.name}（{self.start_label}）"

    def clean(self) -> None:
        super().clean()
        check_presence(self)

    @property
    def start_label(self) -> str:
        """From when on it held: 当初, 平成29年度（2017）から."""
        start = self.from_fiscal_year
        return f"{full_label(start)}から" if start else "当初"

    @property
    def indicator(self) -> Indicator:
        """The indicator of the listing."""
        indicator: Indicator = self._listing.indicator
        return indicator

    @property
    def strategy(self) -> Any:
        """The plan of the listing."""
        return self._listing.strategy

    @property
    def first_fiscal_year(self) -> int | None:
        """The first year in which the plan has the listing."""
        first: int | None = self._listing.first_fiscal_year
        return first

    @property
    def period(self) -> Period:
        """The years of the plan as it was when the version held, from the listing's first one."""
        newest, until = period_of(self), self._last_year
        last = newest.last if until is None else self.strategy.period_in(until).last
        return Period(newest.first, last)

    @property
    def years(self) -> range:
        """The years in which it held."""
        newest = period_of(self)
        last = self._last_year
        first = max(self.from_fiscal_year or 0, newest.first)
        return range(first, (newest.last if last is None else last) + 1)

    @property
    def _last_year(self) -> int | None:
        """The year before the next version."""
        others = [self._listing, *self._listing.earlier_versions.all()]
        own = self.from_fiscal_year or 0
        later = [one.from_fiscal_year for one in others if (one.from_fiscal_year or 0) > own]
        return min(later) - 1 if later else None

    @property
    def _listing(self) -> Any:
        return self.listing  # type: ignore[attr-defined]  # of the subclass

    @property
    def targets_by_year(self) -> dict[int, Decimal]:
        """年度別目標値 by year."""
        return {int(year): Decimal(value) for year, value in self.yearly_targets.items()}


def once_per_year(name: str) -> list[models.UniqueConstraint]:
    """Return the constraints that a listing has one version from a year, and one from the start."""
    return [
        models.UniqueConstraint(
            fields=["listing", "from_fiscal_year"], name=f"{name}_version_once_per_year"
        ),
        models.UniqueConstraint(
            fields=["listing"],
            condition=models.Q(from_fiscal_year__isnull=True),
            name=f"{name}_first_version_once",
        ),
    ]


V = TypeVar("V")


def version_of_year(versions: Iterable[tuple[int | None, V]], fiscal_year: int) -> V | None:
    """Return the version that holds in a year, of pairs of first year and version.

    None as a first year stands for the start of the plan. Without a version that early: None.
    """
    early = [(start or 0, version) for start, version in versions if (start or 0) <= fiscal_year]
    return max(early, key=lambda pair: pair[0])[1] if early else None


def said_in_year(
    model: type[Listing], pks: Collection[int], fiscal_year: int, fields: Mapping[str, str]
) -> dict[int, dict[str, Any]]:
    """Return what listings said in a year before their newest version, by primary key.

    `fields` has the field of the version for each name in the result. One query.
    """
    listing, start = "listing_id", "from_fiscal_year"
    found = _versions_of(model)._default_manager.filter(listing__in=pks)
    versions: defaultdict[int, list[tuple[int | None, Any]]] = defaultdict(list)
    for row in found.order_by().values(listing, start, *fields.values()):
        versions[row[listing]].append((row[start], row))
    held = {pk: version_of_year(own, fiscal_year) for pk, own in versions.items()}
    return {
        pk: {name: row[field] for name, field in fields.items()}
        for pk, row in held.items()
        if row is not None
    }


def _versions_of(model: type[Listing]) -> Any:
    return cast(Any, model._meta).get_field("earlier_versions").related_model


def as_of_year(
    model: type[Listing], field: str, fiscal_year: int, output_field: models.Field
) -> Case:
    """Return the expression for a field of a listing as the plan had it in a year.

    Building it takes far longer than a query: for more than one field see `said_in_year`.
    """
    versions = _versions_of(model)
    starts = Coalesce("from_fiscal_year", 0)
    held = versions._default_manager.filter(listing=OuterRef("pk")).annotate(starts=starts)
    newest = held.filter(starts__lte=fiscal_year).order_by("-starts").values(field)[:1]
    return Case(
        When(from_fiscal_year__gt=fiscal_year, then=Subquery(newest)),
        default=F(field),
        output_field=output_field,
    )


def keep_version(listing: Listing, yearly_targets: Mapping[int, Decimal]) -> None:
    """Store what a listing says until now, before a revision changes it.

    `listing` is as stored, `yearly_targets` its 年度別目標値 until now.
    """
    versions: Any = listing.earlier_versions  # type: ignore[attr-defined]  # of the subclass
    texts = {str(year): str(value) for year, value in sorted(yearly_targets.items())}
    content = {field.attname: getattr(listing, field.attname) for field in _VERSIONED}
    versions.create(**content, yearly_targets=texts)
