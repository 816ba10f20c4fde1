"""Merges what was typed into a page with what others stored since the page was opened.

The row's history has what the page showed. Field by field, what only one side changed is taken as
it is; where both changed the same to something different, the person has to decide and sees both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format

from accounts import access
from indicators.merging import Parts, Texts, merge
from japanese.row_numbers import row_number
from reviews.measures.form import SEEN, KPILine
from reviews.models import Answered, KPIReview, State

_UNKNOWN = "\0"
"""What stands for a text nobody can have typed: history does not know what the page showed."""

_OUTLOOKS = dict(KPIReview.Outlook.choices)


@dataclass(frozen=True)
class Overtaken:
    """What others changed since the page was opened.

    `data` is what was sent, merged: it has the stored content of what was not typed here. `who`
    says who changed the row and when, as in 11月5日10時3分に渚が変更. `clashes` has by field the
    message with the stored content, `left_alone` the labels of what only others changed.
    `moved_to` is what others did with the row that saving takes back, "" for nothing.
    """

    data: QueryDict
    who: str
    clashes: Mapping[str, str]
    left_alone: Sequence[str]
    moved_to: str = ""

    @property
    def kept(self) -> str:
        """The sentence after saving on what others had changed; "" for nothing."""
        if not self.left_alone:
            return ""
        return f"{self.who}した{_listed(self.left_alone)}は、そのまま残しました。"

    @property
    def shown(self) -> str:
        """The sentence on a page that was refused: what others changed is in it now."""
        if not self.left_alone:
            return f"{self.who}しました。"
        changed = _listed(self.left_alone)
        return f"{self.who}しました（{changed}）。この画面に、今の内容を表示しています。"

    @property
    def taken_back(self) -> str:
        """The sentence on what saving would take back; it follows 「…」は、."""
        return (
            f"{self.shown}今は「{self.moved_to}」で、保存すると、もう一度回答と確認が必要になります。"
            "よければ、もう一度保存してください。"
        )

    def mark(self, form: Any) -> None:
        """Refuse the form, with what is stored named at each field, where both changed the same."""
        form.is_valid()
        form.clashes = self.clashes
        if self.clashes:
            decide = "残す方を入力して、もう一度保存してください。"
            form.add_error(None, f"{self.shown}{decide}")
        for name, message in self.clashes.items():
            form.add_error(name if name in form.fields else None, message)


def overtaken(form: Any, row: Answered | None, user: Any) -> Overtaken | None:
    """Return what others changed since the page was opened that sent a form; None for nothing.

    `form` was bound to what was sent, `row` is stored now. One query if the page is old.
    """
    seen = row_number(str(form.data.get(SEEN, ""))) or 0
    if row is None or row.version == seen:
        return None
    history: Any = type(row).history  # type: ignore[attr-defined]
    records = list(
        history.filter(id=row.pk, version__gte=seen)
        .select_related("history_user")
        .order_by("history_id")
    )
    before = [record for record in records if record.version == seen]
    base = before[-1] if before else None
    typed = _Typed(form, row, base, is_new=not seen)
    found = merge(typed.base, typed.theirs, typed.mine, parts=typed.parts)
    data = form.data.copy()
    texts = dict(found.texts)
    for part in found.clashes:
        texts |= {name: typed.mine[name] for name in typed.parts[part]}
    for name, text in texts.items():
        data[name] = text
    for line in typed.lines:
        for name, text in line.seen.items():
            data[f"{name}-{line.pk}-seen"] = text
    data[SEEN] = str(row.version)
    later = [record for record in records if record.version > seen]
    return Overtaken(
        data,
        _who(later, user),
        dict(typed.clash(part) for part in found.clashes),
        [typed.label(part) for part in found.left_alone],
        _moved_to(row, base, user),
    )


class _Typed:
    """The three contents of a form by the names of its fields, and the parts they make."""

    def __init__(self, form: Any, row: Answered, base: Any, *, is_new: bool) -> None:
        self.form = form
        self.lines: Sequence[KPILine] = getattr(form, "kpis", ())
        own = [name for name in form.fields if name in form.Meta.fields]
        together = {name: part for part, names in form.parts.items() for name in names}
        parts: dict[str, tuple[str, ...]] = {}
        for name in own:
            part = together.get(name, name)
            parts[part] = (*parts.get(part, ()), name)
        self.theirs = {name: self._stored(row, name) for name in own}
        if base is not None:
            self.base = {name: self._stored(base, name) for name in own}
        else:
            self.base = dict.fromkeys(own, "" if is_new else _UNKNOWN)
        self.mine = {name: self._typed(name) for name in own}
        for line in self.lines:
            for name, stored in line.seen.items():
                field = f"{name}-{line.pk}"
                parts[field] = (field,)
                # The page itself says what it showed of a KPI.
                self.base[field] = form.data.get(f"{field}-seen", "")
                self.mine[field] = form.data.get(field, self.base[field])
                self.theirs[field] = stored
        self.parts: Parts = parts

    def label(self, part: str) -> str:
        """Return what a part is called."""
        if part in self.form.part_labels:
            return str(self.form.part_labels[part])
        if part in self.form.fields:
            return str(self.form.fields[part].label)
        name, _, pk = part.partition("-")
        line = next(line for line in self.lines if str(line.pk) == pk)
        return f"{line.listing.name}の{'コメント' if name == 'comment' else '見込み'}"

    def clash(self, part: str) -> tuple[str, str]:
        """Return the field where both changed a part, and the message with what is stored."""
        names = self.parts[part]
        first = next(name for name in names if self.mine[name] != self.theirs[name])
        return first, (
            f"「{self.label(part)}」に今保存されている内容：「{self._shown(names, self.theirs)}」"
        )

    def _shown(self, names: Sequence[str], texts: Texts) -> str:
        if len(names) == 1:
            text = texts[names[0]]
            return str(_OUTLOOKS.get(text, text)) or "空欄"
        typed = [f"{self.form.fields[name].label}{texts[name]}" for name in names if texts[name]]
        return "、".join(typed) or "空欄"

    def _stored(self, record: Any, name: str) -> str:
        return self._text(name, record._meta.get_field(name).value_from_object(record))

    def _typed(self, name: str) -> str:
        """Return what was typed, in the notation of what is stored if it can be read."""
        if name not in self.form.data:
            return self.base[name]
        if not hasattr(self.form, "cleaned_data"):
            self.form.is_valid()
        if name in self.form.cleaned_data:
            return self._text(name, self.form.cleaned_data[name])
        return str(self.form.data[name])

    def _text(self, name: str, content: Any) -> str:
        shown = self.form.fields[name].prepare_value(content)
        return "" if shown is None else str(shown)


def who_wrote_last(row: Any, parts: Sequence[str], user: Any) -> str:
    """Return who wrote a row last, and when, as the one who changed parts of it."""
    when = date_format(timezone.localtime(row.entered_at), "n月j日G時i分")
    who = "あなたが別の画面で" if row.entered_by == user else f"{row.entered_by or 'ほかの人'}が"
    return f"{'、'.join(parts)}は、{when}に{who}変更しました。"


def _who(records: Sequence[Any], user: Any) -> str:
    """Return who made these changes, each with the last time."""
    last: dict[Any, Any] = {}
    for record in records:
        last[record.history_user_id] = record
    said = []
    for pk, record in last.items():
        when = date_format(timezone.localtime(record.history_date), "n月j日G時i分")
        by = "あなたが別の画面で" if pk == user.pk else f"{record.history_user or 'ほかの人'}が"
        said.append(f"{when}に{by}")
    return "、".join(said) + "変更" if said else "ほかの人が変更"


def _moved_to(row: Any, base: Any, user: Any) -> str:
    """Return what saving would take back that the page did not show; "" for nothing."""
    if getattr(row, "decided_on", None) and getattr(base, "decided_on", None) != row.decided_on:
        return "推進本部の決定あり"
    settled = {State.SUBMITTED, State.ANSWERED, State.CONFIRMED}
    if access.enters_as_answered(user):
        settled.discard(State.ANSWERED)
    if row.state in settled and (base is None or base.state != row.state):
        return str(row.get_state_display())
    return ""


def _listed(labels: Sequence[str]) -> str:
    return "".join(f"「{label}」" for label in labels)
