"""Japanese that nobody writes, but that assembled or leftover texts contain."""

import re
from html import unescape
from html.parser import HTMLParser

JAPANESE = r"[\u3041-\u30ff\u3400-\u9fff々ー]"

PATTERNS = {
    "空白の後の助詞": re.compile(
        rf"[^\s（「、。／＝] +(?:を|が|の|は|に|へ|で|と|も|から|まで|より)(?={JAPANESE}|$)"
    ),
    "“ ”": re.compile("[“”‘’]"),
    "半角の引用符": re.compile(rf"[\"'](?=[^\"']*{JAPANESE})[^\"']*[\"']"),
    "半角の括弧": re.compile(rf"\((?=[^)]*{JAPANESE})|(?<={JAPANESE})\("),
    "半角のコロン": re.compile(rf"{JAPANESE}:(?!//)"),
    "数え方": re.compile(rf"\d+ ?個の内|\d+ ?個選択|^\d+ {JAPANESE}"),
    "訳語": re.compile(
        "オブジェクト|エントリー|フィルター|パーミッション|アクション|フィールド|ユーザー"
    ),
    "外国語": re.compile(
        r"\b(?:add(?:ed)?|change[ds]?|delete[ds]?|save|view|select(?:ed)?|history|filter|none|true"
        r"|false|please|error|object|home|all|yes|no|the|this|entry|search|close|back)\b",
        re.IGNORECASE,
    ),
}


def unnatural(text: str) -> list[str]:
    """Return what is unnatural in a text, each with its surroundings."""
    return [
        f"{name}：{text[max(0, found.start() - 12) : found.end() + 12]}"
        for name, pattern in PATTERNS.items()
        for found in pattern.finditer(re.sub(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}", "〇", text))
    ]


SAID = ("title", "alt", "placeholder", "aria-label")
"""Attributes that are read to somebody."""


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.unheard = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self.unheard += 1
        said = dict(attributes)
        self.found += [said[name] or "" for name in SAID if name in said]
        if tag == "input" and said.get("type") in ("submit", "button"):
            self.found.append(said.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.unheard -= 1

    def handle_data(self, data: str) -> None:
        if not self.unheard and data.strip():
            self.found.append(unescape(" ".join(data.split())))


def texts_of(html: str) -> list[str]:
    """Return all that a page says, in its texts and its attributes."""
    parser = _Texts()
    parser.feed(html)
    return parser.found
