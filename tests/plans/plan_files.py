"""Files of plans for tests to change and to load."""

import json

import pytest
from django.apps import apps

from plans.loading import LoadError, load_strategy
from tests.factories import FIXTURES


def read(name="shiraho_2020"):
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def counts():
    """Return the number of rows of each table, including history."""
    return {model.__name__: model.objects.count() for model in apps.get_models()}


def target(data, goal=1, position=1):
    return data["goals"][goal - 1]["numeric_targets"][position - 1]


def measure(data, goal=1, group=0, position=1):
    return data["goals"][goal - 1]["measure_groups"][group]["measures"][position - 1]


def kpi(data, goal=1, group=0, position=1):
    return measure(data, goal, group)["kpis"][position - 1]


def project(data, goal=1, group=0, position=1):
    return measure(data, goal, group)["projects"][position - 1]


def refusal(data):
    """Return the problems of a refused file, after checking that nothing was written."""
    before = counts()
    with pytest.raises(LoadError) as error:
        load_strategy(data)
    assert counts() == before
    return error.value.problems


def relist(row, goal, group, measure, position):
    home = {"goal": goal, "group": group, "measure": measure, "position": position}
    row["relisted_from"] = home
