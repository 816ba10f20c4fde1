"""The fields of a plan's form for its own words, and how they become `Strategy.words`."""

import re
from typing import Any

from django import forms

from goals.models import BasicGoal, Strategy
from indicators.plan_words import (
    LONGEST_WORD,
    NOT_OF_THE_CITY,
    STANDARD_WORDS,
    WORD_NAMES,
    check_words,
    words_as_json,
    words_from,
)

PREFIX = "word_"
CATEGORIES = f"{PREFIX}categories"
UNCATEGORISED = f"{PREFIX}uncategorised"
OF_OTHERS = "（市以外）"
NOTHING = "なし"

_IS_OF_OTHERS = re.compile(r"[（(]\s*市以外\s*[）)]\s*$")


def _field_of(name: str) -> forms.CharField:
    if name == "categories":
        return forms.CharField(
            label=WORD_NAMES[name],
            required=False,
            widget=forms.Textarea(attrs={"rows": 4, "cols": 30}),
            help_text=f"一行に一つ。市の事業でない区分には、終わりに「{OF_OTHERS}」を付けます。"
            f"空欄なら、標準の{'、'.join(_lines_of(STANDARD_WORDS.categories))}です。",
        )
    standard = getattr(STANDARD_WORDS, name)
    more = f"意味がなければ「{NOTHING}」。" if name == "uncategorised" else ""
    if name.endswith("_short"):
        more = "空欄でも、長い呼び方が標準でなければ、それと同じになります。"
    return forms.CharField(
        label=WORD_NAMES[name],
        required=False,
        max_length=LONGEST_WORD,
        widget=forms.TextInput(attrs={"size": LONGEST_WORD, "placeholder": standard}),
        help_text=f"標準は「{standard}」。{more}",
    )


def _lines_of(categories: Any) -> list[str]:
    return [f"{one.name}{OF_OTHERS if one.not_of_city else ''}" for one in categories]


_FieldsOfWords: Any = type(
    "_FieldsOfWords", (forms.Form,), {f"{PREFIX}{name}": _field_of(name) for name in WORD_NAMES}
)

WORD_FIELDS = tuple(f"{PREFIX}{name}" for name in WORD_NAMES)


def typed_words(words: dict[str, Any]) -> dict[str, str]:
    """Return what the fields show of the stored words of a plan; "" where they are standard."""
    shown = {f"{PREFIX}{name}": word for name, word in words.items() if name != "categories"}
    if "categories" in words:
        shown[CATEGORIES] = "\n".join(_lines_of(words_from(words).categories))
    if words.get("uncategorised") == "":
        shown[UNCATEGORISED] = NOTHING
    return dict.fromkeys(WORD_FIELDS, "") | shown


class WordsForm(_FieldsOfWords):
    """A mixin for the form of a plan: its own words, each in a field of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(typed_words(self.instance.words))

    def clean(self) -> dict[str, Any]:
        """Put the words on the plan, or say at each field what is wrong with it."""
        data: dict[str, Any] = super().clean()
        if not set(WORD_FIELDS) <= self.fields.keys():
            return data
        words = {
            name: data[f"{PREFIX}{name}"].strip()
            for name in WORD_NAMES
            if name != "categories" and data.get(f"{PREFIX}{name}", "").strip()
        }
        if words.get("uncategorised") == NOTHING:
            words["uncategorised"] = ""
        if lines := data.get(CATEGORIES, "").strip():
            words["categories"] = [
                _category_of(line) for line in lines.splitlines() if line.strip()
            ]
        if problems := check_words(words):
            for problem in problems:
                self.add_error(self._field_with(problem), problem)
            return data
        if gone := self._categories_in_use(words):
            self.add_error(
                CATEGORIES,
                f"区分「{'」「'.join(gone)}」の事業があります。一覧に残すか、先にそれらの事業の区分を"
                "変えてください。",
            )
            return data
        self.instance.words = words_as_json(words)
        return data

    def _field_with(self, problem: str) -> str | None:
        """Return the field that a problem names first."""
        places = {problem.find(label): f"{PREFIX}{name}" for name, label in WORD_NAMES.items()}
        places.pop(-1, None)
        return places[min(places)] if places else None

    def _categories_in_use(self, words: dict[str, Any]) -> list[str]:
        """Return the 区分 of projects that the plan would no longer have."""
        stored: Strategy = self.instance
        kept = {"", *words_from(words).category_names}
        if stored.pk is None or kept >= set(stored.wording.category_names):
            return []
        of_projects = BasicGoal.objects.filter(
            strategy=stored, measure_groups__measures__projects__isnull=False
        ).values_list("measure_groups__measures__projects__category", flat=True)
        return sorted(set(of_projects) - kept)


def _category_of(line: str) -> dict[str, Any]:
    name = _IS_OF_OTHERS.sub("", line).strip()
    return {"name": name, **({NOT_OF_THE_CITY: True} if _IS_OF_OTHERS.search(line) else {})}
