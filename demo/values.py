"""INVENTED values for trying the product out with the strategy of 根室市. None of them is real.

They are realistic for a city of that size, with good news and bad. Everything that shows them
says that they are invented (`Strategy.invented`).

Values are written as people type them: 「1.43」, 「31/112」 (numerator/denominator; the value is
computed), followed by 「速報値」 if it is not final. Instead of a value there can be a reason:
「未公表 2016-12」 (with the month of publication), 「調査未実施」, 「把握できない」. "" is 未入力.
"""

from datetime import date
from typing import NamedTuple

YEARS = (2015, 2016, 2017, 2018, 2019)
"""The columns of VALUES: 2015 to 2018 are over, 2019 is being entered."""

VALUES: dict[str, tuple[str, str, str, str, str]] = {
    # 基本目標1
    "total-fertility-rate": ("1.36", "未公表 2017-12", "1.43", "未公表 2020-12", "未公表 2021-12"),
    "young-population-share": (
        "3033/26917", "2938/26440", "2832/25960", "2723/25480", "2617/25010",
    ),
    "seasonal-waiting-children": ("6", "4", "0", "2", ""),
    "delivery-facilities": ("0", "0", "0", "0", "0"),
    "matchmaking-participants": ("30", "45", "50", "38", "44"),
    "childcare-circle-supports": ("52", "61", "58", "47", "49"),
    "multi-child-free-households": ("262", "271", "268", "255", ""),
    "childcare-support-satisfaction": ("調査未実施", "14.2", "調査未実施", "19.8", "22.6"),
    "waiting-children": ("0", "0", "2", "0", "0"),
    "child-welfare-facility-satisfaction": ("調査未実施", "9.4", "調査未実施", "12.8", "14.1"),
    "year-round-nursery-share": ("5/7", "6/7", "6/7", "7/7", "7/7"),
    "after-school-users": ("47120", "46312", "46540", "45180", "43950"),
    "parent-class-men-share": ("31/112", "35/108", "40/104", "43/103", "38/97"),
    "medical-institution-satisfaction": ("調査未実施", "9.6", "調査未実施", "13.4", "12.7"),
    "loan-returned-medical-workers": ("8", "11", "9", "12", ""),
    # 基本目標2
    "women-aged-20-39": ("2409", "2371", "2340", "2298", "2261"),
    "working-age-population-share": (
        "15573/26917", "15150/26440", "14720/25960", "14290/25480", "13870/25010",
    ),
    "population-decline-rate": ("1.75", "1.77", "1.82", "1.85", "1.84 速報値"),
    "nadeshiko-bank-qualified": ("12", "14", "16", "11", "13"),
    "employed-per-1000": ("22.4", "23.1", "24.2", "25.3", "24.9"),
    "seasonal-workers": ("561", "542", "519", "500", "471"),
    "maternity-leave-company-share": ("124/200", "調査未実施", "147/196", "162/197", ""),
    "loan-returned-people": ("3", "5", "6", "4", "7"),
    "new-businesses": ("2", "4", "5", "3", "4"),
    "corporations-per-1000": ("26.2", "", "27.0", "27.5", ""),
    "shopping-street-openings": ("1", "2", "1", "2", ""),
    "new-fishery-workers": ("13", "12", "9", "10", ""),
    "new-farm-forestry-workers": ("1", "2", "2", "1", "2"),
    "new-hunting-licences": ("8", "9", "6", "", "7"),
    "certified-sixth-industry-businesses": ("1", "1", "1", "2", ""),
    "joint-research-results": ("3", "5", "6", "4", ""),
    "export-minded-companies": ("11", "調査未実施", "13", "12", ""),
    "nemuro-customs-trade-value": (
        "4581000000", "4688000000 速報値", "4935000000", "5127000000 速報値", "",
    ),
    "settlers": ("3", "4", "8", "7", "6"),
    "settlement-consultations": ("38", "47", "55", "61", "58"),
    "long-stay-days": ("把握できない", "412", "655", "840", ""),
    "winter-visitor-share": ("17.0", "74900/421300", "80450/433900", "85120/439200", ""),
    "foreign-overnight-guests": ("2290", "2405", "2466", "2612 速報値", "2238 速報値"),
    "overnight-visitor-share": ("16.6", "71200/421300", "76100/433900", "79950/439200", ""),
    # 基本目標3
    "women-participation-share": ("89/421", "92/418", "97/415", "101/412", "106/414"),
    "citizens-wishing-to-take-part": ("79.0", "80.6", "調査未実施", "82.1", "83.9"),
    "citizen-activity-consultations": ("6", "8", "7", "11", ""),
    "revitalising-groups": ("0", "1", "0", "1", ""),
    "community-cooperators": ("4", "6", "8", "7", ""),
    "reused-school-buildings": ("0", "1", "0", "1", ""),
    "seconded-company-staff": ("1", "0", "1", "0", ""),
    "hometown-tax-donations": ("1290431000", "874520000", "962180000", "1105300000", ""),
    "hometown-tax-donations-used": ("98400000", "176200000", "243800000", "285600000", ""),
}  # fmt: skip

REMARKS: dict[tuple[str, int], str] = {
    ("total-fertility-rate", 2016): "人口動態統計の市町村別の集計を待っています。",
    ("total-fertility-rate", 2018): "人口動態統計の市町村別の集計を待っています。",
    ("total-fertility-rate", 2019): "人口動態統計の市町村別の集計を待っています。",
    ("seasonal-waiting-children", 2018): "昆布漁の時期に、入所の希望が重なりました。",
    ("delivery-facilities", 2018): "産婦人科の常勤医の確保に努めています。",
    ("waiting-children", 2017): "年度の初めに、保育士が足りませんでした。",
    ("after-school-users", 2019): "3月は、新型コロナウイルス感染症のため閉所しました。",
    ("population-decline-rate", 2019): "住民基本台帳による暫定の値です。",
    ("maternity-leave-company-share", 2016): "調査は2年に1回です。次は平成29年度に行います。",
    ("new-farm-forestry-workers", 2018): "内定していた1人が、翌年度の就業となりました。",
    ("nemuro-customs-trade-value", 2018): "確定値は翌年に公表されます。",
    ("long-stay-days", 2015): "施設ごとに報告の様式が違い、合計できません。",
    ("foreign-overnight-guests", 2019): "2月から、団体の予約の取消しが続きました。",
    ("community-cooperators", 2018): "任期を終えた2人のうち1人が市内に残りました。",
    ("hometown-tax-donations", 2015): "返礼品の見直しにより、申込みが大きく増えました。",
}


class FirstTry(NamedTuple):
    """The first value that a clerk typed, and why the head handed it back."""

    typed: str
    reason: str


FIRST_TRIES: dict[tuple[str, int], FirstTry] = {
    ("maternity-leave-company-share", 2015): FirstTry(
        "124/212", "回答のなかった企業12社を、分母から除いてください。"
    ),
    ("settlers", 2016): FirstTry(
        "7", "前年度までの累計になっています。平成28年度だけの人数にしてください。"
    ),
    ("multi-child-free-households", 2017): FirstTry(
        "286", "年度の途中で転出した世帯を除いて、数え直してください。"
    ),
    ("parent-class-men-share", 2018): FirstTry(
        "43/130", "分母は、対象者ではなく、参加した夫婦の組数です。"
    ),
}
"""By indicator and year; VALUES has the value that the clerk typed afterwards."""


class Correction(NamedTuple):
    """A value that planning changed, with a reason, after the year's entry had ended."""

    code: str
    year: int
    day: date
    value: str
    kind: str
    reason: str


CORRECTIONS = (
    Correction(
        "after-school-users", 2016, date(2017, 11, 14), "45872", "corrected",
        "3月分の放課後教室を二重に数えていたため、訂正する。",
    ),
    Correction(
        "total-fertility-rate", 2016, date(2017, 12, 20), "1.41", "finalised",
        "市町村別の値が公表されたため、登録する。",
    ),
    Correction(
        "nemuro-customs-trade-value", 2016, date(2018, 3, 16), "4702000000", "finalised",
        "確定値が公表されたため、速報値を置き換える。",
    ),
    Correction(
        "hometown-tax-donations", 2017, date(2018, 10, 5), "961680000", "corrected",
        "申込みの取消し1件（50万円）を除く。",
    ),
    Correction(
        "matchmaking-participants", 2018, date(2020, 1, 22), "41", "corrected",
        "漁業後継者の婚活の催し（3人）が漏れていたため、加える。",
    ),
)  # fmt: skip

LAST_YEAR_STATES: dict[str, tuple[str, ...]] = {
    "submitted": (
        "waiting-children", "year-round-nursery-share", "young-population-share",
        "women-aged-20-39", "working-age-population-share", "population-decline-rate",
        "employed-per-1000", "seasonal-workers", "delivery-facilities",
    ),
    "answered": (
        "total-fertility-rate", "parent-class-men-share", "childcare-support-satisfaction",
        "child-welfare-facility-satisfaction", "medical-institution-satisfaction",
        "citizens-wishing-to-take-part", "women-participation-share",
    ),
    "returned": ("matchmaking-participants",),
}  # fmt: skip
"""States of the values of the last year; those not named are 入力中."""

LAST_YEAR_RETURN_REASON = "2月の催しの参加者が入っているか、確かめてください。"

CONFIRMED_READINGS: dict[str, tuple[date, str]] = {
    "young-population-share": (
        date(2015, 11, 24),
        "差し引きの10.0は、人口ビジョンの推計値である。",
    ),
    "working-age-population-share": (
        date(2015, 11, 24),
        "差し引きの56.4は、人口ビジョンの推計値である。",
    ),
    "joint-research-results": (
        date(2015, 11, 26),
        "水産課に確かめ、5年間の合計とした。15件は前の5年間の実績である。",
    ),
    "citizen-activity-consultations": (date(2015, 11, 26), "年間の件数とした。"),
    "revitalising-groups": (date(2015, 12, 3), "新たに取り組んだ団体と地区の合計とした。"),
    "community-cooperators": (date(2015, 12, 3), "年度末の在籍者数とした。"),
    "reused-school-buildings": (
        date(2015, 12, 8),
        "教育総務課に確かめ、新たに利活用された施設の合計とした。",
    ),
    "seconded-company-staff": (date(2015, 12, 8), "総務課に確かめ、受け入れた人数の合計とした。"),
}
"""Readings that planning confirms in the trial: indicator, day, reason. All invented, too."""
