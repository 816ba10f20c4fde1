"""Whether Excel accepts a formula that it reads in a file.

LibreOffice repairs errors such as an unclosed bracket; Excel calls the whole
file damaged and throws the formula away.
"""

from collections.abc import Iterator

from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError

ANY = 255

ARGUMENTS = {
    "AND": (1, ANY),
    "COUNTIFS": (2, ANY),
    "IF": (2, 3),
    "IFERROR": (2, 2),
    "INDEX": (2, 4),
    "ISNA": (1, 1),
    "ISNUMBER": (1, 1),
    "ISTEXT": (1, 1),
    "MATCH": (2, 3),
    "MAX": (1, ANY),
    "N": (1, 1),
    "NA": (0, 0),
    "OR": (1, ANY),
    "ROUND": (2, 2),
    "SUMIF": (2, 3),
    "SUMPRODUCT": (1, ANY),
}
"""The functions in use, all as old as Excel 2007, and how many arguments each takes."""

LONGEST, DEEPEST, LONGEST_WORD = 8192, 64, 255


def faults(formula: str) -> list[str]:
    """Return why Excel 2016 would not take a formula that begins with =; nothing if it would."""
    try:
        tokens = [t for t in Tokenizer(formula).items if t.type != Token.WSPACE]
    except (TokenizerError, IndexError):
        return ["a bracket or a text that is closed before it is open, or not at all"]
    found = list(_bracket_faults(tokens))
    found += [
        f"text of more than {LONGEST_WORD} characters: {token.value}"
        for token in tokens
        if token.subtype == Token.TEXT and len(token.value) - 2 > LONGEST_WORD
    ]
    found += [f"error: {token.value}" for token in tokens if token.subtype == Token.ERROR]
    if any(token.type == Token.OP_IN and token.value == "," for token in tokens):
        found.append("several expressions in brackets")
    if len(formula) > LONGEST:
        found.append(f"longer than {LONGEST}")
    return found


def _bracket_faults(tokens: list[Token]) -> Iterator[str]:
    """Yield errors in brackets, functions and the number of their arguments."""
    open_ones: list[tuple[str, int]] = []
    before: Token | None = None
    for token in tokens:
        if token.type in (Token.FUNC, Token.PAREN) and token.subtype == Token.OPEN:
            open_ones.append((token.value, 1))
            if len(open_ones) > DEEPEST:
                yield "nested too deep"
        elif token.subtype == Token.CLOSE:
            opener, count = open_ones.pop()
            nothing = before is not None and before.subtype == Token.OPEN
            yield from _argument_faults(opener.rstrip("("), 0 if nothing else count)
        elif token.type == Token.SEP and open_ones:
            opener, count = open_ones.pop()
            open_ones.append((opener, count + 1))
        before = token
    if open_ones:
        yield f"{len(open_ones)} brackets are not closed, the last of {open_ones[-1][0]}"


def _argument_faults(function: str, count: int) -> Iterator[str]:
    if not function:
        return
    if function not in ARGUMENTS:
        yield f"function that is not known: {function}"
    elif not ARGUMENTS[function][0] <= count <= ARGUMENTS[function][1]:
        yield f"{function} with {count} arguments"
