"""根室市's plan as an example in the installation of another city: clearly one, and easy to delete.

It comes in as 作成中, so that nobody but planning sees it, says in its name that it is an example,
and shares neither sections nor indicators with the plan of the city.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet, RestrictedError

from accounts.models import Section, User
from goals.models import Strategy
from indicators.listing_rows import indicators_of_plan
from indicators.models import Indicator
from plans.loading import load_strategy
from trail.history import changing

FILE = settings.BASE_DIR / "fixtures" / "nemuro_2015.json"
EXAMPLE_CODE = "example-plan"
EXAMPLE_SECTION = "（例）担当課"
_PREFIX = "example-"
NAMED = 5
"""How many objects of a kind a message names."""


def load_example(by: Any) -> Strategy:
    """Load the example and return it. Raises LoadError if something else has its name."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    plan = data["strategy"]
    plan["code"] = EXAMPLE_CODE
    plan["title"] = f"（例）{plan['title']}"
    load_strategy(_as_example(data), by=by, reason="例の読込み", as_draft=True)
    return Strategy.objects.get(code=EXAMPLE_CODE)


class ExampleInUse(Exception):
    """Data of the city depend on the example; the text says which, and what to do."""


def is_there() -> bool:
    """Return whether anything of the example is left, even if its plan was deleted elsewhere."""
    plans = Strategy.objects.filter(code=EXAMPLE_CODE)
    return plans.exists() or Section.objects.filter(name=EXAMPLE_SECTION).exists()


def remove_example(by: Any) -> None:
    """Delete the example with its indicators and its section. Raises ExampleInUse, all kept."""
    try:
        with transaction.atomic(), changing(by=by, reason="例の削除"):
            if reasons := "".join(_uses()):
                raise ExampleInUse(reasons)
            for plan in Strategy.objects.filter(code=EXAMPLE_CODE):
                plan.delete()
            _indicators().delete()
            for section in Section.objects.filter(name=EXAMPLE_SECTION):
                section.delete()
    except (ProtectedError, RestrictedError) as error:
        raise ExampleInUse("例の指標か担当課を、ほかのところで使っています。") from error


def _indicators() -> QuerySet[Indicator]:
    return Indicator.objects.filter(section__name=EXAMPLE_SECTION, code__startswith=_PREFIX)


def _uses() -> Iterator[str]:
    """Yield what depends on the example, a sentence each."""
    users = User.objects.filter(sections__name=EXAMPLE_SECTION)
    if users:
        yield f"利用者{_named(users)}の担当課が「{EXAMPLE_SECTION}」です。担当課を直してください。"
    of_section = Q(section__name=EXAMPLE_SECTION) | Q(entered_by__name=EXAMPLE_SECTION)
    if own := Indicator.objects.filter(of_section).exclude(code__startswith=_PREFIX):
        yield f"指標{_named(own)}の担当課が「{EXAMPLE_SECTION}」です。担当課を直してください。"
    if valued := _indicators().filter(actuals__isnull=False).distinct():
        yield f"例の指標{_named(valued)}に、実績値があります。"
    for plan in Strategy.objects.exclude(code=EXAMPLE_CODE):
        if shared := _indicators().filter(pk__in=indicators_of_plan(plan)):
            yield (
                f"例の指標{_named(shared)}が、「{plan.title}」に載っています。"
                "その計画の指標を、自分の指標に直してください。"
            )


def _named(objects: QuerySet[Any]) -> str:
    named = "".join(f"「{one}」" for one in objects[:NAMED])
    return f"{named}など{objects.count()}件" if objects.count() > NAMED else named


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
        value = value | {"code": f"{_PREFIX}{value['code']}"}
    return _as_example(value)
