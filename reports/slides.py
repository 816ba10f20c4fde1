"""説明用の画面: the year as slides, cut to pages on which everything is large enough to read.

A slide has room for so much text, whatever the screen: the size of its letters follows the size of
the screen (static/slides.css). What does not fit continues on a further slide. How much fits is
estimated for the narrowest screen, 4:3; on a wider one lines are longer and the rest stays empty.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TypeAlias

from indicators.plan_states import PlanState
from japanese.calendar_days import day_label
from japanese.characters import one_line
from japanese.fiscal_years import era_label
from plans.comparison import Trend, YearComparison, changed
from plans.counting import count_listings
from plans.lagging import LAGGING_RULE, lagging, nothing_lags, worst
from plans.nodes import GoalNode, StrategyTree
from plans.overview import ChangedListing, judgement_shown
from plans.pages import review_label
from plans.presentation import JudgedRow, row_of
from plans.standing import Standing, standing_of
from tables.sheet_cells import fitting, line_count, text_width

WIDTH, HEIGHT = 38.0, 29.0
"""Room for text on a slide without its foot, in letters of the usual size (rem)."""

LINE, LINE_OF_A_TABLE = 1.5, 1.4
"""Heights of a line."""

LARGE, SMALLER = 1.5, 1.125
"""Sizes of a heading; the smaller one is for one that would fill half of the slide."""

LONG_HEADING, LONG_TITLE = 48, 19
"""Widths from which a heading, and the title of the plan on the first slide, are set smaller."""

BLOCK_HEAD, EMPTY, LIST_ITEM, TABLE_ROW = 2.65, 2.0, 0.9, 0.65
"""Heights of the heading of a block and of a text instead of rows; what a row adds to its lines."""

PILL = 1.7
"""What a status adds to the width of its text."""

TARGET_COLUMNS = (14.0, 5.4, 6.8, 8.0)
LAGGING_COLUMNS = (13.9, 7.8, 6.8, 5.6)
"""Widths of the columns of the tables, less their padding."""

TARGETS, REASONS, BETTER, WORST = "targets", "reasons", "better", "worst"
"""The kinds of blocks."""


@dataclass(frozen=True)
class SlideItem:
    """A row of a block; `reasons` are sentences below it. `height` is estimated.

    `name` is that of the listing, cut where it would fill a slide.
    """

    row: JudgedRow | ChangedListing
    name: str
    height: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """A heading with its rows, or with the text `empty` if there are none."""

    kind: str
    heading: str
    items: tuple[SlideItem, ...] = ()
    empty: str = ""
    continues: bool = False

    @property
    def head(self) -> float:
        """The height of everything above the first row."""
        columns = LINE_OF_A_TABLE + TABLE_ROW if self.kind in (TARGETS, WORST) else 0
        return BLOCK_HEAD + (columns if self.items else EMPTY)

    @property
    def height(self) -> float:
        """The height of the whole block."""
        return self.head + sum(item.height for item in self.items)

    def fitting(self, room: float) -> int:
        """Return how many of the rows fit."""
        found, left = 0, room - self.head
        for item in self.items:
            left -= item.height
            if left < 0:
                break
            found += 1
        return found


Page: TypeAlias = tuple[Block, ...]


@dataclass(frozen=True)
class Slide:
    """A slide. `standing` is there on the first slide of the whole and of a goal.

    `notes` are what every slide must say of its values.
    """

    heading: str
    about: str
    notes: tuple[str, ...]
    standing: Standing | None = None
    blocks: Page = ()
    before_label: str = ""
    is_cover: bool = False
    rule: str = ""

    @property
    def is_long(self) -> bool:
        """Whether the heading is set in smaller letters."""
        return text_width(self.heading) > (LONG_TITLE if self.is_cover else LONG_HEADING)

    @property
    def head(self) -> float:
        """The height of everything above the blocks."""
        size = SMALLER if self.is_long else LARGE
        above = line_count("　".join((self.about, *self.notes)), WIDTH) * LINE
        heading = line_count(self.heading, WIDTH / size - 4) * size * 1.35 + 0.6
        rule = line_count(self.rule, WIDTH) * LINE + 0.4 if self.rule else 0
        return above + heading + rule + (_counts_height(self.standing) if self.standing else 0)


def slides_of(tree: StrategyTree) -> list[Slide]:
    """Return the slides of a judged tree or a part of it: the whole, each goal, what lags."""
    goals = (slide for goal in tree.goals for slide in _of_goal(tree, goal))
    return [_cover(tree), *goals, *_lagging(tree)]


def _cover(tree: StrategyTree) -> Slide:
    before = tree.fiscal_year - 1
    return Slide(
        tree.title,
        "　".join(filter(None, (tree.city, tree.part))),
        _notes(tree),
        standing_of(tree, tree.listings),
        before_label=era_label(before) if before in tree.period else "",
        is_cover=True,
    )


def _of_goal(tree: StrategyTree, goal: GoalNode) -> Iterator[Slide]:
    standing = standing_of(tree, goal.listings, goal=goal.position)
    heading = f"{goal.label}　{goal.title}"
    first = Slide(heading, _about(tree), _notes(tree), standing if standing.count.total else None)
    yield from _pages(first, _blocks(tree, goal))


def _blocks(tree: StrategyTree, goal: GoalNode) -> Iterator[Block]:
    word = tree.words.numeric_target
    if not goal.listings:
        yield Block(TARGETS, word, empty="指標は登録されていません。")
        return
    targets = tuple(_target(row_of(target)) for target in goal.numeric_targets)
    yield Block(TARGETS, word, targets, "" if targets else f"{word}は登録されていません。")
    late = worst(goal.listings, len(goal.listings))
    count = count_listings(lagging(goal.listings))
    yield Block(
        REASONS,
        f"遅れている指標（{count.total}件{count.note}）" if late else "遅れている指標",
        tuple(_with_reasons(row_of(listing)) for listing in late),
        "" if late else nothing_lags(goal.listings),
    )
    better = changed(goal.listings, Trend.BETTER)
    if better:
        count = count_listings(one.listing for one in better)
        heading = f"改善した指標（{count.total}件{count.note}）"
        yield Block(BETTER, heading, tuple(_changed(one) for one in better))


def _lagging(tree: StrategyTree) -> Iterator[Slide]:
    late = worst(tree.listings, len(tree.listings))
    if not late:
        return
    count = count_listings(lagging(tree.listings))
    first = Slide(
        f"遅れている指標（{count.total}件{count.note}）",
        _about(tree),
        _notes(tree),
        rule=LAGGING_RULE if len(late) > 1 else "",
    )
    yield from _pages(first, [Block(WORST, "", tuple(_worst(row_of(one)) for one in late))])


def _about(tree: StrategyTree) -> str:
    return "　".join(filter(None, (review_label(tree.fiscal_year), tree.part)))


def _notes(tree: StrategyTree) -> tuple[str, ...]:
    notes = (
        "作成中の計画です。" if tree.state == PlanState.DRAFT else "",
        f"{day_label(tree.as_of)}終了時点のデータです。" if tree.as_of else "",
        "実績値は架空のものです。" if tree.invented else "",
    )
    return tuple(filter(None, notes))


def _target(row: JudgedRow) -> SlideItem:
    name = _cut_text(row.listing.name_in_list, TARGET_COLUMNS[0], 8)
    noted = "\n".join(filter(None, (name, "、".join(row.notes))))
    value = f"{'累計' if row.is_sum and row.value else ''}{row.value}"
    target = f"{row.target}\n{row.listing.due_note}"
    texts = (noted, value, target, f"{row.mark} {row.label}")
    return SlideItem(row, name, _row_height(texts, TARGET_COLUMNS))


def _worst(row: JudgedRow) -> SlideItem:
    name = _cut_text(row.listing.name_alone, LAGGING_COLUMNS[0], 8)
    texts = (name, f"{row.mark} {row.label}", row.judged_by, row.listing.indicator.section)
    return SlideItem(row, name, _row_height(texts, LAGGING_COLUMNS))


def _row_height(texts: Sequence[str], columns: Sequence[float]) -> float:
    lines = max(map(line_count, texts, columns))
    return max(lines, 1) * LINE_OF_A_TABLE + TABLE_ROW


def _with_reasons(row: JudgedRow) -> SlideItem:
    """Return a listing that lags with why it is judged so and, if known, why it lags."""
    remark = "" if row.is_chosen else _first_sentence(row.remarks)
    reasons = tuple(filter(None, (_first_sentence(row.explanation), remark and f"備考：{remark}")))
    name = _cut_text(row.listing.name_in_list, WIDTH, 3)
    named = f"{row.mark} {row.label}　{name}　{row.judged_by}"
    lines = [line_count(named, WIDTH - PILL), *(line_count(one, WIDTH - 1) for one in reasons)]
    return SlideItem(row, name, sum(lines) * LINE + LIST_ITEM, reasons)


def _first_sentence(text: str) -> str:
    """Return the first sentence of a text, cut after three lines."""
    sentence, stop, _ = one_line(text).partition("。")
    return _cut_text(sentence + stop, WIDTH - 4, 3)


def _cut_text(text: str, width: float, lines: int) -> str:
    """Return a text that fills at most `lines` lines; a shortened one says so at its end."""
    end = fitting(text, width, lines)
    return text if end == len(text) else f"{text[: end - 1]}…"


def _changed(one: YearComparison) -> SlideItem:
    assert one.before is not None  # without a year before there is no trend
    before, now = (judgement_shown(one.listing, judged) for judged in (one.before, one.now))
    way = f"{before.mark} {before.label} → {now.mark} {now.label}"
    name, room = _cut_text(one.listing.name_in_list, WIDTH, 3), WIDTH - 2 * PILL
    fits_beside = text_width(f"{name}　　{way}") <= room
    lines = 1 if fits_beside else line_count(name, WIDTH) + line_count(way, room)
    return SlideItem(ChangedListing(one.listing, before, now), name, lines * LINE + LIST_ITEM)


def _counts_height(standing: Standing) -> float:
    """Return the height of the counts: a line, the bar, and the bands, as many as fit in a line."""
    lines, left = 1, WIDTH
    for band in standing.bands:
        counted = band.counted
        if not counted.count.total:
            continue
        text = f"{counted.mark} {counted.name} {counted.count.total}件{counted.count.note}"
        width = text_width(text) + PILL
        if width > left:
            lines, left = lines + ceil(width / WIDTH), WIDTH
        left -= width
    return 4.3 + 2.05 * lines


def _pages(first: Slide, blocks: Iterable[Block]) -> Iterator[Slide]:
    """Yield the slides that blocks fill; all but the first have only the heading above them."""
    short = _cut_text(first.heading, WIDTH / LARGE - 6, 1)  # with room for a number
    numbered = replace(first, heading=f"{first.heading}（00／00）")
    further = replace(first, heading=f"{short}（00／00）", standing=None, rule="")
    pages = _cut(blocks, HEIGHT - numbered.head, HEIGHT - further.head)
    for number, page in enumerate(pages, 1):
        place = f"（{number}／{len(pages)}）" if len(pages) > 1 else ""
        if number == 1:
            yield replace(first, heading=first.heading + place, blocks=page)
        else:
            yield replace(further, heading=short + place, blocks=page)


def _cut(blocks: Iterable[Block], room_of_first: float, room: float) -> list[Page]:
    """Return the blocks on pages. One that fits on a page of its own is not divided."""
    pages: list[list[Block]] = [[]]
    left = room_of_first
    for block in blocks:
        rest = block
        while rest.height > left:
            number = rest.fitting(left)
            if (left < room and not number) or (pages[-1] and rest.height <= room):
                pages.append([])
                left = room
                continue
            number = max(number, 1)
            pages[-1].append(replace(rest, items=rest.items[:number]))
            rest = replace(rest, items=rest.items[number:], continues=True)
            left = 0
            if not rest.items:
                break
        else:
            pages[-1].append(rest)
            left -= rest.height
    return [tuple(page) for page in pages]
