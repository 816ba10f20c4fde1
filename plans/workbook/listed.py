"""Describes a row of 数値目標 or KPI: its reading, proposed from its sentence; its indicator."""

import re
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property

from indicators.models import DISPLAY_FACTORS
from indicators.rules.narrowing_types import given
from indicators.rules.sentences import Reading, read_sentence
from indicators.rules.terms import BaselineKind, Kind
from indicators.rules.typed_numbers import read_typed_number
from japanese.fiscal_years import full_label
from japanese.numerals import half_width, needed_decimals, plain
from plans.workbook.cells import CellReader, Unreadable
from plans.workbook.columns import (
    BASELINE_KINDS,
    CONFIRMED,
    DIRECTIONS,
    KIND_CODES,
    MOMENTS,
    RELATIONS,
    SHEETS,
    UNCONFIRMED,
    same,
)
from plans.workbook.described import (
    ALL_OTHERS,
    SHARE,
    Json,
    Known,
    KnownIndicator,
    SharingQuestion,
    identity,
)
from plans.workbook.reading import BookRow
from plans.workbook.texts import place_key
from tables.sheets import MOST_DECIMALS

UNDECIDED_SECTION = "担当課未定"
"""The section of listings whose section the workbook does not say."""

FAR_AHEAD = 10
"""A target year this many years after the plan is asked about."""

COMPOSED = "目標の文言は、計画様式の基準値と目標値の欄から作りました。"
"""The doubt about a sentence that the workbook does not have."""


class Indicators:
    """The indicators of a workbook: their codes, and which of them are registered already."""

    def __init__(self, cells: CellReader, known: Known, decisions: Mapping[str, str]) -> None:
        self.cells = cells
        self.known = known
        self.decisions = decisions
        self.plan = ""
        """The code of the plan."""
        self.codes: set[str] = set()
        self.described: dict[str, Json] = {}
        self.default_section = ""
        self.without_section: list[BookRow] = []
        self.composed: list[BookRow] = []
        """Rows without a sentence: it was composed of their columns."""

    def section(self, row: BookRow, key: str, default: str) -> str:
        name = self.one_section(row, key)
        if name:
            return name
        if default:
            return default
        self.without_section.append(row)
        return self.default_section or UNDECIDED_SECTION

    def one_section(self, row: BookRow, key: str) -> str:
        """Return the section in a cell; "" for none. Raises Unreadable for several."""
        name = self.cells.text(row, key)
        if "\n" in row.text(key) or re.search("[、,，/／]", name):
            self.cells.fault(
                row,
                key,
                f"担当課「{' '.join(row.text(key).split())}」は、いくつもの課に見えます。"
                "責任を持つ課を一つだけ書いてください。",
            )
            raise Unreadable
        return name

    def code_of(self, listed: "Listed", unit: str) -> str:
        """Return the code of a listing's indicator: written, registered before, or a new one."""
        row = listed.row
        if text := self.cells.text(row, "indicator"):
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,80}", text):
                self.cells.fault(
                    row, "indicator",
                    f"指標コード「{text}」は、半角の英数字とハイフンだけで書いてください。"
                    "空欄なら、こちらで付けます。",
                )  # fmt: skip
                raise Unreadable
            self.codes.add(text)
            return text
        what = identity(self.cells.text(row, "indicator_name") or listed.name, unit)
        for code in self.known.own.get(self.plan, {}).get(what, ()):
            if code not in self.codes:
                self.codes.add(code)
                return code
        if shared := self._shared(listed, what, unit):
            self.codes.add(shared)
            return shared
        stem = f"{self.plan}-{_ascii_place(listed)}"
        count = 1
        code = stem
        while code in self.codes or code in self.known.indicators:
            count += 1
            code = f"{stem}-{count}"
        self.codes.add(code)
        return code

    @cached_property
    def _alike(self) -> Mapping[tuple[str, str], list[tuple[str, KnownIndicator]]]:
        """What is registered, with its code, by what `identity` says of it.

        Made once: each listing of a new plan asks, and an office has indicators of many plans.
        """
        found = defaultdict(list)
        for code, one in self.known.indicators.items():
            found[identity(one.data["name"], one.data["unit"] or "")].append((code, one))
        return found

    def _shared(self, listed: "Listed", what: tuple[str, str], unit: str) -> str:
        """Return the indicator to share; "" for a new one. Asks where nobody has decided."""
        candidates = [
            (code, one.data["name"], "、".join(one.plans.values()))
            for code, one in self._alike.get(what, ())
            if one.is_shared(self.plan)
        ]
        if not candidates:
            return ""
        question = SharingQuestion(
            f"share-{_ascii_place(listed)}",
            listed.row,
            listed.place,
            listed.name,
            unit,
            tuple(candidates),
        )
        self.cells.found.questions.append(question)
        decision = self.decisions.get(question.id) or self.decisions.get(ALL_OTHERS, "")
        if decision == SHARE:
            return candidates[0][0]
        return decision if decision in {code for code, *_ in candidates} else ""


class Listed:
    """A row of 数値目標 or KPI while it is read; `place` is as 数値目標1-2 or KPI1-ア-1-2."""

    def __init__(self, indicators: Indicators, row: BookRow, place: str, name: str) -> None:
        self.indicators = indicators
        self.cells = indicators.cells
        self.row = row
        self.place = place
        self.name = name
        self.data: Json = {}
        self.yearly: dict[int, Decimal] = {}
        self.yearly_row = row
        self.actuals: dict[int, tuple[Decimal, BookRow]] = {}
        self.unit = self.typed_unit = ""
        self.factor = 1
        self.is_target = row.sheet == "targets"

    def number(self, key: str, what: str, row: BookRow | None = None) -> Decimal | None:
        """Return a number in the indicator's unit. Raises Unreadable."""
        row = row or self.row
        text = self.cells.text(row, key)
        if not text:
            return None
        if text in ("-", "－", "―", "ー", "—"):
            return None
        try:
            number = read_typed_number(
                text, what, unit=self.unit, shown_unit=self.typed_unit, factor=self.factor
            )
        except ValueError as error:
            self.cells.fault(row, key, _remedy(what, text) or str(error).replace("備考", _REMARKS))
            raise Unreadable from None
        if needed_decimals(number) > MOST_DECIMALS:
            self.cells.fault(
                row,
                key,
                f"{what}「{text}」の小数点以下の桁数が多すぎます。小数点以下"
                f"{MOST_DECIMALS}桁までで書いてください。",
            )
            raise Unreadable
        return number

    def read(self) -> Json:
        """Return the listing. What yearly numbers add is put in by `finish`."""
        cells, row = self.cells, self.row
        self._read_unit()
        sentence = cells.text(row, "sentence")
        numbers = {
            key: self.number(key, what)
            for key, what in (
                ("target", "目標値"), ("baseline", "基準値"), ("upper", "目標値の上限"),
                ("tolerance", "許容幅"),
            )
        }  # fmt: skip
        years = {
            key: cells.year(row, key, what)
            for key, what in (("baseline_year", "基準年度"), ("target_year", "目標年度"))
        }
        if number := _NUMBER_BEHIND.search(self.name):
            cells.doubt(
                row,
                "name",
                f"指標名の終わりに数「{number[1]}」があります。基準値か目標値なら、その欄に書いてください。",
            )
        kind = cells.chosen(row, "kind", KIND_CODES, "種類")
        composed = not sentence and kind != Kind.MONITOR
        if composed:
            sentence = self._composed(numbers, kind)
        reading = read_sentence(sentence, self.name)
        proposed = self._proposals(reading, kind, numbers, years, sentence, composed=composed)
        if not composed:
            self._read_unit_from(reading)
            self._check_target(reading, numbers["target"])
            self._check_years(reading, years)
            self._check_kind(reading, kind)
        self._doubt_years(reading, years)
        self._doubt_share(numbers, None if composed else reading)
        target, due = proposed["target"], years["target_year"]
        first = cells.found.plan["strategy"] if cells.found.plan else {}
        if due is None and not composed:
            due = _named_year(reading, first)
        self.data = {
            "name": self.name,
            "sentence": sentence,
            "indicator": {},
            "kind": proposed["kind"],
            "direction": proposed["direction"],
            "target": target,
            "target_year": due if due != first.get("last_fiscal_year") else None,
            "baseline": proposed["baseline"],
            "tolerance": numbers["tolerance"] or Decimal(0),
            "yearly_targets": {},
            "confirmed": self._is_confirmed(),
            "doubts": proposed["doubts"],
        }
        if numbers["upper"] is not None:
            self.data["upper"] = numbers["upper"]
        if relation := cells.chosen(row, "relation", RELATIONS, "比べる値"):
            self.data["relation"] = relation
        if reference := cells.text(row, "reference"):
            self.data["reference"] = reference
        self.decimals = reading.decimals or 0
        self._read_indicator()
        return self.data

    def _is_confirmed(self) -> bool:
        words = {CONFIRMED: "yes", UNCONFIRMED: "no", "はい": "yes", "○": "yes"}
        return self.cells.chosen(self.row, "confirmed", words, "読み方の確認") == "yes"

    def _read_unit(self) -> None:
        unit = self.cells.text(self.row, "unit")
        unit = {"%": "％"}.get(unit, unit)
        self.unit = self.typed_unit = unit
        for base, shown in DISPLAY_FACTORS.items():
            if unit in shown and not self.cells.text(self.row, "display_unit"):
                self.unit, self.factor = base, shown[unit]

    def _read_unit_from(self, reading: Reading) -> None:
        """Take the unit that a sentence names where the cell is empty; they must agree."""
        if not self.typed_unit:
            self.unit = self.typed_unit = reading.unit or ""
        elif reading.unit and not reading.doubts and same(reading.unit) != same(self.unit):
            if same(reading.unit) in ("ポイント",):
                return
            self.cells.fault(
                self.row, "unit",
                f"単位「{self.typed_unit}」が、目標の文言から読み取れる「{reading.unit}」と違います。"
                "どちらかを直してください。",
            )  # fmt: skip

    def _check_target(self, reading: Reading, target: Decimal | None) -> None:
        """Note a target that differs from the sentence, unless a reason is given."""
        if None not in (target, reading.target) and target != reading.target:
            self._contradict(
                reading,
                "target",
                f"目標値「{plain(given(target))}」が、目標の文言から読み取れる"
                f"「{plain(given(reading.target))}」と違います。",
            )

    def _contradict(self, reading: Reading, key: str, message: str) -> None:
        """Note that a cell contradicts the sentence; with a reason, only ask."""
        said = {line.strip() for line in self.row.text("doubts").splitlines()}
        if said - {"", COMPOSED, *reading.doubts}:
            self.cells.doubt(
                self.row,
                key,
                f"{message}「読み方の疑問点」に理由があるものとして、そのまま読みました。",
            )
        else:
            self.cells.fault(
                self.row,
                key,
                f"{message}どちらかを直すか、違ってよい理由を「読み方の疑問点」に書いてください。",
            )

    def _check_kind(self, reading: Reading, kind: str) -> None:
        if kind in ("", Kind.MONITOR, Kind.DESCRIBED) or reading.doubts or not reading.kind:
            return
        if kind != reading.kind:
            self._contradict(
                reading,
                "kind",
                f"種類「{Kind(kind).label}」が、目標の文言から読み取れる"
                f"「{Kind(reading.kind).label}」と違います。",
            )

    def _check_years(self, reading: Reading, years: Mapping[str, int | None]) -> None:
        """Note years that contradict the sentence."""
        if reading.doubts:
            return
        for key, what, read in (
            ("baseline_year", "基準年度", reading.baseline_year),
            ("target_year", "目標年度", reading.target_year),
        ):
            if None not in (years[key], read) and years[key] != read:
                self._contradict(
                    reading,
                    key,
                    f"{what}「{full_label(given(years[key]))}」が、目標の文言から読み取れる"
                    f"「{full_label(given(read))}」と違います。",
                )

    def _doubt_years(self, reading: Reading, years: Mapping[str, int | None]) -> None:
        """Ask about years that are impossible or unlikely."""
        plan = self.cells.found.plan.get("strategy", {})
        first, last = plan.get("first_fiscal_year"), plan.get("last_fiscal_year")
        if not first or not last or last < first:
            return
        due = years["target_year"] or last
        if years["baseline_year"] is not None and years["baseline_year"] >= due:
            self.cells.fault(
                self.row,
                "baseline_year",
                f"基準年度「{full_label(years['baseline_year'])}」が、目標年度"
                f"（{full_label(due)}）より前ではありません。どちらかを直してください。",
            )
        if due > last + FAR_AHEAD or due < first:
            where = "より前" if due < first else f"より{due - last}年後"
            edge = first if due < first else last
            self.cells.doubt(
                self.row,
                "target_year",
                f"目標年度「{full_label(due)}」は、計画の年度（{full_label(edge)}）{where}です。",
            )
        length = last - first + 1
        if reading.years not in (None, length) and years["target_year"] is None:
            self.cells.doubt(
                self.row,
                "sentence",
                f"目標の文言の年数（{reading.years}年）が、計画の年数（{length}年）と違います。"
                "目標年度を確かめてください。",
            )

    def _doubt_share(self, numbers: Mapping[str, Decimal | None], reading: Reading | None) -> None:
        """Ask about a share below one: 78.3% whose format was lost is 0.783.

        Not where the sentence has the same number.
        """
        for key, what in (("target", "目標値"), ("baseline", "基準値")):
            value = numbers[key]
            if reading is not None and value == getattr(reading, key):
                continue
            if self.unit == "％" and value is not None and 0 < abs(value) < 1:
                self.cells.doubt(
                    self.row,
                    key,
                    f"{what}を{plain(value)}％と読みました。{plain(value * 100)}％のことなら、"
                    f"「{plain(value * 100)}」と書いてください。",
                )

    def _composed(self, numbers: Mapping[str, Decimal | None], kind: str) -> str:
        """Return a sentence of the columns as plans print it: 62.5％（R6）→70.0％（R11）."""
        cells, row = self.cells, self.row
        if numbers["target"] is None and kind and cells.text(row, "direction"):
            return ""  # to be typed later, as long as the plan is a draft
        if numbers["target"] is None:
            cells.fault(
                row, "sentence",
                "目標の文言も目標値も空欄です。どちらかを書くか、目標値のない指標なら、種類を"
                f"「{Kind.MONITOR.label}」にしてください。目標値が決まっていないときは、種類と方向だけを"
                "書くと、目標値未入力として取り込みます。",
            )  # fmt: skip
            raise Unreadable
        said = []
        for value, year in (("baseline", "baseline_year"), ("target", "target_year")):
            text = cells.text(row, value)
            if text and numbers[value] is not None:
                unit = (
                    ""
                    if half_width(text).endswith(half_width(self.typed_unit))
                    else self.typed_unit
                )
                due = cells.text(row, year)
                said.append(f"{text}{unit}" + (f"（{due}）" if due else ""))
        return "→".join(said)

    def _proposals(
        self,
        reading: Reading,
        kind: str,
        numbers: Mapping[str, Decimal | None],
        years: Mapping[str, int | None],
        sentence: str,
        *,
        composed: bool,
    ) -> Json:
        """Return kind, direction, target, baseline and doubts: as written, or as read."""
        cells, row = self.cells, self.row
        direction = cells.chosen(row, "direction", DIRECTIONS, "方向")
        if composed and not direction and None not in (numbers["baseline"], numbers["target"]):
            rises = given(numbers["target"]) >= given(numbers["baseline"])
            direction = "up" if rises else "down"
        is_answered = bool(kind and direction and numbers["target"] is not None)
        kind, direction = kind or reading.kind or "", direction or reading.direction or ""
        is_complete = self._are_said(kind, direction, sentence)
        has_no_target = not sentence and not cells.text(row, "relation")
        if has_no_target and kind != Kind.MONITOR:
            cells.doubt(
                row, "target",
                "目標の文言と目標値が空欄のため、目標値未入力としました。実施中にする前に入力してください。",
            )  # fmt: skip
        lacks_number = (
            kind in (Kind.MONITOR, Kind.DESCRIBED) or cells.text(row, "relation") or not sentence
        )
        target = numbers["target"]
        if target is None and not lacks_number:
            target = self._target_read(reading, sentence)
            is_complete = is_complete and target is not None
        if not is_complete:
            raise Unreadable
        doubts = self._doubts(reading, sentence, composed=composed, is_answered=is_answered)
        return {
            "kind": kind,
            "direction": direction,
            "target": target,
            "baseline": self._baseline(
                None if composed else reading, kind, numbers["baseline"], years["baseline_year"]
            ),
            "doubts": doubts,
        }

    def _are_said(self, kind: str, direction: str, sentence: str) -> bool:
        """Return whether kind and direction are known; report those that are not."""
        for key, what, value, names in (
            ("kind", "種類", kind, KIND_CODES),
            ("direction", "方向", direction, DIRECTIONS),
        ):
            if not value:
                self.cells.fault(
                    self.row, key,
                    f"{what}を、目標の文言「{sentence}」から読み取れません。"
                    f"{'、'.join(f'「{name}」' for name in names)}から選んでください。",
                )  # fmt: skip
        return bool(kind and direction)

    def _target_read(self, reading: Reading, sentence: str) -> Decimal | None:
        """Return the target that the sentence says; report that it says none."""
        if reading.target is None:
            self.cells.fault(
                self.row, "target",
                f"目標値を、目標の文言「{sentence}」から読み取れません。目標値を書くか、種類を選び直して"
                "ください。",
            )  # fmt: skip
        return reading.target

    def _doubts(
        self, reading: Reading, sentence: str, *, composed: bool, is_answered: bool
    ) -> list[str]:
        """Return the doubts as written, otherwise those of the reading, which are shown."""
        written = [line for line in self.row.text("doubts").splitlines() if line.strip()]
        if written or not sentence:
            return written
        # What a written cell answers is not asked again.
        doubts = [] if is_answered and self._is_confirmed() else list(reading.doubts)
        for text in doubts:
            self.cells.doubt(self.row, "sentence", text)
        if composed:
            self.indicators.composed.append(self.row)
            return [*doubts, COMPOSED]
        return doubts

    def _baseline(
        self, reading: Reading | None, kind: str, value: Decimal | None, year: int | None
    ) -> Json | None:
        """Return the baseline; `reading` is None where the sentence was made of the columns."""
        cells, row = self.cells, self.row
        origin = cells.chosen(row, "baseline_kind", BASELINE_KINDS, "基準値の種類")
        if reading is not None and self._is_read_only(value, reading):
            if self._is_confirmed() or cells.text(row, "kind"):
                return None  # the workbook says how the sentence is read: without a baseline
            value = reading.baseline
            origin = origin or reading.baseline_kind or ""
            year = year if year is not None else reading.baseline_year
        elif reading is not None and self._is_contradicted(value, reading):
            self._contradict(
                reading,
                "baseline",
                f"基準値「{plain(given(value))}」が、目標の文言から読み取れる"
                f"「{plain(given(reading.baseline))}」と違います。",
            )
        if value is None:
            if year is not None:
                cells.fault(
                    row,
                    "baseline_year",
                    "基準年度だけがあり、基準値が空欄です。両方書いてください。",
                )
            return None
        return {
            "value": value,
            "fiscal_year": year,
            "kind": origin or BaselineKind.MEASURED.value,
        }

    def _is_read_only(self, value: Decimal | None, reading: Reading) -> bool:
        """Whether only the sentence says a baseline."""
        return value is None and not self._says("baseline") and reading.baseline is not None

    def _is_contradicted(self, baseline: Decimal | None, reading: Reading) -> bool:
        """Whether a baseline differs from what the sentence says without a doubt."""
        if baseline is None or reading.baseline is None or reading.doubts:
            return False
        return baseline != reading.baseline

    def _says(self, key: str) -> bool:
        return bool(self.cells.text(self.row, key))

    def _read_indicator(self) -> None:
        cells, indicators, row = self.cells, self.indicators, self.row
        code = indicators.code_of(self, self.unit)
        known = indicators.known.indicators.get(code)
        is_twin = code in indicators.described
        default = indicators.described.get(code) or (known.data if known else {})
        display = cells.text(row, "display_unit")
        if not display and self.typed_unit != self.unit:
            display = self.typed_unit
        section = indicators.section(row, "section", default.get("section", ""))
        kind = self.data["kind"]
        level = kind in (Kind.LEVEL, Kind.RESTRAINT)
        moment = cells.chosen(row, "moment", MOMENTS, "値の時点")
        written: Json = {
            "name": cells.text(row, "indicator_name") or default.get("name") or self.name,
            "unit": self.unit or None,
            "decimals": cells.whole(row, "decimals", "小数点以下の桁数", 4),
            "display_unit": display or None,
            "minimum": self.number("minimum", "入力できる最小値"),
            "maximum": self.number("maximum", "入力できる最大値"),
            "moment": moment or default.get("moment"),
            "ratio": cells.flag(row, "ratio", "分子と分母で入力"),
            "running_total": cells.flag(row, "running_total", "累計で入力"),
            "carry_years": cells.whole(row, "carry_years", "前の値で代えられる年数", 10),
            "section": section,
            "entered_by": indicators.one_section(row, "entered_by")
            or default.get("entered_by")
            or section,
            "method": row.text("method") or default.get("method"),
            "source": row.text("source") or default.get("source"),
        }
        if default:
            self._check_same(default)
            indicator = self._like(
                default, written, is_shared=bool(known and known.is_shared(indicators.plan))
            )
        else:
            indicator = written | {
                "moment": moment or ("fiscal_year_end" if level else "fiscal_year_total"),
                "ratio": bool(written["ratio"]),
                "running_total": bool(written["running_total"]),
                "carry_years": written["carry_years"] or 0,
            }
        indicator = {"code": code} | indicator
        if not is_twin:
            indicators.described[code] = indicator
        self.data["indicator"] = indicators.described[code]

    def _check_same(self, default: Json) -> None:
        """Refuse a code that belongs to an indicator of another unit; ask about another name."""
        cells, row, unit = self.cells, self.row, default["unit"] or ""
        if self._says("unit") and same(self.unit) != same(unit):
            cells.fault(
                row,
                "unit",
                f"指標「{default['name']}」の単位は「{unit or 'なし'}」ですが、"
                f"「{self.typed_unit}」と書かれています。単位か指標コードを直してください。",
            )
            raise Unreadable
        name = cells.text(row, "indicator_name") or self.name
        if self._says("indicator") and same(name) != same(default["name"]):
            cells.doubt(
                row,
                "indicator",
                f"指標コードにより、「{default['name']}」と同じ指標としました。",
            )

    def _like(self, default: Json, written: Json, *, is_shared: bool) -> Json:
        """Return an indicator that is known: as the cells say, or as it is if others share it."""
        said = {key: value for key, value in written.items() if value is not None}
        labels = {column.key: column.header for sheet in SHEETS for column in sheet.columns}
        columns = {"name": "indicator_name"}
        differing = []
        for key, value in said.items():
            stored = default.get(key)
            if key in ("minimum", "maximum") and stored is not None:
                stored = Decimal(stored)
            cell = columns.get(key, key)
            if self._says(cell) and value != stored and not (value == "" and stored is None):
                differing.append(labels.get(cell, key))
        if differing and is_shared:
            self.cells.doubt(
                self.row, "indicator",
                f"登録されている指標「{default['name']}」を共有します。{'、'.join(differing)}は、登録されている"
                "ままとし、この様式では変えません。",
            )  # fmt: skip
        return {key: value for key, value in default.items() if key != "code"} | (
            {} if is_shared else said
        )

    def finish(self) -> None:
        """Add what is on the sheets by year, and write numbers as the JSON has them."""
        data, indicator = self.data, self.data["indicator"]
        baseline = data["baseline"]
        numbers = [data["target"], data.get("upper"), data["tolerance"]]
        numbers += [baseline["value"] if baseline else None, *self.yearly.values()]
        numbers += [value for value, _ in self.actuals.values()]
        needed = max((needed_decimals(one) for one in numbers if one is not None), default=0)
        if indicator["decimals"] is None:
            indicator["decimals"] = min(max(self.decimals, needed), 4)
        for key in ("target", "upper", "tolerance"):
            if isinstance(data.get(key), Decimal):
                data[key] = str(data[key])
        if baseline:
            baseline["value"] = str(baseline["value"])
        for key in ("minimum", "maximum"):
            if isinstance(indicator[key], Decimal):
                indicator[key] = str(indicator[key])
        data["yearly_targets"] = {
            str(year): str(value) for year, value in sorted(self.yearly.items())
        }
        for year, (value, row) in sorted(self.actuals.items()):
            self.cells.found.actuals.append((indicator["code"], year, value, row))


_NUMBER_BEHIND = re.compile(r"[\s　]([0-9０-９][0-9０-９.,．，]*[^\s　0-9０-９]{0,4})$")
"""A number set apart at the end of a name: a baseline that slipped into it from a list."""

_REMARKS = "「読み方の疑問点」"
"""What the form has instead of the remarks of a value."""


def _remedy(what: str, text: str) -> str:
    """Return the message for words that people write instead of a number in a plan; "" for none."""
    typed = half_width(text).strip()
    if re.fullmatch(r"[0-9.,]+\D{0,3}[~〜\-－―]\s*[0-9.,]+\D{0,3}", typed):
        return (
            f"{what}「{text}」は範囲です。目標値に小さい方、「目標値の上限」に大きい方を"
            "書いてください。"
        )
    if share := re.fullmatch(r"([0-9]+)割(?:([0-9])分)?", typed):
        percent = Decimal(share[1]) * 10 + Decimal(share[2] or 0)
        return f"{what}「{text}」は、％の数で「{plain(percent)}」と書いてください。"
    if re.search("[0-9][OoIl]|[OoIl][0-9]", typed):
        return f"{what}「{text}」に、数字に似た英字が入っています。数字だけで書き直してください。"
    if typed in ("未公表", "調査未実施", "把握できない", "把握していない"):
        return (
            f"{what}「{text}」は数として読めません。値のない年度は空欄にし、"
            "理由は、取り込んだ後に、実績の入力の画面で選んでください。"
        )
    if typed in ("未定", "検討中", "調整中"):
        return f"{what}「{text}」は数として読めません。決まっていなければ空欄にしてください。"
    return ""


def _named_year(reading: Reading, strategy: Json) -> int | None:
    """Return the target year that a sentence names; None if it is before the plan."""
    year, first = reading.target_year, strategy.get("first_fiscal_year") or 0
    return year if year is not None and year >= first else None


def _ascii_place(listed: Listed) -> str:
    """Return the place of a listing for a code: KPI1-ア-1-2 is k1-1-1-2."""
    numbers = re.sub(r"[^0-9a-z]+", "-", _symbols_as_numbers(place_key(listed.place)))
    return ("t" if listed.is_target else "k") + numbers.strip("-")


def _symbols_as_numbers(place: str) -> str:
    kana = "アイウエオカキクケコサシスセソ"
    return "".join(
        str(kana.index(sign) + 1) if sign in kana else sign.lower() if sign.isascii() else ""
        for sign in place
    )
