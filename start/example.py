"""根室市's plan as an example in the installation of another city: clearly one, and easy to delete.

It comes in as 作成中, so that nobody but planning sees it, says in its name that it is an example,
and shares neither sections nor indicators with the plan of the city.
"""

import json
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError

from accounts.models import Section
from goals.models import Strategy
from indicators.models import Indicator
from plans.loading import load_strategy
from trail.history import changing

FILE = settings.BASE_DIR / "fixtures" / "nemuro_2015.json"
EXAMPLE_CODE = "example-plan"
EXAMPLE_SECTION = "（例）担当課"


def load_example(by: Any) -> Strategy:
    """Load the example and return it. Raises LoadError if something else has its name."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    plan = data["strategy"]
    plan["code"] = EXAMPLE_CODE
    plan["title"] = f"（例）{plan['title']}"
    load_strategy(_as_example(data), by=by, reason="例の読込み", as_draft=True)
    return Strategy.objects.get(code=EXAMPLE_CODE)


class ExampleInUse(Exception):
    """Somebody entered a value, or another plan has an indicator of the example."""


def remove_example(by: Any) -> None:
    """Delete the example with its indicators and its section. Raises ExampleInUse, all kept."""
    try:
        with transaction.atomic(), changing(by=by, reason="例の削除"):
            for plan in Strategy.objects.filter(code=EXAMPLE_CODE):
                plan.delete()
            for indicator in Indicator.objects.filter(section__name=EXAMPLE_SECTION):
                indicator.delete()
            for section in Section.objects.filter(name=EXAMPLE_SECTION, users=None):
                section.delete()
    except (ProtectedError, RestrictedError) as error:
        raise ExampleInUse from error


def _as_example(data: Any) -> Any:
    """Return the same data with one section, and with indicators of their own."""
    if isinstance(data, list):
        return [_as_example(one) for one in data]
    if not isinstance(data, dict):
        return data
    return {name: _changed(name, value) for name, value in data.items()}


def _changed(name: str, value: Any) -> Any:
    if name in ("section", "entered_by") and isinstance(value, str):
        return EXAMPLE_SECTION
    if name == "indicator" and isinstance(value, dict):
        value = value | {"code": f"example-{value['code']}"}
    return _as_example(value)
