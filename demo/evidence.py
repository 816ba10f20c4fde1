"""A few files of 根拠資料 for the trial. Like its values they are invented, and they say so."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from indicators.evidence.files import add
from indicators.models import Actual
from trail.history import changing

INVENTED_FILES = {
    ("seasonal-workers", 2018): "季節労働者数の照会結果.csv",
    ("seasonal-workers", 2019): "季節労働者数の照会結果.csv",
    ("new-businesses", 2019): "創業支援事業の実績.csv",
    ("waiting-children", 2019): "待機児童数の報告.csv",
    ("total-fertility-rate", 2018): "人口動態統計からの抜書き.csv",
    ("childcare-support-satisfaction", 2019): "市民アンケートの集計.csv",
}
"""(indicator, year) -> the name of the file that was added by the clerk who entered the value."""


def add_evidence() -> None:
    """Add the files to the values of the trial, an hour after each value was entered."""
    values = Actual.objects.select_related("indicator", "entered_by")
    for (code, year), name in INVENTED_FILES.items():
        actual = values.filter(indicator__code=code, fiscal_year=year).first()
        if actual is not None:
            with changing(at=actual.entered_at + timedelta(hours=1)):
                content = _content(actual)
                file = SimpleUploadedFile(name, content.encode("utf-8-sig"))
                add([file], actual.indicator, year, by=actual.entered_by)


def _content(actual: Actual) -> str:
    value = actual.indicator.format(actual.value) or actual.get_availability_display()
    lines = [
        "試用のための架空の資料です。",
        "指標,年度,値,単位",
        f'{actual.indicator.name},{actual.fiscal_year_id},"{value}",{actual.indicator.shown_unit}',
    ]
    return "\r\n".join(lines) + "\r\n"
