"""Computes the formulas of a workbook as Excel does: the functions in use, in Python.

As strict as can be: binary fractions as they are, ROUND by their exact value, text never taken for
a number, arrays in SUMPRODUCT only, since Excel 2016 computes them nowhere else by default.
tests/reports/test_recalculation.py compares it with LibreOffice.
"""

import io
import operator
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from itertools import count
from math import floor
from xml.etree import ElementTree

from openpyxl.utils import column_index_from_string

from tests.recalculation import MAIN, Address, Formula, cells

Scalar = float | str | bool | None
"""None is an empty cell."""


class ExcelError(Exception):
    """#N/A, #VALUE! …: whatever needs the value has it, too."""


NOT_AVAILABLE, NO_VALUE, NO_NUMBER = "#N/A", "#VALUE!", "#DIV/0!"


@dataclass(frozen=True)
class Area:
    """A rectangle of values, row by row: cells, or what was computed of cells."""

    rows: tuple[tuple[Scalar, ...], ...]

    def __iter__(self) -> Iterator[Scalar]:
        return (value for row in self.rows for value in row)


Value = Scalar | Area
Node = Callable[["Sheets", str, tuple[str, ...]], Value]
"""A part of a formula: computed with the workbook, the formula's sheet and its references."""


def evaluated(content: bytes) -> dict[Address, Formula]:
    """Return every formula of a workbook with what it comes to, as `recalculated` does."""
    sheets = Sheets(content)
    return {
        address: Formula(formula, sheets.result(*address))
        for address, (formula, _) in sheets.formulas.items()
    }


class Sheets:
    """The cells of a workbook; formulas are evaluated lazily."""

    def __init__(self, content: bytes) -> None:
        self.formulas, constants = cells(content)
        self._values: dict[Address, Scalar | ExcelError] = dict(constants)
        self._areas: dict[Address, Area] = {}
        self._names = dict(_defined_names(content))

    def result(self, sheet: str, cell: str) -> float | str:
        """Return what a formula shows: a number, a text, the sign of an error."""
        try:
            value = self.value(sheet, cell)
        except ExcelError as error:
            return str(error)
        assert not isinstance(value, bool), f"{sheet}!{cell} shows TRUE or FALSE"
        return value if isinstance(value, str) else float(f"{value or 0.0:.15g}")

    def value(self, sheet: str, cell: str) -> Scalar:
        """Return the value of a cell. Raises ExcelError."""
        address = sheet, cell
        if address in self._values:
            value = self._values[address]
        elif address in self.formulas:
            try:
                value = self.compute(sheet, self.formulas[address].formula)
            except ExcelError as error:
                value = error
            self._values[address] = value
        else:
            return None
        if isinstance(value, ExcelError):
            raise value
        return value

    def named(self, name: str) -> Scalar:
        """Return the value of a cell that has a name."""
        return self.value(*_split(self._names[name], ""))

    def area(self, reference: str, sheet: str) -> Value:
        """Return the value of a reference: a value, or an Area."""
        sheet, cells = _split(reference, sheet)
        if ":" not in cells:
            return self.value(sheet, cells)
        if (sheet, cells) not in self._areas:
            (first, top), (last, bottom) = map(_position, cells.split(":"))
            self._areas[sheet, cells] = Area(
                tuple(
                    tuple(self.value(sheet, f"{_letters(c)}{r}") for c in range(first, last + 1))
                    for r in range(top, bottom + 1)
                )
            )
        return self._areas[sheet, cells]

    def compute(self, sheet: str, formula: str) -> Scalar:
        """Return what a formula would come to on a sheet. Raises ExcelError."""
        parts = _REFERENCE.split(formula)
        references: list[str] = []
        for number in range(1, len(parts), 2):
            if not parts[number].startswith('"'):
                references.append(parts[number])
                parts[number] = "#"
        value = _scalar(_parsed("".join(parts))(self, sheet, tuple(references)))
        return 0.0 if value is None else value


# Cells


def _defined_names(content: bytes) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in ElementTree.fromstring(package.read("xl/workbook.xml")).iter(
            f"{MAIN}definedName"
        ):
            yield name.get("name"), name.text


_REFERENCE = re.compile(
    r"(\"[^\"]*\"|"
    r"(?<!\w)(?:(?:'[^']+'|\w+)!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?(?![\w(]))"
)
"""A text, so that its content is not taken for a reference, or a reference."""


@cache
def _split(reference: str, sheet: str) -> tuple[str, str]:
    own, _, cells = reference.replace("$", "").rpartition("!")
    return own.strip("'") or sheet, cells


@cache
def _position(cell: str) -> tuple[int, int]:
    letters = cell.rstrip("0123456789")
    return column_index_from_string(letters), int(cell[len(letters) :])


@cache
def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


# Values


def _scalar(value: Value) -> Scalar:
    assert not isinstance(value, Area), "an array outside of SUMPRODUCT"
    return value


def _number(value: Scalar) -> float:
    if isinstance(value, str):
        raise ExcelError(NO_VALUE)
    return float(value or 0)


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"
    return value or ""


def _truth(value: Scalar) -> bool:
    return bool(_number(value))


def _rank(value: Scalar, other: Scalar) -> tuple[int, float | str]:
    """Return how a value is sorted beside another: numbers before texts before TRUE."""
    if value is None:
        value = "" if isinstance(other, str) else 0.0
    if isinstance(value, bool):
        return 2, value
    return (1, value.casefold()) if isinstance(value, str) else (0, value)


def _divide(number: float, divisor: float) -> float:
    if not divisor:
        raise ExcelError(NO_NUMBER)
    return number / divisor


ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": _divide, "^": pow}
COMPARISONS = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le,
    ">=": operator.ge,
}  # fmt: skip


def _operator(sign: str) -> Callable[[Scalar, Scalar], Scalar]:
    """Return what a sign between two values does."""
    if sign in COMPARISONS:
        compare = COMPARISONS[sign]
        return lambda left, right: compare(_rank(left, right), _rank(right, left))
    if sign == "&":
        return lambda left, right: _text(left) + _text(right)
    calculate = ARITHMETIC[sign]
    return lambda left, right: calculate(_number(left), _number(right))


def _apply_to_each(function: Callable[..., Scalar], *values: Value) -> Value:
    """Apply a function to values or, cell by cell, to areas of one shape."""
    areas = [value for value in values if isinstance(value, Area)]
    if not areas:
        return function(*values)
    shapes = {(len(area.rows), len(area.rows[0])) for area in areas}
    assert len(shapes) == 1, f"areas of different shapes: {shapes}"
    [(rows, columns)] = shapes
    filled = [v.rows if isinstance(v, Area) else ((v,) * columns,) * rows for v in values]
    return Area(tuple(tuple(map(function, *row)) for row in zip(*filled, strict=True)))


# Functions


def _truths(values: tuple[Scalar, ...]) -> list[bool]:
    """Return whether each is true. AND and OR look at all: one error is enough."""
    return [_truth(value) for value in values]


def _round(number: Scalar, places: Scalar) -> float:
    step = Decimal(1).scaleb(-int(_number(places)))
    return float(Decimal(_number(number)).quantize(step, ROUND_HALF_UP))


def _area(value: Value) -> Area:
    """Return an area; one of one cell is written as the cell."""
    return value if isinstance(value, Area) else Area(((value,),))


def _match(wanted: Scalar, area: Value, kind: Scalar) -> float:
    assert kind == 0, "MATCH is used for what is the same"
    for index, value in enumerate(_area(area), 1):
        if type(value) is type(wanted) and _rank(value, wanted) == _rank(wanted, value):
            return float(index)
    raise ExcelError(NOT_AVAILABLE)


def _index(area: Value, row: Scalar, column: Scalar = None) -> Value:
    area = _area(area)
    row, column = int(_number(row)), None if column is None else int(_number(column))
    if column is None:
        row, column = (1, row) if len(area.rows) == 1 else (row, 1)
    if not (1 <= row <= len(area.rows) and 0 <= column <= len(area.rows[0])):
        raise ExcelError(NO_VALUE)
    found = area.rows[row - 1]
    return found[column - 1] if column else Area((found,))


@lru_cache(maxsize=None, typed=True)
def _fitting(criterion: Scalar) -> Callable[[Scalar], bool]:
    """Return whether SUMIF and COUNTIFS count a value; "" and an empty cell are not a criterion."""
    sign, text = "=", _text(criterion)
    if isinstance(criterion, str):
        sign, text = re.fullmatch(r"(<=|>=|<>|=|<|>|)(.*)", text).groups()
        sign = sign or "="
    if not text and sign in "<>":
        return lambda value: False  # a comparison with an empty cell
    assert text, "an empty criterion"
    assert not set(text) & set("*?~"), f"criterion {criterion!r}"
    if re.fullmatch(r"-?\d+(\.\d+)?(e[-+]\d+)?", text):
        compare, number, other = COMPARISONS[sign], float(text), sign == "<>"
        return lambda value: compare(value, number) if isinstance(value, float) else other
    assert sign in ("=", "<>"), f"criterion {criterion!r}"
    wanted, is_wanted = text.casefold(), sign == "="
    return lambda value: (isinstance(value, str) and value.casefold() == wanted) == is_wanted


def _sum_if(area: Value, criterion: Scalar, summed: Value) -> float:
    pairs, fits = zip(_area(area), _area(summed), strict=True), _fitting(criterion)
    return sum((n for v, n in pairs if fits(v) and isinstance(n, float)), 0.0)


def _count_ifs(*arguments: Value) -> Value:
    """Count rows; where SUMPRODUCT gives areas as criteria, once for each of their cells."""
    areas, criteria = arguments[::2], arguments[1::2]
    rows = list(zip(*map(_area, areas), strict=True))

    def count_rows(*criteria: Scalar) -> float:
        tests = [*map(_fitting, criteria)]
        return float(
            sum(all(fits(value) for fits, value in zip(tests, row, strict=True)) for row in rows)
        )

    return _apply_to_each(count_rows, *criteria)


def _sum_of_products(area: Value) -> float:
    return sum((value for value in _area(area) if isinstance(value, float)), 0.0)


def _maximum(*values: Value) -> float:
    cells = [cell for value in values for cell in _area(value)]
    return max((cell for cell in cells if isinstance(cell, float)), default=0.0)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "ABS": lambda value: abs(_number(value)),
    "AND": lambda *values: all(_truths(values)),
    "COUNTIFS": _count_ifs,
    "INDEX": _index,
    "INT": lambda value: float(floor(_number(value))),
    "MATCH": _match,
    "MAX": _maximum,
    "N": lambda value: 0.0 if isinstance(value, str) else _number(value),
    "NOT": lambda value: not _truth(value),
    "OR": lambda *values: any(_truths(values)),
    "ROUND": _round,
    "SUMIF": _sum_if,
    "SUMPRODUCT": _sum_of_products,
}
OF_EACH_CELL: dict[str, Callable[[Scalar], bool]] = {
    "ISNUMBER": lambda value: isinstance(value, float),
    "ISTEXT": lambda value: isinstance(value, str),
}


# Reading formulas


_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)|\"(?P<text>(?:[^\"]|\"\")*)\"|(?P<reference>#)"
    r"|(?P<function>[A-Z]+)\(|(?P<name>[^\W\d]\w*)|(?P<sign><=|>=|<>|[-+*/^&=<>(),])"
)
_BINDING = {"^": 5, "*": 4, "/": 4, "+": 3, "-": 3, "&": 2} | dict.fromkeys(COMPARISONS, 1)


@cache
def _parsed(template: str) -> Node:
    """Return a formula with # for each reference, ready to be computed."""
    parser = _Parser(template)
    node = parser.expression()
    assert not parser.tokens, f"not read: {parser.tokens}"
    return node


class _Parser:
    def __init__(self, template: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.references = count()
        """Numbers the references from 0."""
        self.arrays = 0
        """In how many SUMPRODUCT the part being read stands."""
        position = 0
        while position < len(template):
            token = _TOKEN.match(template, position)
            assert token, f"not read: {template[position:]}"
            self.tokens.append((token.lastgroup, token[token.lastgroup]))
            position = token.end()

    def expression(self, binding: int = 0) -> Node:
        left = self._operand()
        while self.tokens and _BINDING.get(self._next_sign(), 0) > binding:
            sign = self._take()
            left = self._operation(sign, left, self.expression(_BINDING[sign]))
        return left

    def _operation(self, sign: str, left: Node, right: Node) -> Node:
        apply = _operator(sign)
        if self.arrays:
            return lambda *where: _apply_to_each(apply, left(*where), right(*where))
        return lambda *where: apply(_scalar(left(*where)), _scalar(right(*where)))

    def _operand(self) -> Node:
        kind, text = self.tokens.pop(0)
        if kind == "number":
            number = float(text)
            return lambda *where: number
        if kind == "text":
            written = text.replace('""', '"')
            return lambda *where: written
        if kind == "reference":
            index = next(self.references)
            return lambda sheets, sheet, references: sheets.area(references[index], sheet)
        if kind == "name" and text in ("TRUE", "FALSE"):
            return lambda *where: text == "TRUE"
        if kind == "name":
            return lambda sheets, *where: sheets.named(text)
        if kind == "function":
            return self._function(text)
        if text == "-":
            operand = self.expression(_BINDING["^"])
            return lambda *where: -_number(_scalar(operand(*where)))
        assert text == "(", f"not expected: {text}"
        inner = self.expression()
        self._take(")")
        return inner

    def _function(self, name: str) -> Node:
        self.arrays += name == "SUMPRODUCT"
        arguments: list[Node] = []
        while self._next_sign() != ")":
            arguments.append(self.expression())
            if self._next_sign() == ",":
                self._take(",")
        self._take(")")
        self.arrays -= name == "SUMPRODUCT"
        return _call(name, arguments, is_array=bool(self.arrays))

    def _next_sign(self) -> str:
        kind, text = self.tokens[0]
        return text if kind == "sign" else ""

    def _take(self, wanted: str = "") -> str:
        kind, text = self.tokens.pop(0)
        assert (kind, text) == ("sign", wanted or text), f"{text} where {wanted} was expected"
        return text


def _call(name: str, arguments: list[Node], *, is_array: bool) -> Node:
    if name == "IF":
        return _if(*arguments)
    if name == "IFERROR":
        return _if_error(*arguments)
    if name == "ISNA":
        return _is_not_available(*arguments)
    if name == "NA":
        return _not_available
    if name in OF_EACH_CELL:
        function, [argument] = OF_EACH_CELL[name], arguments

        def test(*where) -> Value:
            value = argument(*where)
            return _apply_to_each(function, value if is_array else _scalar(value))

        return test
    function = FUNCTIONS[name]
    return lambda *where: function(*[argument(*where) for argument in arguments])


def _if(condition: Node, then: Node, otherwise: Node) -> Node:
    def choose(*where) -> Value:
        return (then if _truth(_scalar(condition(*where))) else otherwise)(*where)

    return choose


def _if_error(wanted: Node, otherwise: Node) -> Node:
    def choose(*where) -> Value:
        try:
            return wanted(*where)
        except ExcelError:
            return otherwise(*where)

    return choose


def _is_not_available(argument: Node) -> Node:
    def test(*where) -> bool:
        try:
            argument(*where)
        except ExcelError as error:
            return str(error) == NOT_AVAILABLE
        return False

    return test


def _not_available(*where) -> Value:
    raise ExcelError(NOT_AVAILABLE)
