"""How templates are written; what they say is tested with the pages."""

import re

from django import forms
from django.conf import settings

from goals.models import Grant
from indicators.typed_fields import NOTHING_CHOSEN
from reviews.models import GrantReview
from tests.test_layers import FLOORS

LONGEST_LINE = 160

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


def test_lines_are_short_enough_to_read():
    assert [
        f"{path.relative_to(settings.BASE_DIR)}:{number}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ] == []


def test_days_with_a_year_are_written_in_both_calendars():
    assert [path.name for path in TEMPLATES if '|date:"Y年' in path.read_text()] == []


def test_a_list_has_one_word_where_nothing_is_chosen():
    """Filters begin with すべて, and a grid's cell with －; （なし） is a choice of its own."""

    class Chosen(forms.Form):
        effect = GrantReview._meta.get_field("effect").formfield()
        grant = forms.ModelChoiceField(Grant.objects.none())

    found = re.findall(r"<option[^>]*>(.*?)</option>", str(Chosen()))
    assert [found[0], found[-1]] == [NOTHING_CHOSEN, NOTHING_CHOSEN]
    begins = re.compile(r'<option value="">([^<{]*)|choices\s*=\s*\[\("", "([^"]*)')
    sources = [path for floor in FLOORS for path in (settings.BASE_DIR / floor).rglob("*.py")]
    words = {
        "".join(word)
        for path in (*TEMPLATES, *sources)
        for word in begins.findall(path.read_text())
    }
    assert words == {NOTHING_CHOSEN, "すべて", "（なし）"}


def test_no_field_cuts_what_is_pasted_into_it():
    """A browser cuts at maxlength and says nothing; a form names the length and keeps the text."""
    cutting = {path.name for path in TEMPLATES if "maxlength=" in path.read_text()}
    assert cutting == {"plan_search.html", "login.html"}  # words to search for, and a number

    class Long(forms.Form):
        reason = forms.CharField(max_length=10)
        texts = forms.CharField(max_length=10, widget=forms.Textarea)

    assert "maxlength" not in Long().as_div()
