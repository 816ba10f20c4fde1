"""Files of plans for tests to change and to load."""

import json

import pytest

from plans.loading import LoadError, load_strategy
from tests.factories import FIXTURES
from tests.row_counts import row_counts


def read(name="shiraho_2020"):
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


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
    before = row_counts()
    with pytest.raises(LoadError) as error:
        load_strategy(data)
    assert row_counts() == before
    return error.value.problems


def relist(row, goal, group, measure, position):
    home = {"goal": goal, "group": group, "measure": measure, "position": position}
    row["relisted_from"] = home
