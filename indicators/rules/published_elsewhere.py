"""What other plans published, judged again under their own rules: do the judgements agree?

Standard library only. docs/progress.md describes the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from indicators.rules.judgement import Assessment, assess
from indicators.rules.scales import read_scale
from indicators.rules.targets import Period, Plan, TargetSpec
from indicators.rules.terms import FIGURES, JudgedBy, Missing, Scale
from japanese.numerals import decimals_of, half_width

WORD = "word"
"""The key of a published grade; the other keys are names of figures."""

NO_REASON = "理由はまだ調べられていません。"

_RATE = re.compile(r"\(?(-?[0-9]+(?:\.([0-9]+))?)%(超|未満)?\)?")


@dataclass(frozen=True)
class PublishedComparison:
    """A published judgement and that of the rules.

    ``differences`` has a Japanese text for each published word or rate that the rules do not give;
    ``reason`` says why, "" if all agree.
    """

    plan: str
    name: str
    fiscal_year: int | None
    differences: tuple[str, ...]
    reason: str = ""

    @property
    def agrees(self) -> bool:
        return not self.differences


def compare_published(content: Any) -> list[PublishedComparison]:
    """Judge each row of a file that has something published; return them in the file's order.

    ``content`` is the parsed JSON file. Raises ``ValueError`` with Japanese messages for a file of
    another shape, and for rules or a row that cannot be read; the message names plan and row.
    """
    if not (
        isinstance(content, dict)
        and isinstance(content.get("plans"), dict)
        and isinstance(content.get("rows"), list)
        and all(isinstance(plan, dict) for plan in content["plans"].values())
        and all(isinstance(row, dict) for row in content["rows"])
    ):
        raise ValueError(
            "公表された評価のファイルではありません。"
            "「plans」と「rows」のあるJSONファイルを指定してください。"
        )
    plans = {name: _plan_rules(name, rules) for name, rules in content["plans"].items()}
    return [
        _compared(number, row, plans)
        for number, row in enumerate(content["rows"], start=1)
        if row.get("published")
    ]


@dataclass(frozen=True)
class _Rules:
    scale: Scale
    lowest: Decimal | None
    highest: Decimal | None

    def within(self, figure: Decimal) -> Decimal:
        """Return a figure as the plan prints it: some print no rate below 0 or above 100."""
        if self.lowest is not None:
            figure = max(figure, self.lowest)
        return figure if self.highest is None else min(figure, self.highest)


def _plan_rules(name: str, rules: Mapping[str, Any]) -> _Rules:
    lowest, highest = rules.get("rates", [None, None])
    try:
        scale = read_scale(rules.get("scale", {}))
    except ValueError as error:
        raise ValueError(f"計画「{name}」：{error}") from error
    return _Rules(scale, *(None if end is None else Decimal(end) for end in (lowest, highest)))


def _compared(
    number: int, row: Mapping[str, Any], plans: Mapping[str, _Rules]
) -> PublishedComparison:
    where = f"{number}番目の行「{row.get('name', '')}」"
    if row.get("plan") not in plans:
        raise ValueError(
            f"{where}：計画「{row.get('plan', '')}」の決め方がありません。"
            "「plans」にその計画を加えてください。"
        )
    head = (row["plan"], str(row.get("name", "")), row.get("fiscal_year"))
    reason = row.get("differs_because") or NO_REASON
    if row.get("reading") is None:
        return PublishedComparison(*head, ("この目標は登録できません",), reason)
    rules = plans[row["plan"]]
    try:
        found = _assessed(row, rules.scale)
        differences = tuple(_differences(row["published"], found, rules))
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise ValueError(f"{where}は読み取れません：{error}") from error
    return PublishedComparison(*head, differences, reason if differences else "")


def _assessed(row: Mapping[str, Any], scale: Scale) -> Assessment:
    reading, year, period = row["reading"], row["fiscal_year"], Period(*row["period"])
    actuals, missing, carry_years = _numbers(row["actuals"]), {}, 0
    measured = row.get("measured", year)
    if measured != year and measured in period:
        # The paper prints a late value in the column of the year that it reports on.
        actuals[measured] = actuals.pop(year)
        missing[year] = Missing.UNPUBLISHED
        carry_years = year - measured
    yearly_targets = _numbers(row.get("yearly_targets", {}))
    target, baseline = Decimal(reading["target"]), reading["baseline"]
    written = [target, *actuals.values(), *yearly_targets.values()]
    spec = TargetSpec(
        kind=reading["kind"],
        direction=reading["direction"],
        target=target,
        baseline=None if baseline is None else Decimal(baseline),
        decimals=max(map(decimals_of, written)),
        unit=row.get("unit", ""),
        carry_years=carry_years,
        running_total=reading.get("running_total", False),
        yearly_targets=yearly_targets,
    )
    return assess(spec, actuals, Plan(period, scale), year, missing)


def _numbers(by_year: Mapping[str, str]) -> dict[int, Decimal]:
    return {int(year): Decimal(number) for year, number in by_year.items()}


def _differences(published: Mapping[str, str], found: Assessment, rules: _Rules) -> Iterator[str]:
    for key, text in published.items():
        if key == WORD:
            word = rules.scale.labels.get(found.status, found.label)
            if word != text:
                yield f"公表は「{text}」、判定は「{word}」"
            continue
        name = JudgedBy(key)
        if name not in FIGURES:
            raise ValueError(f"「{key}」という率はありません。")
        figure: Decimal | None = getattr(found, name)
        if figure is None or not _is_printed_as(rules.within(figure), text):
            ours = "なし" if figure is None else f"{figure:f}％"
            yield f"{name.label}の公表は{text}、計算は{ours}"


def _is_printed_as(figure: Decimal, text: str) -> bool:
    """Whether a published rate is a figure rounded to fewer decimals.

    Our figure was rounded to 0.1 before, so it may differ by half of that from the exact one.
    """
    rate = _RATE.fullmatch(half_width(text).strip())
    if rate is None:
        raise ValueError(f"率「{text}」は読み取れません。「52.6%」のように書いてください。")
    number = Decimal(rate[1])
    if rate[3]:
        return figure >= number if rate[3] == "超" else figure < number
    half = Decimal("0.5").scaleb(-len(rate[2] or ""))
    return abs(figure - number) <= half + (Decimal("0.05") if half > Decimal("0.05") else 0)
