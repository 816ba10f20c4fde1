"""What the rows of 内部評価 and of 事業の実績 have in common: the state of what is written."""

from indicators.rules.terms import NOT_REPORTED
from reviews.models import Answered, State

NOT_WRITTEN = ""
"""The state of a row that nobody has begun."""

STATE_LABELS: dict[str, str] = {NOT_WRITTEN: NOT_REPORTED, **dict(State.choices)}


class ReviewRow:
    """A row of a list. `stored` is None while nobody has written anything."""

    stored: Answered | None

    @property
    def state(self) -> str:
        """The state of what is written; NOT_WRITTEN without anything."""
        return self.stored.state if self.stored else NOT_WRITTEN

    @property
    def state_label(self) -> str:
        """未入力, 入力中, 課長確認待ち …"""
        return STATE_LABELS[self.state]

    @property
    def key(self) -> str:
        """What a form sends for a ticked row: its id and the version on the page."""
        return f"{self.stored.pk}:{self.stored.version}" if self.stored else ""
