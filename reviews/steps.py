"""The steps of a plan's year after its values: what was recorded of each, never dates alone."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from indicators.models import FiscalYear
from japanese.calendar_days import era_day
from plans.nodes import StrategyTree
from plans.pages import kept_query
from reviews.council.meetings import year_of_council
from reviews.duties import strategy_id_of
from reviews.editions.editions_of_plan import editions_of, is_standing, state_of_edition
from reviews.grants.of_year import grants_of_year, grants_without_effect
from reviews.measures.evaluations import sentence_of, year_of_measures
from reviews.models import State
from reviews.projects.years import sentence_of_projects, year_of_projects


@dataclass(frozen=True)
class ReviewStep:
    """A step: its name and address, what is recorded of it in one sentence, whether it is done.

    `is_needed` says whether the year has anything that it is about.
    """

    name: str
    url: str
    sentence: str
    is_done: bool
    is_needed: bool = True


def _link(tree: StrategyTree, name: str) -> str:
    return reverse(name, args=[tree.code]) + kept_query(tree)


def projects_step(tree: StrategyTree, year: FiscalYear) -> ReviewStep:
    """事業の実績: done once the results of every project are confirmed."""
    rows = year_of_projects(tree, AnonymousUser()).rows
    return ReviewStep(
        "事業の実績",
        _link(tree, "review_projects"),
        sentence_of_projects(rows),
        bool(rows) and all(row.state == State.CONFIRMED for row in rows),
    )


def grants_step(tree: StrategyTree, year: FiscalYear) -> ReviewStep:
    """交付金の検証: done once the effect of every 交付金 of the year is chosen.

    Without a 交付金 there is nothing to do.
    """
    grants = grants_of_year(tree.code, year.pk).count()
    done = grants - grants_without_effect(tree.code, year.pk).count()
    sentence = f"交付金{grants}件のうち、効果を選んだものは{done}件です。"
    return ReviewStep(
        "交付金の検証",
        _link(tree, "review_grants"),
        sentence if grants else "この年度の交付金は、登録されていません。",
        grants == done,
        is_needed=bool(grants),
    )


def measures_step(tree: StrategyTree, year: FiscalYear) -> ReviewStep:
    """内部評価: done once the evaluation of every measure is confirmed."""
    found = year_of_measures(tree, AnonymousUser())
    confirmed = found.in_state(State.CONFIRMED)
    return ReviewStep(
        "内部評価",
        _link(tree, "review_measures"),
        sentence_of(found.rows),
        bool(found.rows) and len(confirmed) == len(found.rows),
    )


def council_step(tree: StrategyTree, year: FiscalYear) -> ReviewStep:
    """有識者会議: done once a meeting is recorded and every opinion has its answer."""
    found = year_of_council(tree, strategy_id_of(tree), AnonymousUser())
    days = "、".join(era_day(meeting.held_on) for meeting in found.meetings)
    sentence = "会議は、まだ登録されていません。"
    if found.meetings:
        sentence = f"{days}に開きました。意見は{len(found.opinions)}件です。"
    if found.open_answers:
        sentence += f"市の考え方か対応のない意見が{found.open_answers}件あります。"
    return ReviewStep(
        "有識者会議",
        _link(tree, "review_council"),
        sentence,
        bool(found.meetings) and not found.open_answers,
    )


def edition_step(tree: StrategyTree, year: FiscalYear) -> ReviewStep:
    """検証調書: done once an edition of the year stands."""
    of_year = [
        one for one in editions_of(tree.code) if one.fiscal_year_id == year.pk and is_standing(one)
    ]
    sentence = "まだ確定していません。"
    if of_year:
        day = era_day(of_year[0].decided_on)
        sentence = f"第{of_year[0].number}号（決裁日{day}、{state_of_edition(of_year[0])}）"
    return ReviewStep("検証調書", _link(tree, "review_editions"), sentence, bool(of_year))


STEPS: tuple[Callable[[StrategyTree, FiscalYear], ReviewStep], ...] = (
    projects_step,
    measures_step,
    grants_step,
    council_step,
    edition_step,
)
"""One function for each step, in the order of the year."""


def review_steps(tree: StrategyTree, year: FiscalYear) -> list[ReviewStep]:
    """Return the steps of a plan's year."""
    return [step(tree, year) for step in STEPS]
