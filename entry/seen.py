"""What the page of the grid showed of a row, as the text that its form sends back.

3:0f1e2d3c4b5a6978:1:千円 is version 3 of the value, a digest of the texts, one decimal, 千円. So
what was typed beside another unit is never taken for a number of today's unit.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Seen:
    """What a page showed. `version` is "" if there was no value.

    `scale` is how its numbers are written (`scale_of`); "" if unknown.
    """

    version: str
    digest: str
    scale: str = ""

    def __str__(self) -> str:
        return f"{self.version}:{self.digest}:{self.scale}"

    @property
    def unit(self) -> str:
        """The display unit beside the field."""
        return self.scale.partition(":")[2]


def read_seen(text: str) -> Seen:
    """Return what a page showed; any text is understood."""
    version, _, rest = text.partition(":")
    digest, _, scale = rest.partition(":")
    return Seen(version, digest, scale)


def scale_of(indicator: Any) -> str:
    """Return how the numbers of an indicator are written: its decimals and its display unit."""
    return f"{indicator.decimals}:{indicator.shown_unit}"


def told_of_other_scale(then: str, now: str) -> str:
    """Return the message about a number that was typed under `then` and is read under `now`."""
    (decimals, _, unit), (decimals_now, _, unit_now) = then.partition(":"), now.partition(":")
    if unit != unit_now:
        named = unit_now or "なし"
        return (
            f"入力したときの単位は「{unit or 'なし'}」でしたが、今の単位は「{named}」です。"
            f"単位が「{named}」の値になっているか確かめ、直してから、もう一度保存してください。"
        )
    return (
        f"入力した後に、この指標の小数点以下の桁数が{decimals}桁から{decimals_now}桁に変わりました。"
        "値を確かめ、もう一度保存してください。"
    )
