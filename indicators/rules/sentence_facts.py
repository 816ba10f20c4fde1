"""What a target sentence states: its frame, the roles of its numbers, their years and its form."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from indicators.rules import name_directions
from indicators.rules.sentence_forms import (
    Multiple,
    OtherValue,
    comparison_in,
    hide_recent_means,
    more_each_year,
    multiple_in,
    several_in,
    verb_at_the_end,
    without_rank_asides,
    words_of_target,
)
from indicators.rules.sentence_frames import Frame, YearAt, one_form, read_frame
from indicators.rules.sentence_quantities import (
    AT_LEAST,
    AT_MOST,
    PERCENT,
    NumberRole,
    Quantity,
    find_quantities,
)
from japanese.numerals import MAX_DIGITS, decimals_of

_PER_HEAD = re.compile(r"(?<!年)(?<!年度)(?:当たり|あたり|当り|につき)")
_COUNTS_PEOPLE = re.compile(r"(?:者数|児童数|人数)(?:\(.*\))?$")
_MEAN_OF_A_YEAR = re.compile(r"\((?:うち)?(?:年平均|年間|毎年|各年度?|年)(?:約)?$")


@dataclass(frozen=True)
class Parts:
    """The numbers of a sentence by their roles; None where it has none."""

    target: Quantity | None = None
    change: Quantity | None = None
    baseline: Quantity | None = None
    yearly_step: Quantity | None = None
    factor: Quantity | None = None
    compared: Quantity | None = None
    base: Quantity | None = None
    """What a multiple is taken of: the 180 in 180人の半数."""
    unread: tuple[Quantity, ...] = ()
    """Numbers whose role the sentence does not state."""
    ends_of_range: tuple[Quantity, Quantity] | None = None
    baseline_in_brackets: bool = False
    """78％（2013年度75.4％）."""


@dataclass(frozen=True)
class SentenceFacts:
    """A sentence taken apart, with the name of the indicator."""

    name: str
    frame: Frame
    parts: Parts
    comparison: OtherValue | None
    multiple: Multiple | None
    recent_mean: str
    """直近３年平均; "" if there is none."""

    @property
    def subject(self) -> str:
        """What is measured: the name of the indicator, or its name in the sentence."""
        return self.name or (self.main.before if self.main else "")

    @property
    def main(self) -> Quantity | None:
        """The main number of the sentence: the target, otherwise the change."""
        return self.parts.target or self.parts.change

    @property
    def verb(self) -> str:
        parts = self.parts
        for quantity in (parts.change, parts.yearly_step, parts.compared, parts.target):
            if quantity and quantity.verb:
                return quantity.verb
        return ""

    @property
    def limit(self) -> str:
        """以上, 未満 … of the target; that of a change (５ポイント以上向上) is ignored."""
        return self.parts.target.limit if self.parts.target else ""

    @property
    def holds_down_a_change(self) -> bool:
        """Whether the number limits a change, not the value: 減少を１０人に抑制."""
        target = self.parts.target
        is_change = target and re.search(r"[少加]を[^抑食歯]{0,4}$", target.before)
        return bool(self.frame.restrained and is_change)

    @property
    def is_per_head(self) -> bool:
        """Whether the value is a ratio per head: 人口１，０００人当たり."""
        said = _PER_HEAD.search(self.main.before) if self.main else None
        return bool(_PER_HEAD.search(self.name) or said)

    @property
    def is_rank(self) -> bool:
        """Whether the value is a place, of which a smaller one is better."""
        level = self.main or self.parts.baseline
        if level is None or level.unit not in ("", "位"):
            return False
        return level.unit == "位" or name_directions.is_rank(self.name)

    @property
    def decimals(self) -> int | None:
        """The most decimals in the sentence, at least 1 for ％ and 当たり; None if unknown."""
        parts = (self.parts.target, self.parts.change, self.parts.baseline, self.parts.yearly_step)
        read = [(part.unit, part.value) for part in parts if part and part.value is not None]
        if not read:
            return None
        is_ratio = any(unit == "％" for unit, _ in read) or self.is_per_head
        return max(1 if is_ratio else 0, *(decimals_of(value) for _, value in read))

    @property
    def unit(self) -> str | None:
        """The unit of the target; for a bare ゼロ, 人 if the name counts people."""
        parts = self.parts
        of_level = parts.target or parts.baseline
        if of_level is None:
            # ３ポイント向上 does not reveal the unit of the value.
            change = parts.change or parts.yearly_step or parts.base
            return change.unit if change and change.unit not in PERCENT else None
        if of_level.unit or of_level.value != 0:
            return of_level.unit
        return "人" if _COUNTS_PEOPLE.search(self.name) else ""

    @property
    def step(self) -> Decimal | None:
        """Target − baseline if both are written (→, YからXへ); otherwise None."""
        parts = self.parts
        if parts.target and parts.baseline:
            return difference(parts.target.value, parts.baseline.value)
        return None

    @property
    def factor(self) -> Decimal | None:
        """The factor of a multiple of something: 2倍, 半減; None if there is none."""
        if self.parts.factor:
            return self.parts.factor.value
        return self.multiple.factor if self.multiple else None

    @property
    def is_multiple(self) -> bool:
        """Whether it is 2倍 or 半減 of something; a lone 倍増 says neither of what nor by when."""
        is_placed = self.name or self.frame.has_end or self.frame.has_reference or self.parts.base
        in_words = self.multiple is not None and bool(is_placed)
        is_stated = self.parts.target is not None and self.parts.baseline is not None
        return (self.parts.factor is not None or in_words) and not is_stated

    @property
    def can_be_subtracted(self) -> bool:
        """Whether change and level have compatible units."""
        of_level, change = self.parts.target or self.parts.baseline, self.parts.change
        if of_level is None or change is None:
            return False
        if change.unit == "ポイント":
            return of_level.unit in ("", *PERCENT)
        return change.unit in ("", of_level.unit) or {of_level.unit, change.unit} == {"人", "名"}

    @property
    def lacks_number(self) -> bool:
        """Whether the target side has words only: 80％→増加, 現状値以上."""
        parts = self.parts
        has_number = self.main or parts.yearly_step or parts.compared or parts.unread
        if has_number or self.is_multiple or self.compared_with:
            return False
        said_so = self.comparison is not None and self.comparison.is_status_quo
        ends = self.frame.has_end and verb_at_the_end(self.frame.text)
        return parts.baseline is not None or said_so or bool(ends)

    @property
    def words_of_target(self) -> str:
        return words_of_target(self.frame.text)

    @property
    def way_of_words(self) -> str:
        """The verb of a target without a number."""
        return verb_at_the_end(self.frame.text)

    @property
    def mean(self) -> str | None:
        """The years of a mean as written; "" if not named, None if there is no mean."""
        if self.frame.mean is None and self.recent_mean and not self.comparison:
            return self.recent_mean
        return self.frame.mean

    @property
    def several(self) -> str:
        """いずれの地区も: several numbers have to keep the target; "" for one number."""
        return several_in(self.frame.text)

    @property
    def compared_with(self) -> str:
        """前年度, 全国平均: the other value of a relative target; "" if there is none."""
        if self.comparison and not self.comparison.is_status_quo:
            return self.comparison.reference
        parts = self.parts
        has_number = parts.target or parts.change or parts.factor or parts.yearly_step
        return "" if has_number or self.multiple else self.frame.compared_year

    @property
    def has_other_length(self) -> bool:
        """Whether target and baseline cover different spans: 250人(R4)→1,000人(R6～R9)."""
        target, baseline = self.parts.target, self.parts.baseline
        if not (target and baseline):
            return False
        ends = [years_of(self, quantity) for quantity in (target, baseline)]
        lengths = [years[1] - years[0] if years else 0 for years in ends]
        return lengths[0] != lengths[1]


def facts_of(sentence: str, name: str) -> SentenceFacts:
    """Take a sentence apart. `name` is the name of the indicator, or ""."""
    name = one_form(name)
    text, recent_mean = hide_recent_means(without_rank_asides(one_form(sentence)))
    frame, text = read_frame(text)
    text, multiple = multiple_in(text)
    quantities = find_quantities(
        text,
        is_ratio_of_times=name_directions.is_ratio_of_times(name),
        is_difference=name_directions.is_difference(name),
    )
    parts = _assign(_settled(quantities, frame), frame)
    parts = _with_base(parts, multiple, text)
    comparison = _comparison(frame, recent_mean, name, parts)
    return SentenceFacts(name, frame, parts, comparison, multiple, recent_mean)


def _comparison(frame: Frame, recent_mean: str, name: str, parts: Parts) -> OtherValue | None:
    found = comparison_in(frame.text, recent_mean)
    if found is None:
        has_number = parts.target or parts.change or parts.yearly_step or parts.unread
        return None if has_number else more_each_year(frame.text)
    # Of 出生数の前年比 the number is the value itself.
    is_of_the_name = parts.target is not None and found.reference[:2] in name
    return None if is_of_the_name else found


# --- The roles of the numbers -----------------------------------------------------------------


def _settled(quantities: list[Quantity], frame: Frame) -> list[Quantity]:
    """Return the quantities with the roles that only the whole sentence reveals."""
    targets = [quantity for quantity in quantities if quantity.role == NumberRole.TARGET]
    settled = []
    for quantity in quantities:
        role = quantity.role
        if (
            role == NumberRole.YEARLY_STEP
            and quantity.is_yearly
            and any(t.is_yearly for t in targets)
        ):
            # 50件/年とし5件/年増加: the amount of a year changes once.
            role = NumberRole.CHANGE
        is_signed = quantity.written[0] in "+−▲△-" and quantity.unit in PERCENT
        if (
            role == NumberRole.TARGET
            and is_signed
            and frame.has_reference
            and "→" not in frame.text
        ):
            role = NumberRole.CHANGE
        elif role == NumberRole.TARGET and frame.compared_year and quantity.unit in PERCENT:
            # 120％（令和元年度比）.
            role = NumberRole.COMPARED
        if role == NumberRole.ASIDE and _is_target_per_year(quantity, targets, frame):
            continue
        settled.append(replace(quantity, role=role))
    return settled


def _is_target_per_year(aside: Quantity, targets: list[Quantity], frame: Frame) -> bool:
    """Return whether a number in brackets repeats the target: 5年間で800人（年平均160人）."""
    years = frame.years or next(iter(_lengths_named(frame)), None)
    if not years or len(targets) != 1 or not _MEAN_OF_A_YEAR.search(aside.before):
        return False
    target = targets[0].value
    return target is not None and aside.value is not None and aside.value * years == target


def _lengths_named(frame: Frame) -> Iterable[int]:
    """Yield the number of years of each range in the frame."""
    for at in frame.named_years:
        if at.written.is_range and at.written.years:
            yield at.written.years[1] - at.written.years[0] + 1


def _assign(quantities: list[Quantity], frame: Frame) -> Parts:
    """Assign the roles to the numbers; if two claim the same role, neither gets it."""
    by_role: dict[NumberRole, list[Quantity]] = {}
    for quantity in quantities:
        by_role.setdefault(quantity.role, []).append(quantity)
    unread = by_role.pop(NumberRole.ASIDE, [])
    targets = by_role.get(NumberRole.TARGET, [])
    single_years = {at.position for at in frame.named_years if not at.written.is_range}
    dated = [
        aside
        for aside in unread
        if aside.before.endswith("(、") and single_years & {aside.start - 1, aside.start}
    ]
    in_brackets = len(dated) == 1 and len(targets) == 1 and NumberRole.BASELINE not in by_role
    if in_brackets:
        by_role[NumberRole.BASELINE] = dated
        unread = [aside for aside in unread if aside not in dated]
    ends = _ends_of_range(quantities)
    sole: dict[NumberRole, Quantity] = {}
    for role, claimants in by_role.items():
        if len(claimants) == 1 and not (ends and claimants[0] in ends):
            sole[role] = claimants[0]
        else:
            unread = unread + claimants
    return Parts(
        target=sole.get(NumberRole.TARGET),
        change=sole.get(NumberRole.CHANGE),
        baseline=sole.get(NumberRole.BASELINE),
        yearly_step=sole.get(NumberRole.YEARLY_STEP),
        factor=sole.get(NumberRole.FACTOR),
        compared=sole.get(NumberRole.COMPARED),
        unread=tuple(unread),
        ends_of_range=ends,
        baseline_in_brackets=in_brackets,
    )


def _ends_of_range(quantities: list[Quantity]) -> tuple[Quantity, Quantity] | None:
    """Return the ends of 10～20人 and of 20以上30未満; None if there is no range."""
    ranged = [quantity for quantity in quantities if quantity.end_of_range is not None]
    if len(ranged) == 2:
        return ranged[0], ranged[1]
    targets = [quantity for quantity in quantities if quantity.role == NumberRole.TARGET]
    if len(targets) == 2 and targets[0].limit in AT_LEAST and targets[1].limit in AT_MOST:
        lower, upper = targets[0].value, targets[1].value
        if lower is not None and upper is not None and lower < upper:
            return targets[0], targets[1]
    return None


_LEADS_TO_MULTIPLE = re.compile(r"(?:に|へ|まで|とし|と|→)")


def _with_base(parts: Parts, multiple: Multiple | None, text: str) -> Parts:
    """Take 180 in 180人の半数 from the targets: the multiple is of it."""
    target = parts.target or parts.baseline
    position = parts.factor.start if parts.factor else multiple.position if multiple else None
    if target is None or position is None or position < target.end:
        return parts
    between = text[target.end : position]
    is_aside = between.count("(") > between.count(")")
    if is_aside or (_LEADS_TO_MULTIPLE.match(target.after) and parts.target):
        return parts
    if parts.target:
        return replace(parts, target=None, base=target)
    return replace(parts, base=target)


# --- Years ------------------------------------------------------------------------------------


def years_of(facts: SentenceFacts, quantity: Quantity) -> tuple[int, int] | None:
    """Return the first and last fiscal year named with a number; None if none is."""
    found = [
        at.written.years
        for at in facts.frame.named_years
        if not at.is_reference and at.written.years and _owner(facts, at) is quantity
    ]
    return found[-1] if found else None


def _owner(facts: SentenceFacts, at: YearAt) -> Quantity | None:
    """Return the number that a year belongs to: the one before （R1）, the one after R1:."""
    parts = facts.parts
    both = sorted(
        (part for part in (parts.baseline, parts.target) if part), key=lambda part: part.start
    )
    before = [part for part in both if part.end <= at.position]
    after = [part for part in both if part.start >= at.position]
    # 現状（R1）：100人　目標（R6）：200人: the brackets stand before the numbers.
    leads = bool(both) and any(
        one.in_brackets and one.position <= both[0].start for one in facts.frame.named_years
    )
    if at.in_brackets and before and not leads:
        return None if _is_after_arrow(before[-1], at) else before[-1]
    if after:
        return after[0]
    # 2023年 91.6％→2029年 現状値より増加: the year is of a target without a number.
    is_of_words = bool(before) and before[-1] is parts.baseline
    return None if is_of_words or not before else before[-1]


def _is_after_arrow(quantity: Quantity, at: YearAt) -> bool:
    """Return whether a year is of the words after →: 100万人→現状維持（R6）."""
    arrow = quantity.after.find("→")
    return 0 <= arrow < at.position - quantity.end - len(quantity.unit)


def baseline_year(facts: SentenceFacts) -> int | None:
    """Return the fiscal year of the baseline, or from which a change counts; None if not named."""
    baseline = facts.parts.baseline
    years = years_of(facts, baseline) if baseline else None
    if years:
        return years[1]
    # ２０２４年度の販売金額の２倍: the year is of what is multiplied.
    is_of_base = facts.is_multiple and facts.parts.target is None
    return _only(
        at for at in facts.frame.named_years if at.is_reference or (is_of_base and not at.is_end)
    )


def target_year(facts: SentenceFacts) -> int | None:
    """Return the fiscal year by which the target is to be reached; None if not named."""
    target = facts.parts.target
    if target:
        years = years_of(facts, target)
        return years[1] if years else None
    free = [at for at in facts.frame.named_years if not at.is_reference]
    if facts.is_multiple:
        return _only(at for at in free if at.is_end)
    return _only(at for at in free if _owner(facts, at) is None)


def _only(named: Iterable[YearAt]) -> int | None:
    years = [at.written.years[1] for at in named if at.written.years]
    return years[0] if len(years) == 1 else None


def difference(value: Decimal | None, subtrahend: Decimal | None) -> Decimal | None:
    """Return value − subtrahend without rounding; None if one is None."""
    if value is None or subtrahend is None:
        return None
    with localcontext(prec=3 * MAX_DIGITS):
        return value - subtrahend
