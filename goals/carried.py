"""Further attributes of measures, KPIs and projects: SDGs, 交付金, the code of the 総合計画."""

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from japanese.numerals import half_width
from japanese.row_numbers import row_number

SDGS = range(1, 18)
"""The numbers of the seventeen goals."""

CARRIED_FIELDS = ("sdgs", "grants", "general_plan_code")


class Carried(models.Model):
    """A part of a plan with SDGs, 交付金 and a code of the 総合計画.

    `grants` are the numbers of `goals.Grant` in the same plan. They are a list, as the numbers of
    SDGs are, so that the row of the part and each row of its history say everything
    (docs/decisions/0023). Forms, imports and files ask whether the plan has such a 交付金.
    """

    sdgs = models.JSONField("SDGs", default=list, blank=True, help_text="1から17までの番号。")
    grants = models.JSONField("交付金", default=list, blank=True)
    general_plan_code = models.CharField(
        "総合計画コード", max_length=40, blank=True, help_text="総合計画での番号。例：2-1-3"
    )

    class Meta:
        abstract = True

    def clean_carried(self) -> None:
        """Raise ValidationError for numbers that are not SDGs, or are there twice."""
        errors = {}
        if wrong := wrong_numbers(self.sdgs, SDGS):
            errors["sdgs"] = f"SDGsの番号「{wrong}」は使えません。1から17までの番号にしてください。"
        if wrong := wrong_numbers(self.grants):
            errors["grants"] = (
                f"交付金の番号「{wrong}」は使えません。この計画の交付金を選んでください。"
            )
        if errors:
            raise ValidationError(errors)
        self.sdgs, self.grants = sorted(set(self.sdgs)), sorted(set(self.grants))


def wrong_numbers(numbers: Any, allowed: range | None = None) -> str:
    """Return the parts of a list of numbers that are not numbers, as text; "" if all are."""
    if not isinstance(numbers, list):
        return str(numbers)
    wrong = [
        one
        for one in numbers
        if not isinstance(one, int)
        or isinstance(one, bool)
        or one < 1
        or (allowed is not None and one not in allowed)
    ]
    return "、".join(map(str, wrong))


_SEPARATORS = re.compile(r"[、，,・;；\s]+")


def read_sdgs(text: str) -> list[int]:
    """Return the numbers of SDGs in a text: 3、11. Raises ValueError for anything else."""
    numbers = set()
    for part in filter(None, _SEPARATORS.split(half_width(text))):
        number = row_number(part)
        if number is None or number not in SDGS:
            raise ValueError(
                f"SDGsの番号「{part}」は使えません。1から17までの番号を「3、11」のように"
                "入力してください。"
            )
        numbers.add(number)
    return sorted(numbers)


def read_grants(text: str, names: Mapping[int, str]) -> list[int]:
    """Return the numbers of the 交付金 that a text names, one after the other or line by line.

    `names` are those of the plan by number. Raises ValueError for another name.
    """
    known = {name.strip(): number for number, name in names.items()}
    numbers = set()
    for name in filter(None, map(str.strip, re.split(r"[、，,\n]", text))):
        if name not in known:
            offered = "".join(f"「{one}」" for one in known)
            remedy = f"{offered}のどれかを入力するか、" if offered else ""
            raise ValueError(
                f"交付金「{name}」は、この計画に登録されていません。{remedy}"
                "先に管理画面の「交付金」で登録してください。"
            )
        numbers.add(known[name])
    return sorted(numbers)
