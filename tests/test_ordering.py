"""What is in the order of its years is ordered by the year itself.

Ordered by the relation to it (`fiscal_year`, not `fiscal_year_id`), Django joins the table of years
and takes the order of that: the newest first.
"""

import re

from django.apps import apps
from django.conf import settings

from indicators.models import FiscalYear
from tests.test_layers import FLOORS

NUMBERS = {"plans/rows.py"}
"""Files that order rows whose `fiscal_year` is a number: yearly targets and outlooks."""


def leads_to_a_year(model, name: str) -> bool:
    for part in name.lstrip("-").split("__"):
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        if field.attname in (part, field.name):
            return False
        model = field.related_model
    return model is FiscalYear


def test_no_model_is_ordered_by_the_relation_to_a_year():
    found = [
        (model._meta.label, name)
        for model in apps.get_models()
        for name in model._meta.ordering
        if isinstance(name, str) and leads_to_a_year(model, name)
    ]
    assert found == []


def test_no_query_is_ordered_by_the_relation_to_a_year():
    ordered = re.compile(r'order_by\([^()]*"-?(\w+__)*fiscal_year"')
    found = {
        str(path.relative_to(settings.BASE_DIR))
        for floor in FLOORS
        for path in (settings.BASE_DIR / floor).rglob("*.py")
        if ordered.search(path.read_text())
    }
    assert found == NUMBERS
