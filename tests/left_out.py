"""Which files hold no test that an expression of marks (pytest -m) chooses."""

import re


def all_left_out(text: str, expression: str) -> bool:
    """Tell from the text of a file that it has no such test. False: it may have one.

    Understood are the expressions of the Makefile: one mark, and "not MARK", also several.
    """
    if not expression:
        return False
    if re.fullmatch(r"\w+", expression):
        return expression not in text
    if re.fullmatch(r"not \w+( and not \w+)*", expression):
        marks = "|".join(re.findall(r"not (\w+)", expression))
        return bool(re.search(rf"^pytestmark = .*\bmark\.({marks})\b", text, re.MULTILINE))
    return False
