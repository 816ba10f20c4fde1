"""登録の訂正: a correction of what is registered changes judgements of past years.

Before one is saved, people see which judgements change and how. Judging is done by a higher app,
which registers a reader of all judgements here.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from japanese.fiscal_years import full_label


class JudgedYear(NamedTuple):
    """A fiscal year of a listing; `model` and `pk` identify the listing."""

    model: str
    pk: int
    fiscal_year: int


class Judged(NamedTuple):
    """A listing's name and its judgement as pages show it: ○ おおむね順調（計画比 83.3％）."""

    listing: str
    judgement: str


ListingKey = tuple[str, int]
"""The model and pk of a listing, as in JudgedYear."""

Judgements = Mapping[JudgedYear, Judged]
"""What is judged of a value; years without a value or with an unconfirmed reading are absent."""

NO_LONGER = "判定しない"

_readers: list[Callable[[], Judgements]] = []


def judge_by(reader: Callable[[], Judgements]) -> None:
    """Let a higher app say what reads the judgements of all plans."""
    _readers.append(reader)


def judgements() -> dict[JudgedYear, Judged]:
    """Return all current judgements."""
    return {key: judged for reader in _readers for key, judged in reader().items()}


def differences(
    before: Judgements, after: Judgements, reconfirmed: Collection[ListingKey] = ()
) -> Iterator[str]:
    """Yield a Japanese line for each judgement that differs afterwards, or is gone.

    A judgement that was not there before is not a difference: nobody has relied on it. It is one
    for the `reconfirmed` listings, whose reading had been confirmed once: people know another one.
    """
    for key, old in before.items():
        becomes = after[key].judgement if key in after else NO_LONGER
        if becomes == old.judgement:
            continue
        yield f"{old.listing}　{full_label(key.fiscal_year)}：{old.judgement} → {becomes}"
    for key, new in after.items():
        if key not in before and (key.model, key.pk) in reconfirmed:
            year = full_label(key.fiscal_year)
            yield f"{new.listing}　{year}：{NO_LONGER} → {new.judgement}"
