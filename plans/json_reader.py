"""Reads the JSON of a plan key by key, and notes what is missing or of the wrong type."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any


class FaultyObject(Exception):
    """An object is invalid. Its problem is noted, and everything that depends on it is skipped."""


class JsonReader:
    """Reads one JSON object key by key and notes missing keys and wrong types."""

    def __init__(
        self, data: Any, place: str, problems: list[str], whole: "JsonReader | None" = None
    ) -> None:
        self.place = place
        self.problems = problems
        self.whole = whole
        self.faulty = False
        self.read: set[str] = set()
        if isinstance(data, dict):
            self.data = data
        else:
            self.data = {}
            self.problem("オブジェクト（{ } で囲んだもの）にしてください。")

    def problem(self, message: str) -> None:
        self.faulty = True
        if self.whole:  # a listing with a faulty baseline is faulty
            self.whole.faulty = True
        self.problems.append(f"{self.place}：{message}")

    def done(self, *others: str) -> None:
        """Note unknown keys: a misspelt key must not be dropped silently."""
        unknown = sorted(self.data.keys() - self.read - set(others))
        if unknown:
            self.problem(
                f"「{'」「'.join(unknown)}」という項目はありません。綴りを確かめてください。"
            )

    def _get(self, key: str, kind: type, what: str, *, optional: bool = False) -> Any:
        self.read.add(key)
        if key not in self.data and not optional:
            self.problem(f"項目「{key}」がありません。{what}を書いてください。")
            return None
        value = self.data.get(key)
        if value is None and optional:
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.problem(
                f"項目「{key}」の値「{value}」は{what}ではありません。{what}を書いてください。"
            )
            return None
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string; `default`, if given, replaces null."""
        value = self._get(key, str, "文字列", optional=default is not None)
        return (default or "") if value is None else value

    def texts(self, key: str) -> list[str]:
        values = self._get(key, list, "文字列の一覧", optional=True) or []
        if not all(isinstance(value, str) for value in values):
            self.problem(f"項目「{key}」は、文字列の一覧にしてください。")
            return []
        return values

    def whole_numbers(self, key: str) -> list[int]:
        """Return a list of integers; [] for a missing key."""
        values = self._get(key, list, "整数の一覧", optional=True) or []
        if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            self.problem(f"項目「{key}」は、整数の一覧にしてください。例：[3, 4]")
            return []
        return values

    def flag(self, key: str) -> bool:
        return bool(self._get(key, bool, "true か false"))

    def optional_flag(self, key: str) -> bool:
        """Return true or false; false for a missing key."""
        return bool(self._get(key, bool, "true か false", optional=True))

    def integer(self, key: str, *, optional: bool = False) -> Any:
        """Return an int, or None; unless `optional`, None also notes a problem."""
        return self._get(key, int, "整数", optional=optional)

    def day(self, key: str) -> Any:
        """Return a date; None also notes a problem."""
        text = self._get(key, str, '日付（例："2017-03-24"）')
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            self.problem(
                f"項目「{key}」の値「{text}」は日付ではありません。"
                "2017-03-24 のように書いてください。"
            )
            return None

    def number(self, key: str, *, optional: bool = False) -> Any:
        """Return a Decimal, or None; unless `optional`, None also notes a problem."""
        text = self._get(key, str, '数を表す文字列（例："1.49"）', optional=optional)
        return None if text is None else self._decimal(key, text)

    def numbers_by_year(self, key: str) -> dict[int, Decimal]:
        numbers = {}
        for year, text in self.mapping(key).items():
            number = self._decimal(f"{key}.{year}", text)
            if not (year.isascii() and year.isdigit()):
                self.problem(f"項目「{key}」の「{year}」は西暦の年度ではありません。")
            elif number is not None:
                numbers[int(year)] = number
        return numbers

    def _decimal(self, key: str, text: Any) -> Decimal | None:
        try:
            number = Decimal(text) if isinstance(text, str) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            self.problem(
                f'項目「{key}」の値「{text}」は数として読めません。"1.49" のように書いてください。'
            )
            return None
        return number

    def mapping(self, key: str) -> Mapping[str, Any]:
        return self._get(key, dict, "オブジェクト", optional=True) or {}

    def object(self, key: str) -> "JsonReader":
        """Return a reader for a nested object. Raises FaultyObject."""
        value = self._get(key, dict, "オブジェクト")
        if value is None:
            raise FaultyObject
        return JsonReader(value, self.place, self.problems, whole=self)

    def optional_object(self, key: str) -> "JsonReader | None":
        """Return a reader for a nested object; None for null or a missing key.

        Raises FaultyObject.
        """
        self.read.add(key)
        return None if self.data.get(key) is None else self.object(key)

    def objects(
        self, name: str, place: str, key: str = "position", *, optional: bool = False
    ) -> "Iterator[JsonReader]":
        """Yield a reader for each object of a list.

        `place` names the object in messages and contains {position}. `key` must be unique in the
        list.
        """
        seen = set()
        for reader in self._readers(name, place, optional=optional):
            own = reader.data.get(key)
            if isinstance(own, str | int):
                if own in seen:
                    reader.problem(
                        f"項目「{key}」の値「{own}」は、前の項目と同じです。"
                        "一つずつ違う値にしてください。"
                    )
                seen.add(own)
            yield reader

    def listings(self, name: str, place: str) -> "Iterator[JsonReader]":
        """Yield a reader for each listing of a list; `position` and `part` together are unique.

        A position stands either once without a part or with parts only.
        """
        seen: dict[Any, set[Any]] = {}
        for reader in self._readers(name, place):
            own, part = reader.data.get("position"), reader.data.get("part", "")
            if isinstance(own, int) and isinstance(part, str):
                parts = seen.setdefault(own, set())
                if part in parts:
                    reader.problem(
                        f"項目「position」の値「{own}{part}」は、前の項目と同じです。"
                        "一つずつ違う値にしてください。"
                    )
                elif parts and ("" in parts or not part):
                    reader.problem(
                        f"position {own} に、part のある項目とない項目があります。"
                        "part を揃えるか、違う position にしてください。"
                    )
                parts.add(part)
            yield reader

    def _readers(self, name: str, place: str, *, optional: bool = False) -> "Iterator[JsonReader]":
        for index, value in enumerate(self._get(name, list, "一覧", optional=optional) or [], 1):
            yield JsonReader(value, f"{self.place}の{place.format(position=index)}", self.problems)
