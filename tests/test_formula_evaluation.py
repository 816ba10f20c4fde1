"""Formulas evaluated in Python give the same results as in Excel."""

import io

import pytest

from tables.sheet_cells import printed_workbook
from tests.formula_evaluation import evaluated


def result_of(formula: str) -> float | str:
    """Return the result of a formula above the cells 3, "b", an empty one, and 2.5."""
    output = io.BytesIO()
    with printed_workbook(output) as workbook:
        sheet = workbook.add_worksheet("a")
        for row, content in enumerate((3, "b", None, 2.5), 1):
            if content is not None:
                sheet.write(row, 0, content)
        sheet.write_formula(0, 1, formula, None, 0)
    return evaluated(output.getvalue())["a", "B1"].result


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("=1+2*3^2", 19), ("=-2^2", 4), ("=(1+2)*3-4/2", 7), ('="a"&1+1&"""b"', 'a2"b'),
        ("=ROUND(0.5,0)", 1), ("=ROUND(-0.5,0)", -1), ("=ROUND(2.345,2)", 2.35),
        ("=ROUND(0.49999999999999994,0)", 0), ("=1/0", "#DIV/0!"), ('="a"+1', "#VALUE!"),
        ('=IF("a">9,"text is larger","")', "text is larger"), ('=IF(A4="","empty","")', "empty"),
        ("=IF(A4=0,1,2)", 1), ("=A4", 0), ('=IF("B"=A3,1,2)', 1), ('=IF(A2="3",1,2)', 2),
        ("=IF(1=1,2,1/0)", 2), ("=IFERROR(1/0,5)", 5), ("=IF(ISNA(NA()),1,2)", 1),
        ("=IF(OR(1=1,1/0=1),1,2)", "#DIV/0!"), ("=N(A3)+N(A2)", 3), ("=MAX(A2:A5)", 3),
        ("=INDEX(A2:A5,MATCH(2.5,A2:A5,0))", 2.5), ("=MATCH(7,A2:A5,0)", "#N/A"),
        ('=SUMIF(A2:A5,"<=3",A2:A5)', 5.5), ('=COUNTIFS(A2:A5,"b",A2:A5,"b")', 1),
        ("=SUMPRODUCT(ISNUMBER(A2:A5)*(A2:A5<3))", 1), ("=SUMPRODUCT(ISNUMBER(A2:A5))", 0),
        ("=SUMPRODUCT(A2:A5*1)", "#VALUE!"),
    ],
)  # fmt: skip
def test_a_formula_comes_to_what_excel_says(formula, result):
    assert result_of(formula) == result


@pytest.mark.parametrize("formula", ["=ISNUMBER(A2:A5)*1", "=LEN(A3)", "=1=1"])
def test_what_excel_would_guess_or_what_is_not_known_fails(formula):
    with pytest.raises((AssertionError, KeyError)):
        result_of(formula)
