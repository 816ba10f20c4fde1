"""The style sheets: colours and spacing by name, and no unused class."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import django
import pytest
from django.conf import settings

STATIC = settings.BASE_DIR / "static"
TEMPLATES = settings.BASE_DIR / "templates"
DJANGO = Path(django.__file__).parent

SHEETS = {
    path.name: re.sub(r"(?s)/\*.*?\*/", "", path.read_text()) for path in STATIC.glob("*.css")
}
CSS = "\n".join(SHEETS.values())

CLASS = re.compile(r'class="([^"]*)"')

LENGTHS_OF_ONE_COMPONENT = {"0.05rem", "0.1rem", "0.45rem", "0.9rem", "3.5rem", "0rem", "84rem"}
"""Lengths used by only one component; all others come from the scale in tokens.css."""

CLASSES_WITHOUT_LOOK = {
    "absence",
    "definitions",
    "goal-part",
    "printed-measure",
    "three",
}
"""Classes without styles that name a part, for tests and for readers of the source."""


@pytest.mark.parametrize("name", SHEETS)
def test_colours_have_names(name):
    rules = re.sub(r":root\s*\{[^}]*\}", "", SHEETS[name])
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*[;}])|\brgba?\(|\bhsla?\(", rules) == []


@pytest.mark.parametrize("name", SHEETS)
def test_spacing_comes_from_the_scale(name):
    spacing = re.findall(
        r"(?<![\w-])(?:margin|padding|gap|(?:row|column)-gap)[a-z-]*:[^;}]+", SHEETS[name]
    )
    lengths = {length for value in spacing for length in re.findall(r"[\d.]+rem", value)}
    assert lengths <= LENGTHS_OF_ONE_COMPONENT


def test_each_token_is_used_and_each_used_token_is_there():
    # The admin's sheet gives values to Django's own tokens.
    ours = {name: css for name, css in SHEETS.items() if name != "admin.css"}
    given = {token for css in ours.values() for token in re.findall(r"(--[\w-]+):", css)}
    used = set(re.findall(r"var\((--[\w-]+)\)", CSS))
    assert used - {"--paper-head", "--paper-foot"} <= given
    assert given <= used


@pytest.mark.parametrize("name", SHEETS)
def test_each_class_in_a_style_sheet_is_in_a_template_or_a_script(name):
    classes = set(re.findall(r"\.([a-zA-Z][\w-]*)", _selectors(SHEETS[name])))
    used = _our_classes() | _words(STATIC.glob("*.js"))
    if name in ("admin.css", "bulk.css"):
        used |= _words_of_django()
        classes = {css for css in classes if not css.startswith(("field-", "column-"))}
    assert classes - used == set()


def test_each_class_in_a_template_is_in_a_style_sheet_or_a_script():
    looks = set(re.findall(r"[\w-]+", _selectors(CSS))) | _words(STATIC.glob("*.js"))
    fixed = {
        css
        for path in TEMPLATES.rglob("*.html")
        if "admin" not in path.parts
        for value in CLASS.findall(re.sub(r"\{[%{].*?[%}]\}", " ", path.read_text()))
        for css in value.split()
    }
    assert fixed - looks == CLASSES_WITHOUT_LOOK


def _selectors(css: str) -> str:
    return " ".join(re.findall(r"[^{};]+(?=\{)", css))


@cache
def _our_classes() -> set[str]:
    """Return what may be a class: words of class attributes and of texts in our modules."""
    markup = [path.read_text() for path in TEMPLATES.rglob("*.html")]
    apps = [path.parent for path in settings.BASE_DIR.glob("*/__init__.py")]
    modules = [path for app in apps if app.name != "tests" for path in app.rglob("*.py")]
    values = [value for text in markup for value in CLASS.findall(text)]
    texts = [text for path in modules for text in re.findall(r'"([^"\n]*)"', path.read_text())]
    return {word for value in values + texts for word in re.findall(r"[\w-]+", value)}


@cache
def _words_of_django() -> set[str]:
    return _words(
        path
        for part in ("contrib/admin", "forms")
        for kind in ("html", "py", "js")
        for path in DJANGO.glob(f"{part}/**/*.{kind}")
    )


def _words(paths: Iterable[Path]) -> set[str]:
    return {word for path in paths for word in re.findall(r"[\w-]+", path.read_text())}


@pytest.mark.parametrize("kind", ["value", "outside", "ahead", "target", "other", "baseline"])
def test_no_text_of_a_chart_is_taken_for_a_line_and_left_unfilled(kind):
    unfilled = re.findall(
        r"([^{}]*)\{[^}]*fill: none", SHEETS["charts.css"] + SHEETS["timeline.css"]
    )
    assert unfilled
    for selectors in unfilled:
        assert not re.search(rf"(?<![\w)])\.{kind}(?![\w:-])", selectors), selectors
