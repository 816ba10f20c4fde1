"""No file that leaves is broken by characters that old data, or a database tool, brought in."""

import io
import json
import re
import zipfile
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.db import models
from django.test import Client

from goals.models import Strategy
from indicators.models import Actual, Indicator
from indicators.rules.terms import Status
from japanese.characters import clean, one_line
from kpis.models import KPI
from measures.models import Project
from plans.loading import load_strategy
from plans.tree import read_plain_tree
from reports.strategy_json import strategy_as_json
from tables.cells import escaped, unescaped
from tests.access_table import Answer, Person, rules_for
from tests.accounts.test_access_table import ADDRESSES, Site
from tests.every_page import is_file
from tests.importing import export
from trail.clean_records import cleaned_field

pytestmark = [pytest.mark.one_database, pytest.mark.files]

HOSTILE = "＝甲\x01\x0b乙\x85\u2028丙\ufffe&<\"'>]]>"
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
ESCAPED = re.compile(b"_x00(0[1-8BCE]|1[0-9A-F]|7F|8[0-9A-F]|9[0-9A-F])_")
"""How Excel files write such a character in their own way."""

SAME_ELSEWHERE = {
    "code", "city_code", "sha256", "stored_as", "expected_month", "username", "password", "email",
    "unit", "display_unit", "ip_address", "symbol",
}  # fmt: skip
"""Fields that hold codes, or on whose content rows of other tables depend."""


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("改行\x0bと\x0c頁\x85と\u2028行\u2029末", "改行\nと\n頁\nと\n行\n末"),
        ("音\x07とNUL\0と\ufeff印\ufffe\uffff", "音とNULと印"),
        ("片\ud800割れ\udfff", "片割れ"),
        ("逆\u202eさ\u200bま\u2066の\U000e0041札", "逆さまの札"),
        ("葛\U000e0100城と\u200dの字", "葛\U000e0100城と\u200dの字"),
        ("そのまま\t\r\n𠮷　", "そのまま\t\r\n𠮷　"),
    ],
)
def test_forbidden_characters_go_and_line_breaks_become_usual_ones(raw, expected):
    assert clean(raw) == expected


def test_a_name_has_one_line():
    assert one_line(" 観光\x0b入込客数 \r\n （延べ） ") == "観光 入込客数 （延べ）"


@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
def test_signs_of_either_width_that_begin_a_formula_are_guarded(sign):
    assert escaped(f"{sign}SUM(A1)") == f"'{sign}SUM(A1)"
    assert unescaped(escaped(f"{sign}SUM(A1)")) == f"{sign}SUM(A1)"


def test_a_record_is_cleaned_before_it_is_stored(db):
    site = Site()
    indicator = site.kpi.indicator
    indicator.name, indicator.handover_memo = "来館\x0b者数", "電話\x0bで\x07確認"
    indicator.save()
    indicator.refresh_from_db()
    assert (indicator.name, indicator.handover_memo) == ("来館 者数", "電話\nで確認")
    assert indicator.history.first().name == "来館 者数"
    strategy = site.kpi.strategy
    strategy.labels = {"on_track": "順\x0b調"}
    strategy.save()
    strategy.refresh_from_db()
    assert strategy.labels == {"on_track": "順 調"}


def test_a_loaded_plan_is_cleaned_and_loading_it_again_changes_nothing(db):
    kpi = Site().kpi
    described = strategy_as_json(read_plain_tree(kpi.strategy.code))
    described["goals"][0]["title"] = "にぎわい\x0bをつくる"
    assert load_strategy(described).changed == 1
    assert Strategy.objects.get().goals.get().title == "にぎわい をつくる"
    assert load_strategy(described).changed == 0


@pytest.fixture
def hostile_site(db) -> Site:
    """Return a site with forbidden characters in every text, past every door."""
    site = Site()
    for model in apps.get_models():
        if model._meta.app_label in (
            "accounts",
            "entry",
            "goals",
            "indicators",
            "kpis",
            "measures",
        ):
            _spoil(model)
    words = {status.value: f"{HOSTILE}{status}" for status in Status}
    Strategy.objects.update(labels=words, marks={"good": "\x0b"})
    Strategy.history.update(labels=words, marks={"good": "\x0b"})
    return site


def _spoil(model: type[models.Model]) -> None:
    fields = [
        field.attname
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not (field.choices or field.name in SAME_ELSEWHERE or field.name.startswith("history"))
    ]
    for row in model._base_manager.all() if fields else ():
        texts = dict.fromkeys(fields, f"{HOSTILE}{row.pk}")
        model._base_manager.filter(pk=row.pk).update(**texts)


def test_every_file_of_every_address_can_be_read(hostile_site):
    asked: set[str] = set()
    found: set[str] = set()
    for person in (Person.PLANNING, Person.AUDITOR):
        client = Client()
        client.force_login(hostile_site.user_of(person))
        for address, pattern in ADDRESSES.items():
            [rule] = rules_for(address)
            if rule.get.to(person) != Answer.OPEN or address in asked:
                continue
            asked.add(address)
            response = client.get(hostile_site.path_to(address, pattern))
            if is_file(response) and "evidence" not in address:
                check(address, b"".join(response))
                found.add(address)
        if person == Person.PLANNING:
            for model in (Indicator, Actual, KPI, Project):
                for kind in ("csv", "xlsx"):
                    check(model.__name__, export(client, model, kind))
    assert len(found) >= 15, found


def check(name: str, content: bytes) -> None:
    """Check that XML parses and that no text has a forbidden character."""
    if not content.startswith(b"PK"):
        assert not FORBIDDEN.search(content.decode("utf-8-sig")), name
        if content.lstrip().startswith(b"{"):
            json.loads(content)
            assert not re.search(rb"\\u00(0[0-8bcef]|1|7f|8|9)", content), name
        if content.startswith(b"<svg"):
            ElementTree.fromstring(content)
        return
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for part in package.namelist():
            text = package.read(part)
            if part.endswith((".csv", ".json", ".xlsx")):
                check(f"{name}: {part}", text)
                continue
            ElementTree.fromstring(text)
            found = FORBIDDEN.search(text.decode())
            assert not found, (name, part, text.decode()[found.start() - 80 : found.end() + 20])
            assert not ESCAPED.search(text), (name, part)


def test_a_cleaned_field_of_one_line_keeps_a_text_without_breaks(db):
    field = Indicator._meta.get_field("name")
    assert cleaned_field(field, "　字下げ ") == "　字下げ "
