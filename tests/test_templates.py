"""How templates are written; what they say is tested with the pages."""

import pytest
from django.conf import settings

LONGEST_LINE = 160

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_lines_are_short_enough_to_read(path):
    lines = enumerate(path.read_text().splitlines(), start=1)
    assert [number for number, line in lines if len(line) > LONGEST_LINE] == []


def test_days_with_a_year_are_written_in_both_calendars():
    assert [path.name for path in TEMPLATES if '|date:"Y年' in path.read_text()] == []
