"""Makes the test database by the real migrations, in a third of the time.

After each of 400 operations Django renders 23 related models again, and makes each of their fields
anew: nine tenths of the time. The statements that the database gets are the same, see
tests/test_quick_migrations.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any
from unittest.mock import patch

from django.db.migrations.state import ProjectState
from django.db.models import Field, Model

Key = tuple[str, str]
"""The app of a model and its name."""


@contextmanager
def quick_migrations() -> Iterator[None]:
    with (
        patch.object(Field, "clone", _copied),
        patch.object(ProjectState, "_find_reload_model", _rendered_again),
    ):
        yield


def _copied(field: Field) -> Field:
    """Return a copy of a field that belongs to no model yet, the newest of all fields.

    deepcopy() of a field shares what does not change and copies its relation. Django takes each
    field apart into arguments and makes it of them anew.
    """
    copied: Any = deepcopy(field)
    copied.creation_counter = Field.creation_counter
    Field.creation_counter += 1
    return copied


def _rendered_again(
    state: ProjectState, app_label: str, model_name: str, delay: bool = False
) -> set[Key]:
    """Return the models to render after a change of one: it, and what has a relation to it.

    Django takes in what these have relations to, and so on: where all models know users, all.
    What a relation leads to knows it by the registry. Only the attributes of its class may be out
    of date: Python of a migration, and what follows the last one, get all models rendered anew.
    """
    state.is_delayed = True
    changed = state.apps.all_models[app_label].get(model_name)
    found, new = set(), {changed} - {None}
    while new:
        found |= new
        new = {known for model in new for known in _that_know(model)} - found
    return {
        (app_label, model_name),
        *((model._meta.app_label, model._meta.model_name) for model in found),
    }


def _that_know(model: type[Model]) -> Iterator[type[Model]]:
    """Yield the models whose classes hold that of another one."""
    yield from model.__subclasses__()
    for relation in model._meta._get_fields(forward=False, include_hidden=True):
        yield relation.related_model
