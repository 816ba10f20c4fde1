"""The pages of a published edition, by their addresses below it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from japanese.calendar_days import day_label, era_day
from japanese.fiscal_years import era_label
from plans.charting import chart_of
from plans.nodes import GoalNode, ListingNode, MeasureNode
from plans.pages import Link
from plans.presentation import (
    amount,
    kind_meaning,
    row_of,
    target_text,
    target_year_in_words,
    values_outside,
)
from reviews.choices import Effect, MemberField, Response
from reviews.models import KPIReview, yen_label
from reviews.public_site.content import Content, PublicFile
from reviews.public_site.published import PublicEdition
from reviews.public_site.rows import (
    Errata,
    Group,
    PublishedListings,
    To,
    counted,
    published_listings,
    published_projects,
    years_shown,
)
from trail.downloads import XLSX

Context = dict[str, Any]
_Json = Mapping[str, Any]

PLACES = (
    ("概要", ""),
    ("{words.project}", "projects/"),
    ("内部評価", "evaluations/"),
    ("有識者会議", "opinions/"),
    ("前回公表値との差", "differences/"),
    ("正誤表", "errata/"),
    ("データ", "data/"),
)
"""The pages to which each page of an edition leads: text and address."""


ERRATA = "errata"
"""The kind of the 正誤表 as a file, which is offered beside those of the edition."""


def files_beside(edition: PublicEdition, content: Content) -> tuple[PublicFile, ...]:
    """Return the downloads of an edition: its files, and its 正誤表 if there is one."""
    if not edition.errata:
        return content.files
    name = f"検証調書_第{edition.number}号_正誤表.xlsx"
    return (*content.files, PublicFile(ERRATA, "errata.xlsx", "正誤表.xlsx", name, XLSX, 0, ""))


@dataclass(frozen=True)
class PublicPage:
    """A page: its address in the site, its heading, and a function that makes its context.

    `above` are the texts and addresses of the pages above it.
    """

    address: str
    heading: str
    template: str
    context: Callable[[To], Context]
    above: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class EditionPages:
    """Makes the pages of one edition. `newest` is the newest edition of the same plan."""

    edition: PublicEdition
    content: Content
    newest: PublicEdition
    errata: Errata = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "errata", Errata(self.edition, self.content))

    def pages(self) -> Iterator[PublicPage]:
        """Yield all pages, the first one first."""
        words = self.content.tree.words
        yield self.overview(self.edition.address)
        yield self._page("projects/", words.project, "projects", self._projects)
        yield self._page("evaluations/", "内部評価", "evaluations", self._evaluations)
        yield self._page("opinions/", "有識者会議の意見と市の考え方", "opinions", self._opinions)
        yield self._page("differences/", "前回公表値との差", "differences", self._differences)
        yield self._page("errata/", "正誤表", "errata", lambda to: {})
        yield self._page("data/", "データ", "data", self._data)
        for goal in self.content.tree.goals:
            yield self._goal_page(goal)
        for measure in self.content.tree.measures:
            yield self._measure_page(measure)
        for listing in self.content.tree.listings:
            yield self._listing_page(listing)

    def overview(self, address: str) -> PublicPage:
        """Return the first page, at its own address or at that of the newest edition."""
        above = ((self.content.tree.title, f"{self.edition.code}/"),)
        return PublicPage(address, self.edition.label, "overview", self._overview, above)

    def _page(
        self,
        address: str,
        heading: str,
        template: str,
        context: Callable[[To], Context],
        above: tuple[tuple[str, str], ...] = (),
    ) -> PublicPage:
        edition = self.edition

        def whole(to: To) -> Context:
            return self._shared(to, address) | context(to)

        return PublicPage(
            edition.address + address,
            heading,
            template,
            whole,
            (
                (self.content.tree.title, f"{edition.code}/"),
                (edition.label, edition.address),
                *((text, edition.address + below) for text, below in above),
            ),
        )

    def _shared(self, to: To, address: str) -> Context:
        """Return what all pages of an edition have."""
        tree = self.content.tree
        return {
            "city": tree.city,
            "plan_title": tree.title,
            "home_url": to(self.edition.address),
            "invented": tree.invented,
            "words": tree.words,
            "edition": self.edition,
            "published": day_label(self.edition.published_on),
            "places": [
                Link(text.format(words=tree.words), self._to(to)(below), below == address)
                for text, below in PLACES
            ],
            "errata_url": self._to(to)("errata/"),
            "newer": self._newer(to),
        }

    def _newer(self, to: To) -> Link | None:
        if self.newest.number == self.edition.number:
            return None
        return Link(self.newest.label, to(self.newest.address))

    def _to(self, to: To) -> To:
        """Return `to` for addresses below the edition."""
        return lambda address: to(self.edition.address + address)

    def _overview(self, to: To) -> Context:
        tree, counts = self.content.tree, self.content.data["counts"]
        listings = self._rows(tree.listings, to)
        return self._shared(to, "") | {
            "facts": [
                ("計画", f"{tree.title}（{era_label(tree.period.first)}から"
                 f"{era_label(tree.period.last)}まで）"),
                ("対象年度", self.edition.year_label),
                ("決裁日", day_label(self.edition.decided_on)),
                ("文書番号", self.edition.document_number),
                ("公表日", day_label(self.edition.published_on)),
            ],
            "counted": counted(counts["plan"]),
            "goals": [
                (
                    self._goal_link(goal, to),
                    counted(counts["goals"][str(goal.position)]),
                    self.errata.beside(goal.title),
                )
                for goal in tree.goals
            ],
            "project_count": counts["projects"]["total"],
            "groups": [
                Group(
                    self._goal_link(goal, to),
                    self._rows(goal.listings, to),
                )
                for goal in tree.goals
                if goal.listings
            ],
            "has_withheld": listings.has_withheld,
            "entries": self.edition.errata,
        }  # fmt: skip

    def _rows(self, listings: tuple[ListingNode, ...], to: To) -> PublishedListings:
        return published_listings(listings, self.content, self.errata, self._to(to))

    def _goal_link(self, goal: GoalNode, to: To) -> Link:
        return Link(goal.heading, self._to(to)(f"goals/{goal.position}/"))

    def _goal_page(self, goal: GoalNode) -> PublicPage:
        def context(to: To) -> Context:
            counts = self.content.data["counts"]["goals"][str(goal.position)]
            return {
                "counted": counted(counts),
                "targets": self._rows(goal.numeric_targets, to),
                "groups": [
                    Group(Link(group.label), [self._measure_link(one, to) for one in measures])
                    for group in goal.groups
                    if (measures := [one for one in group.measures if not one.is_direct])
                ],
                "direct": self._rows(
                    tuple(kpi for one in goal.parts if one.is_direct for kpi in one.kpis), to
                ),
                "projects": [
                    row
                    for one in goal.parts
                    if one.is_direct
                    for row in published_projects(one, self.content, self.errata)
                ],
                "review": self.content.goal_reviews.get(goal.position),
                "errata": self.errata.beside(goal.title),
            }

        return self._page(f"goals/{goal.position}/", goal.heading, "goal", context)

    def _measure_link(self, measure: MeasureNode, to: To) -> tuple[Link, int, Any]:
        url = self._to(to)(self.content.address_of_part(measure))
        text = f"{measure.mark} {measure.title}"
        return Link(text, url), len(measure.kpis), self.errata.beside(measure.title)

    def _measure_page(self, measure: MeasureNode) -> PublicPage:
        def context(to: To) -> Context:
            return {
                "measure": measure,
                "counted": counted(self.content.data["counts"]["measures"][measure.place]),
                "kpis": self._rows(measure.kpis, to),
                "review": self.content.measure_reviews.get(measure.place),
                "projects": published_projects(measure, self.content, self.errata),
                "errata": self.errata.beside(measure.title),
            }

        address = self.content.address_of_part(measure)
        heading = f"{measure.label}{measure.title}"
        return self._page(address, heading, "measure", context, self._above(measure))

    def _above(self, part: MeasureNode) -> tuple[tuple[str, str], ...]:
        return ((part.goal_label, f"goals/{part.goal_position}/"),)

    def _listing_page(self, listing: ListingNode) -> PublicPage:
        tree = self.content.tree
        part = tree.part_above(listing)
        above: tuple[tuple[str, str], ...] = (
            (listing.goal_label, f"goals/{listing.goal_position}/"),
        )
        if part is not None and not part.is_direct:
            above += ((f"{part.label}{part.title}", self.content.address_of_part(part)),)

        def context(to: To) -> Context:
            return {
                "listing": listing,
                "row": row_of(listing),
                "kind_of_listing": tree.words.listing_word(listing.model),
                "chart": chart_of(listing),
                "rows": years_shown(listing),
                "outside": values_outside(listing),
                "facts": self._facts(listing),
                "outlook": self._said(listing)["outlook"],
                "review": self._kpi_review(listing),
                "errata": self.errata.beside(listing.name),
            }

        address = self.content.address_of(listing)
        return self._page(address, listing.name_in_list, "listing", context, above)

    def _said(self, listing: ListingNode) -> _Json:
        return self.content.listings[listing.place, listing.model]

    def _kpi_review(self, listing: ListingNode) -> tuple[str, str] | None:
        said = self.content.kpi_reviews.get(listing.place) if listing.model == "kpi" else None
        if not said:
            return None
        outlook = KPIReview.Outlook(said["outlook"]).label if said["outlook"] else ""
        return said["comment"], str(outlook)

    def _facts(self, listing: ListingNode) -> list[tuple[str, str]]:
        """Return what the target says and how the indicator is measured; what is empty is not."""
        indicator = listing.indicator
        baseline = ""
        if listing.baseline is not None:
            year = f"、{era_label(listing.baseline_year)}" if listing.baseline_year else ""
            kind = listing.baseline_kind_label
            baseline = f"{amount(listing, listing.baseline)}（{kind}{year}）"
        judged = not listing.is_monitor
        facts = (
            ("種類", f"{listing.kind_label}。{kind_meaning(listing)}"),
            ("目標値", target_text(listing, listing.fiscal_year) if judged else ""),
            ("目標年度", target_year_in_words(listing) if judged else ""),
            ("基準値", baseline),
            ("値の時点", indicator.moment_label),
            ("算出方法", indicator.method),
            ("出典", indicator.source),
            ("担当課", indicator.section),
            *listing.carried_here.facts,
        )
        return [fact for fact in facts if fact[1]]

    def _projects(self, to: To) -> Context:
        return {
            "groups": [
                Group(
                    Link(
                        f"{part.label_in_plan} {part.title}".strip(),
                        self._to(to)(self.content.address_of_part(part)),
                    ),
                    published_projects(part, self.content, self.errata),
                    f"projects-{number}",
                )
                for number, part in enumerate(self.content.tree.parts, 1)
                if part.projects
            ],
            "counted": self.content.data["counts"]["projects"],
        }

    def _evaluations(self, to: To) -> Context:
        reviews = self.content.measure_reviews
        return {
            "reviews": [
                (
                    Link(
                        f"{one.label_in_plan} {one.title}",
                        self._to(to)(self.content.address_of_part(one)),
                    ),
                    reviews[one.place],
                )
                for one in self.content.tree.measures
                if one.place in reviews
            ],
            "grants": [
                {
                    **one,
                    "amount": "" if one["amount"] is None else yen_label(one["amount"]),
                    "effect": Effect(one["effect"]).label if one["effect"] else "",
                    "opinion_on": _day(one["opinion_on"]),
                }
                for one in self.content.data["grant_reviews"]
            ],
        }

    def _opinions(self, to: To) -> Context:
        goals = {goal.position: goal for goal in self.content.tree.goals}
        return {
            "councils": [
                {
                    **held,
                    "held_on": _day(held["held_on"]),
                    "fields": [{**one, "field": _field(one["field"])} for one in held["fields"]],
                    "opinions": [_opinion(one) for one in held["opinions"]],
                }
                for held in self.content.data["councils"]
            ],
            "verdicts": [
                (self._goal_link(goals[one["goal"]], to), one)
                for one in self.content.data["goal_reviews"]
                if one["goal"] in goals and (one["verdict"] or one["summary"])
            ],
        }

    def _differences(self, to: To) -> Context:
        return {
            "differences": [
                {**one, "year": era_label(one["fiscal_year"])}
                for one in self.content.data["differences"]
            ]
        }

    def _data(self, to: To) -> Context:
        return {
            "files": [
                (Link(one.label, self._to(to)(one.path)), one)
                for one in files_beside(self.edition, self.content)
            ]
        }


def _opinion(said: _Json) -> _Json:
    return {
        **said,
        "field": _field(said["field"]),
        "response": Response(said["response"]).label if said["response"] else "",
        "due_on": era_day(date.fromisoformat(said["due_on"])) if said["due_on"] else "",
    }


def _field(code: str) -> str:
    return str(MemberField(code).label) if code else "分野の記載なし"


def _day(day: str | None) -> str:
    return day_label(date.fromisoformat(day)) if day else ""
