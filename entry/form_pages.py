"""What the pages that import an Excel form have in common, whatever the form is about."""

from collections.abc import Sequence
from typing import Any

from entry.excel.marking import can_mark
from entry.grid_fields import is_decision
from tables.import_pages import FilesInput, ImportForm, ImportPages
from tables.importing import Comparison

SHOWN_ROWS = 300
"""The most new and changed rows that a preview lists; the rest is only counted."""


class FormFilesForm(ImportForm):
    """The files: one form, or several at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        file = self.fields["file"]
        file.widget = FilesInput(attrs=file.widget.attrs)
        file.help_text = (
            "入力したExcel様式（.xlsx）か、それをCSV（UTF-8かShift_JIS）で保存したもの。"
            "いくつかの様式を、一度に選ぶこともできます。"
        )


class FormPages(ImportPages):
    """Both steps of the import of forms, with the user's choices where others were faster."""

    @property
    def decisions(self) -> list[tuple[str, str]]:
        """What the user chose where form and stored content differ, by the name of the field."""
        sent = self.request.POST.items()
        return [(name, str(text)) for name, text in sent if is_decision(name)]

    def compared(self, comparisons: Sequence[Comparison]) -> dict[str, Any]:
        """Return what the page shows of the comparisons of the files."""
        questions = [one for comparison in comparisons for one in comparison.questions]
        asked = {choice.id for question in questions for choice in question.choices}
        return {
            "parts": [(comparison, self.can_mark(comparison)) for comparison in comparisons],
            "shown_rows": SHOWN_ROWS,
            "has_faults": any(comparison.faults for comparison in comparisons),
            "has_changes": any(comparison.changes for comparison in comparisons),
            "questions": questions,
            "undecided": [
                (f"{choice.id}-theirs", f"{question.name}：{choice.label}を選んでください。")
                for question in questions
                for choice in question.choices
                if "choosing" in self.request.POST
            ],
            "decisions": [(name, text) for name, text in self.decisions if name not in asked],
        }

    def can_mark(self, comparison: Comparison) -> bool:
        """Whether at least one fault is at a cell of the file."""
        return can_mark(comparison)

    def waits(self, comparison: Comparison) -> bool:
        """Keep faulty uploads as well: they can be downloaded with their faults marked."""
        return True

    def is_outdated(self, comparisons: Sequence[Comparison]) -> bool:
        """Do not warn if the user has just chosen."""
        return "choosing" not in self.request.POST
