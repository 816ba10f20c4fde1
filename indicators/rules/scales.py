"""The checks of a scale, and a scale read from plain data, such as a JSON object.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from indicators.rules.terms import (
    BANDS,
    STATUSES,
    LateValues,
    LevelFigure,
    RestraintRule,
    Scale,
    Term,
)
from japanese.numerals import in_percent

NAMES = {
    "far_above": "大きく上回るとする割合",
    "on_track": "順調とする割合",
    "mostly_on_track": "おおむね順調とする割合",
    "slightly_behind": "やや遅れとする割合",
    "achieved": "最終年度に達成とする割合",
    "mostly_achieved": "最終年度におおむね達成とする割合",
    "partly_achieved": "最終年度に一部達成とする割合",
    "level_figure": "基準値のある期末水準の率",
    "worsened_first": "基準値より後退を先に判定する",
    "attainment_on_track": "達成率でも順調とする",
    "restraint": "抑制の判定",
    "late_values": "遅れて公表される値の判定",
    "labels": "判定の呼び方",
    "marks": "判定の印",
}
"""The Japanese name of each field of a scale."""

TERMS: Mapping[str, type[Term]] = {
    "level_figure": LevelFigure,
    "restraint": RestraintRule,
    "late_values": LateValues,
}
FLAGS = ("worsened_first", "attainment_on_track")
OPTIONAL = ("far_above", "mostly_achieved", "partly_achieved")
LAST_YEAR_AND_ABOVE = ("far_above", "achieved", "mostly_achieved", "partly_achieved")
THRESHOLDS = ("on_track", "mostly_on_track", "slightly_behind")
"""The percentages before the last year, from the best grade down; every plan has them."""

CHOICES = (*LAST_YEAR_AND_ABOVE, *TERMS, *FLAGS)
"""The fields that a plan file may leave out; the standard rules then hold."""

HIGHEST = Decimal("999.9")


def check_scale(scale: Scale) -> list[tuple[str, str]]:
    """Return why a scale cannot judge, as pairs of field and Japanese message."""
    return [*_faults_of_ranges(scale), *_faults_of_order(scale), *_faults_of_terms(scale)]


def _faults_of_ranges(scale: Scale) -> Iterator[tuple[str, str]]:
    if scale.far_above is not None and not 100 < scale.far_above <= HIGHEST:
        yield (
            "far_above",
            f"{NAMES['far_above']}は、100％より大きく{HIGHEST}％以下の数を入力するか、"
            f"空欄にしてください（入力値：{in_percent(scale.far_above)}）。",
        )
    for name in (*THRESHOLDS, "achieved", "mostly_achieved", "partly_achieved"):
        number = getattr(scale, name)
        if number is not None and not 0 <= number <= 100:
            remedy = ""
            if number > 100 and name in ("on_track", "achieved"):
                remedy = f"目標を大きく超えた値を分けるときは、{NAMES['far_above']}に入力します。"
            yield (
                name,
                f"{NAMES[name]}は、0％から100％までの数を入力してください"
                f"（入力値：{in_percent(number)}）。{remedy}",
            )


def _faults_of_order(scale: Scale) -> Iterator[tuple[str, str]]:
    last_year = [
        ("achieved", scale.achieved),
        ("mostly_achieved", scale.mostly_achieved_from),
        ("partly_achieved", scale.partly_achieved),
    ]
    before = [(name, getattr(scale, name)) for name in THRESHOLDS]
    for thresholds in (before, last_year):
        given = [(name, number) for name, number in thresholds if number is not None]
        for (higher, above), (lower, below) in pairwise(given):
            if below <= above:
                continue
            empty = lower == "mostly_achieved" and scale.mostly_achieved is None
            source = f"空欄のため{NAMES['mostly_on_track']}と同じ" if empty else "入力値："
            yield (
                lower,
                f"{NAMES[lower]}（{source}{in_percent(below)}）は、"
                f"{NAMES[higher]}（{in_percent(above)}）以下の数を入力してください。",
            )


def _faults_of_terms(scale: Scale) -> Iterator[tuple[str, str]]:
    for name, terms in TERMS.items():
        if getattr(scale, name) not in set(terms):
            known = "、".join(f"「{term.label}」" for term in terms)
            yield (
                name,
                f"{NAMES[name]}「{getattr(scale, name)}」はありません。{known}から選んでください。",
            )
    for name, known_keys in (("labels", STATUSES), ("marks", (*BANDS, *STATUSES))):
        if unknown := [key for key in getattr(scale, name) if key not in known_keys]:
            yield (
                name,
                f"{NAMES[name]}の「{'、'.join(unknown)}」という判定はありません。"
                f"使えるのは {', '.join(known_keys)} です。",
            )


def scale_data(scale: Scale) -> dict[str, Any]:
    """Return a scale as plain data for JSON, which `read_scale` reads.

    Percentages are texts with one decimal, as plans store them.
    """
    data: dict[str, Any] = {}
    for field in fields(Scale):
        value = getattr(scale, field.name)
        if isinstance(value, Decimal):
            value = f"{value:.1f}"
        data[field.name] = str(value) if isinstance(value, Term) else value
    return data


def read_scale(data: Mapping[str, Any]) -> Scale:
    """Return the scale that plain data describe; what is absent is as in the standard rules.

    Percentages are numbers or texts; ``None`` switches an optional one off. Raises ``ValueError``
    with a Japanese message for each unknown key, unreadable value and fault of ``check_scale``.
    """
    known = [field.name for field in fields(Scale)]
    faults = [
        f"判定の決め方に「{name}」という項目はありません。使えるのは {', '.join(known)} です。"
        for name in data
        if name not in known
    ]
    values: dict[str, Any] = {}
    for name in known:
        if name not in data:
            continue
        try:
            values[name] = _read(name)(name, data[name])
        except ValueError as error:
            faults.append(str(error))
    if not faults:
        scale = Scale(**values)
        faults = [message for _, message in check_scale(scale)]
    if faults:
        raise ValueError("\n".join(faults))
    return scale


def _read(name: str) -> Callable[[str, Any], Any]:
    if name in FLAGS:
        return _flag
    if name in TERMS:
        return _text
    return _words if name in ("labels", "marks") else _number


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{NAMES[name]}は、true か false にしてください（値：{value}）。")
    return value


def _text(name: str, value: Any) -> str:
    return str(value)


def _words(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(word, str) for word in value.values()):
        raise ValueError(f'{NAMES[name]}は、{{"名前": "文字"}} の形にしてください（値：{value}）。')
    return dict(value)


def _number(name: str, value: Any) -> Decimal | None:
    if value is None and name in OPTIONAL:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError(
            f"{NAMES[name]}「{value}」は数として読めません。「80」のような数にしてください。"
        )
    return number
