"""Which grades a person may choose for an indicator and year: where a plan has a 記述目標 of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef, Q

from indicators.entries import Entry
from indicators.listing_rows import ListingRow, listing_rows
from indicators.listings import Listing
from indicators.models import Indicator
from indicators.rules.chosen_grades import (
    grade_named,
    grade_word,
    grades_by_word,
    offered_grades,
)
from indicators.rules.terms import STANDARD_SCALE, Kind, Scale
from indicators.versions import EarlierVersion
from japanese.fiscal_years import full_label


@dataclass(frozen=True)
class GradesOfYear:
    """The grades of a year that every plan with a 記述目標 of the indicator has, in its year.

    Where the plans have none in common, as in the last year of one of two, they are those of the
    first. `scale` is that of the first of these plans: its words are shown.
    `takes_number`: another listing of that year has a number as its target.
    """

    offered: tuple[str, ...]
    scale: Scale = STANDARD_SCALE
    takes_number: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the grades as the plan calls them, best first, each once."""
        return tuple(dict.fromkeys(self.word_of(grade) for grade in self.offered))

    def word_of(self, grade: str) -> str:
        """Return the plan's word for a grade."""
        return grade_word(grade, self.scale)

    def named(self, word: str) -> str:
        """Return the grade that a word names, in the words of the plan or the standard ones."""
        return grade_named(word, {**grades_by_word(), **self.meanings})

    @property
    def meanings(self) -> dict[str, str]:
        """The words of the plan with the grades that they name; those of the year come first."""
        offered = {self.word_of(grade): grade for grade in reversed(self.offered)}
        return {**grades_by_word(self.scale), **offered}


def grades_of(
    listings: Mapping[int, Iterable[ListingRow]], fiscal_year: int
) -> dict[int, GradesOfYear]:
    """Return the grades by indicator, for those with a 記述目標 among their listings of a year.

    Two queries if there are any, otherwise none.
    """
    described = {
        pk: [row for row in rows if row.kind == Kind.DESCRIBED] for pk, rows in listings.items()
    }
    codes = {row.plan_code for rows in described.values() for row in rows}
    if not codes:
        return {}
    plans = {plan.code: plan for plan in _plans(codes)}
    found = {}
    for pk, rows in described.items():
        if not rows:
            continue
        by_plan = [_offered(plans[row.plan_code], row, fiscal_year) for row in rows]
        common = tuple(grade for grade in by_plan[0] if all(grade in of for of in by_plan))
        takes_number = any(row.kind != Kind.DESCRIBED for row in listings[pk])
        scale = plans[rows[0].plan_code].scale_in(fiscal_year)
        found[pk] = GradesOfYear(common or by_plan[0], scale, takes_number)
    return found


def _offered(plan: Any, row: ListingRow, fiscal_year: int) -> tuple[str, ...]:
    due = row.target_year or plan.period_in(fiscal_year).last
    return offered_grades(plan.scale_in(fiscal_year), is_due=fiscal_year >= due)


def _plans(codes: Collection[str]) -> Iterable[Any]:
    model: Any = next(iter(Listing.__subclasses__()))
    for name in model.plan_path.split("__"):
        model = model._meta.get_field(name).related_model
    return model._default_manager.filter(code__in=codes).prefetch_related("revisions")


@cache
def ever_described() -> Q:
    """Return the condition that some plan has or had a 記述目標 of an indicator.

    Made once: each recording asks for it, and it never changes.
    """
    condition = Q(pk__in=[])
    kinds: Iterable[Any] = Listing.__subclasses__()
    for model in kinds:
        rows = model._default_manager.filter(indicator=OuterRef("pk"), kind=Kind.DESCRIBED)
        condition |= Q(Exists(rows))
    versions: Iterable[Any] = EarlierVersion.__subclasses__()
    for model in versions:
        rows = model._default_manager.filter(listing__indicator=OuterRef("pk"), kind=Kind.DESCRIBED)
        condition |= Q(Exists(rows))
    return condition


def grades_of_entries(
    entries: Iterable[Entry], described: Collection[int]
) -> dict[tuple[int, int], GradesOfYear]:
    """Return the grades by indicator and year; `described` are the indicators that may have some.

    Drafts count as well: their values may be entered before the plan runs. Three queries a year.
    """
    ids: dict[int, set[int]] = {}
    for entry in entries:
        if entry.indicator_id in described:
            ids.setdefault(entry.fiscal_year, set()).add(entry.indicator_id)
    return {
        (pk, year): grades
        for year, of_year in ids.items()
        for pk, grades in grades_of(
            listing_rows(indicator_ids=of_year, fiscal_year=year, drafts=True), year
        ).items()
    }


def grade_problem(entry: Entry, indicator: Indicator, grades: GradesOfYear | None) -> str:
    """Return why an entry's grade, or its number, is not what the plans ask for; "" if it is."""
    if entry.grade and grades is None:
        return (
            f"「{indicator.name}」は、{full_label(entry.fiscal_year)}には記述目標ではありません。"
            f"判定「{grade_word(entry.grade)}」ではなく、数を入力してください。"
        )
    if grades is None:
        return ""
    words = "、".join(f"「{word}」" for word in grades.words)
    if entry.grade and entry.grade not in grades.offered:
        return (
            f"この年度に選べる判定は、{words}です（入力値：{grades.word_of(entry.grade)}）。"
            "この中から選んでください。"
        )
    if entry.value is not None and not grades.takes_number:
        return (
            f"「{indicator.name}」は、目標が言葉の記述目標です。数ではなく、判定（{words}）を選び、"
            "理由を備考に入力してください。"
        )
    return ""


def two_meanings(grade: str, grades: GradesOfYear) -> str:
    """Return why the standard word of a grade cannot be taken: the plan calls another one so.

    "" if it means the same in the words of the plan, or nothing.
    """
    word = grade_word(grade) if grade else ""
    meant = grades.meanings.get(word, grade)
    if meant == grade:
        return ""
    return (
        f"「{word}」は、標準の言葉では、この計画の「{grades.word_of(grade)}」です。この計画の「{word}」は"
        "別の判定なので、どちらか分かりません。一覧の画面かExcel様式で、計画の言葉から選んでください。"
    )
