"""A template filter for days in both calendars; built in, so that no template loads it."""

from datetime import date, datetime

from django import template

from japanese import calendar_days

register = template.Library()


@register.filter(expects_localtime=True)
def both_calendars(day: date | None) -> str:
    """Return 令和8年4月1日（2026年4月1日）; "" without a day. Of a time, the day of the office."""
    if day is None:
        return ""
    return calendar_days.day_label(day.date() if isinstance(day, datetime) else day)
