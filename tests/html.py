"""Reads pages as a browser would: what a form would send."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, str] = {}
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attributes: list) -> None:
        fields = dict(attributes)
        name = fields.get("name", "")
        if tag == "input" and name and fields.get("type") not in ("submit", "button"):
            if fields.get("type") not in ("checkbox", "radio") or "checked" in fields:
                self.data[name] = fields.get("value") or ("on" if "checked" in fields else "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in fields:
            self.data[self._select] = fields.get("value") or ""
        elif tag == "textarea":
            self._textarea = name
            self.data[name] = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.data[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self.data[self._textarea] = self.data[self._textarea].removeprefix("\n")
            self._textarea = ""


def form_data(html: str) -> dict[str, str]:
    """Return what sending the page's fields, untouched, would send."""
    parser = _Forms()
    parser.feed(html)
    return parser.data
