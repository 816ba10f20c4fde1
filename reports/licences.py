"""The terms of use of the data, and whom to ask: settings of the installation."""

from typing import NamedTuple

from django.conf import settings

from trail.installation import planning_office


class Licence(NamedTuple):
    """The terms of use of the data; `path` is the address of their text, "" without one."""

    name: str
    title: str
    path: str = ""


LICENCES = {
    licence.name: licence
    for licence in (
        Licence(
            "CC-BY-4.0",
            "クリエイティブ・コモンズ 表示 4.0 国際",
            "https://creativecommons.org/licenses/by/4.0/legalcode.ja",
        ),
        Licence(
            "CC0-1.0",
            "CC0 1.0 全世界",
            "https://creativecommons.org/publicdomain/zero/1.0/legalcode.ja",
        ),
        Licence(
            "PDL-1.0",
            "公共データ利用規約（第1.0版）",
            "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
        ),
    )
}
"""What DATA_LICENCE can be. A city decides it; until then the data are under none of these."""


def licence() -> Licence:
    """Return the licence of the data, or whom to ask for the terms if the city chose none."""
    office = planning_office()
    undecided = Licence("notspecified", f"利用の条件は、{office}に確かめてください。")
    return LICENCES.get(settings.DATA_LICENCE, undecided)


def contact(city: str) -> str:
    """Return whom to ask about the data of a city."""
    return " ".join(filter(None, [city, planning_office(), settings.DATA_CONTACT]))
