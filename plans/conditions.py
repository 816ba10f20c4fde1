"""Conditions in an address, one form field each; their choices come from the plan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from japanese.numerals import shown

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Condition:
    """One condition: its parameter, its label, its choices and the chosen value."""

    name: str
    label: str
    choices: Choices
    value: str = ""

    @property
    def chosen(self) -> str:
        """The label of the chosen value; "" without one."""
        return dict(self.choices).get(self.value, "")


def read_conditions(
    fields: Iterable[tuple[str, str, Choices]], asked: Mapping[str, str]
) -> tuple[Condition, ...]:
    """Return the conditions in the parameters of an address.

    Raises ValueError, with a message for users, for a value that is not among the choices.
    """
    conditions = []
    for name, label, choices in fields:
        value = asked.get(name, "").strip()
        if value and value not in dict(choices):
            raise ValueError(
                f"{label}の条件「{shown(value)}」は、この計画にありません。"
                "条件を選び直すか、解除してください。"
            )
        conditions.append(Condition(name, label, choices, value))
    return tuple(conditions)


def conditions_in_words(conditions: Iterable[Condition]) -> str:
    """Return the conditions that are set as text: 担当課：水産課、判定：× 遅れ・未達成."""
    return "、".join(f"{one.label}：{one.chosen}" for one in conditions if one.value)
