"""Renders the fields of forms with our templates, and without maxlength.

A browser silently cuts pasted text at maxlength; the form names the limit and keeps the text.
"""

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest


class FormRenderer(TemplatesSetting):
    """Django's renderer that uses the site's templates, for fields that cut nothing."""

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        """Return the HTML of a field or a form."""
        if widget := context.get("widget"):
            _let_through(widget)
        return super().render(template_name, context, request)


def _let_through(widget: dict[str, Any]) -> None:
    """Drop the attribute of a field and of those that it is made of."""
    widget["attrs"].pop("maxlength", None)
    for part in widget.get("subwidgets", ()):
        _let_through(part)
