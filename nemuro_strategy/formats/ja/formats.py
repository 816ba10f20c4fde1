"""Dates and times as an office writes them: no leading zeros, 時 and 分 spelled out."""

DATE_FORMAT = "Y年n月j日"
TIME_FORMAT = "G時i分"
DATETIME_FORMAT = "Y年n月j日G時i分"
