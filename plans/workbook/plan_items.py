"""Describes the sheet 計画: the plan itself, its rules of judging, its words; and its 交付金."""

import re
from typing import Any

from django.core.exceptions import ValidationError

from goals.models import confused_words
from indicators.plan_words import check_words, own_words
from indicators.rules.scales import FLAGS, NAMES, TERMS, read_scale
from indicators.rules.terms import BANDS, STANDARD_SCALE, STATUSES
from indicators.rules.typed_numbers import read_typed_number
from japanese.fiscal_years import full_label
from japanese.numerals import half_width, needed_decimals, plain
from plans.workbook.cells import CellReader, Unreadable
from plans.workbook.columns import BASICS, same
from plans.workbook.described import Json, Known
from plans.workbook.reading import BookRow, PlanBook, words_as_typed
from plans.workbook.texts import number_in
from trail.installation import check_last_digit

MOST_YEARS = 15
"""A plan of more years is asked about."""


class PlanItems(CellReader):
    """Describes what holds for the plan as a whole."""

    def __init__(self, book: PlanBook, known: Known) -> None:
        super().__init__(book)
        self.known = known
        self.grants: dict[str, int] = {}
        """The number of each 交付金, by its number and by its name."""

    def describe_strategy(self) -> Json:
        """Return the plan without its goals, with its words and 交付金."""
        strategy = self._strategy()
        self._own_words(strategy)
        self.grants = self._grants(strategy)
        return strategy

    def _strategy(self) -> Json:
        names = {item.key: item.name for item in BASICS}
        strategy: Json = {}
        for key in ("title", "city"):
            strategy[key] = self.item(key)
            if key == "city" and not strategy[key] and self.known.city:
                strategy[key] = self.known.city
            if not strategy[key]:
                self.item_fault(key, f"{names[key]}が空欄です。{names[key]}を書いてください。")
        strategy["city_code"] = self._city_code()
        for key, name in (("first", "first_fiscal_year"), ("last", "last_fiscal_year")):
            strategy[name] = self._plan_year(key, names[key])
        first, last = strategy["first_fiscal_year"], strategy["last_fiscal_year"]
        if first and last and last < first:
            self.item_fault(
                "last",
                f"最後の年度（{full_label(last)}）が、最初の年度（{full_label(first)}）より前です。"
                "どちらかを直してください。",
            )
        strategy["code"] = self._plan_code(strategy)
        self._doubt_plan(strategy)
        strategy["scale"] = self._scale()
        self._check_scale(strategy["scale"])
        note = self.book.items.get("note")
        strategy["note"] = note.text("content") if note and note.text("content") else None
        invented = self.book.items.get("invented")
        try:
            strategy["invented"] = bool(
                invented and self.flag(invented, "content", names["invented"])
            )
        except Unreadable:
            strategy["invented"] = False
        return strategy

    def _doubt_plan(self, strategy: Json) -> None:
        """Ask about a plan that may be registered already, and about one of many years."""
        row, code = self.book.items.get("title"), strategy["code"]
        for other, (title, is_draft) in self.known.plans.items():
            if row and other != code and not is_draft and same(title) == same(strategy["title"]):
                self.doubt(
                    row,
                    "content",
                    f"同じ名称の計画が、作成中でない計画として登録されています（コード「{other}」）。"
                    f"別の計画「{code}」として取り込みます。登録されている計画は、計画の改訂で変えます。",
                )
        first, last = strategy["first_fiscal_year"], strategy["last_fiscal_year"]
        end = self.book.items.get("last")
        if first and last and end and last - first + 1 > MOST_YEARS:
            self.doubt(end, "content", f"計画の期間が{last - first + 1}年間です。")

    def _plan_year(self, key: str, name: str) -> int:
        row = self.book.items.get(key)
        try:
            year = self.year(row, "content", name) if row else None
        except Unreadable:
            return 0
        if year is None:
            self.item_fault(
                key, f"{name}が空欄です。「R7」「令和7年度」「2025」のように書いてください。"
            )
        return year or 0

    def _city_code(self) -> str:
        text = half_width(self.item("city_code")).replace("-", "").replace(" ", "")
        known = self.known.city_code
        if not text and known:
            return known
        if not text:
            self.item_fault("city_code", "団体コードが空欄です。6桁の数字で書いてください。")
            return ""
        if re.fullmatch("[0-9]{5}", text) and _is_city_code(f"0{text}"):
            # Excel drops the zero in front of a number.
            if row := self.book.items.get("city_code"):
                self.doubt(
                    row,
                    "content",
                    f"団体コード「{text}」を、先頭の0を補って「0{text}」と読みました。",
                )
            return f"0{text}"
        if not re.fullmatch("[0-9]{6}", text):
            self.item_fault(
                "city_code",
                f"団体コード「{text}」は6桁の数字ではありません。検査数字まで6桁で書いてください。",
            )
        elif not _is_city_code(text):
            self.item_fault(
                "city_code",
                f"団体コード「{text}」の最後の桁（検査数字）が合いません。6桁を確かめてください。",
            )
        elif known and text != known and (row := self.book.items.get("city_code")):
            self.doubt(
                row,
                "content",
                f"団体コード「{text}」が、登録されている{self.known.city}の「{known}」と違います。",
            )
        return text

    def _plan_code(self, strategy: Json) -> str:
        """Return the code of the plan: the one that is written, or one that is free."""
        text = self.item("code")
        plans = self.known.plans
        if text:
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", text):
                self.item_fault(
                    "code",
                    f"計画のコード「{text}」は、アドレスに使えません。半角の英数字とハイフンだけで書いてください。",
                )
            elif text in plans and not plans[text][1]:
                self.item_fault(
                    "code",
                    f"計画のコード「{text}」は、作成中でない計画「{plans[text][0]}」のものです。"
                    "実施中の計画は、計画の改訂で変えます。新しい計画なら、コードを空欄にするか、"
                    "別のコードにしてください。",
                )
            return text
        title = same(strategy["title"])
        for code, (known, is_draft) in plans.items():
            if is_draft and same(known) == title:
                return code
        stem = f"{strategy['city_code'] or 'plan'}-{strategy['first_fiscal_year']}"
        free = (stem if not count else f"{stem}-{count + 1}" for count in range(len(plans) + 1))
        return next(code for code in free if code not in plans)

    def _scale(self) -> Json:
        scale: Json = {"labels": {}, "marks": {}}
        for name in NAMES:
            if name in ("labels", "marks"):
                continue
            row = self.book.items.get(f"scale.{name}")
            try:
                read = self._scale_item(row, name) if row else None
            except Unreadable:
                read = None
            if read is not None:
                scale[name] = read
        for name in ("on_track", "mostly_on_track", "slightly_behind"):
            scale.setdefault(name, str(getattr(STANDARD_SCALE, name)))
        for kind, keys in (("labels", STATUSES), ("marks", (*BANDS, *STATUSES))):
            for key in keys:
                if word := self.item(f"{kind}.{key}"):
                    scale[kind][key] = word
        return scale

    def _check_scale(self, data: Json) -> None:
        """Note rules of judging that cannot be, at their cells."""
        try:
            scale = read_scale(data)
        except ValueError as error:
            for message in str(error).splitlines():
                key = next((key for key, name in NAMES.items() if message.startswith(name)), "")
                self.item_fault(f"scale.{key}", message)
            return
        for kind, message in confused_words(scale).items():
            words = data[kind]
            key = next((f"{kind}.{one}" for one in reversed(words) if words[one] in message), "")
            self.item_fault(key, message)

    def _scale_item(self, row: BookRow, name: str) -> Any:
        if name in TERMS:
            choices = {term.label: term.value for term in TERMS[name]}
            return self.chosen(row, "content", choices, NAMES[name]) or None
        if name in FLAGS:
            return self.flag(row, "content", NAMES[name])
        text = self.text(row, "content")
        if not text:
            return None
        try:
            number = read_typed_number(text, NAMES[name], unit="％", shown_unit="％")
        except ValueError as error:
            self.fault(row, "content", str(error))
            raise Unreadable from None
        if needed_decimals(number) > 1:
            self.fault(
                row, "content", f"{NAMES[name]}「{text}」は、小数点以下1桁までで書いてください。"
            )
            raise Unreadable
        return plain(number)

    def _own_words(self, strategy: Json) -> None:
        """Put in the words of the plan, or note what is wrong with them."""
        typed = words_as_typed(self.book.items)
        for message in check_words(typed):
            key = next((key for key in typed if str(typed[key]) in message), next(iter(typed)))
            self.item_fault(f"words.{key}", message)
        if own := own_words(self.words):
            strategy["words"] = own

    def _grants(self, strategy: Json) -> dict[str, int]:
        """Read the sheet 交付金; return the number of each by its number and by its name."""
        numbers: dict[str, int] = {}
        grants: list[Json] = []
        for row in self.book.of("grants"):
            try:
                name = self.required(row, "name", "交付金の名称")
                number, name = self.numbered(row, name, "交付金")
                years = {
                    key: self.year(row, key, what)
                    for key, what in (("first_year", "最初の年度"), ("last_year", "最後の年度"))
                }
            except Unreadable:
                continue
            number = number or max(numbers.values(), default=0) + 1
            if number in numbers.values():
                self.fault(row, "position", f"交付金{number}が二つあります。番号を直してください。")
                continue
            numbers |= {str(number): number, same(name): number}
            grants.append(
                {"number": number, "name": name, "type": row.text("type") or None, **years}
            )
            self.found.places[f"{len(grants)}番目の交付金"] = row
        if grants:
            strategy["grants"] = grants
        return numbers

    def carried(self, row: BookRow) -> Json:
        """Return SDGs, 交付金 and 総合計画コード of a row, each only if it is there."""
        sdgs = self.several(row, "sdgs")
        wrong = [one for one in sdgs if not (number_in(one) or 0) <= 17 or not number_in(one)]
        if wrong:
            self.fault(
                row, "sdgs",
                f"SDGsの番号「{'、'.join(wrong)}」は、1から17までの番号ではありません。"
                "「3、11」のように書いてください。",
            )  # fmt: skip
            sdgs = []
        named = self.several(row, "grants")
        known = self.grants
        if unknown := [one for one in named if same(one) not in known]:
            self.fault(
                row, "grants",
                f"交付金「{'、'.join(unknown)}」が、シート「交付金」にありません。番号か名称を"
                "確かめてください。",
            )  # fmt: skip
        carried: Json = {
            "sdgs": sorted({number for one in sdgs if (number := number_in(one))}),
            "grants": sorted({known[same(one)] for one in named if same(one) in known}),
            "general_plan_code": row.text("general_plan_code"),
        }
        return {key: value for key, value in carried.items() if value}


def _is_city_code(text: str) -> bool:
    """Whether the last digit of a 団体コード is the check digit of the five before it."""
    try:
        check_last_digit(text)
    except ValidationError:
        return False
    return True
