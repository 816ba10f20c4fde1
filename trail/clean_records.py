"""Cleans the texts of a record before it is stored, whichever way they came in."""

from typing import Any

from django.db import models

from japanese.characters import clean, one_line


def clean_texts(instance: models.Model) -> None:
    """Remove forbidden characters from all texts; a field of one line keeps one line."""
    for field in instance._meta.concrete_fields:
        if isinstance(field, models.CharField | models.TextField | models.JSONField):
            old = getattr(instance, field.attname)
            if (new := cleaned_field(field, old)) != old:
                setattr(instance, field.attname, new)


def cleaned_field(field: Any, content: Any) -> Any:
    """Return what a model field stores of a text, or of the texts in a dict or list."""
    if isinstance(content, dict):
        return {key: cleaned_field(field, one) for key, one in content.items()}
    if isinstance(content, list):
        return [cleaned_field(field, one) for one in content]
    if not isinstance(content, str):
        return content
    if isinstance(field, models.TextField):
        return clean(content)
    has_breaks = clean(content) != content or "\n" in content or "\r" in content
    return one_line(content) if has_breaks else content
