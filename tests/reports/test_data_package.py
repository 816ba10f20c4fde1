"""datapackage.json, the JSON Schema and the ZIP file, checked by the programs that read them."""

import csv
import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import frictionless
import jsonschema
import pytest
from django.utils import timezone

from accounts.roles import Role
from japanese.calendar_days import day_label
from nemuro_strategy.checks import check_data_licence
from plans.tree import read_plain_tree, read_tree
from reports.json_schema import strategy_schema
from reports.strategy_json import strategy_as_json
from tests.factories import (
    FIXTURES,
    load_city,
    make_actual,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_numeric_target,
    make_section,
    make_strategy,
    make_user,
    make_values,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

VALIDATOR = jsonschema.Draft202012Validator(strategy_schema())
DATA = "/strategies/plan/data/"


@pytest.fixture
def reader(client):
    client.force_login(make_user(Role.READER))


@pytest.fixture
def plan(reader):
    """A plan with an indicator that is listed twice, and a baseline of an unknown year."""
    strategy = make_strategy(code="plan", title="見本市総合戦略")
    fish = make_indicator(make_section("水産課"), name="漁業者数", code="fishers")
    make_kpi(make_measure(make_goal(strategy)), fish)
    second = make_goal(strategy)
    make_numeric_target(second, fish)
    make_kpi(make_measure(second), make_indicator(make_section("農林課"), code="farms"))
    for year in (2014, 2015, 2016):
        make_actual(fish, year, 10, remarks="=1+1,\n二行")
    return strategy


def body(response) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content) if response.streaming else response.content


def unpacked(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


def assert_valid(package: Path) -> None:
    """What Frictionless finds in the files, their sizes and digests included."""
    report = frictionless.validate(str(package))
    assert report.valid, report.flatten(["name", "type", "message"])


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


# The ZIP file


@pytest.mark.parametrize("name", ["nemuro_2015", "shiraho_2020"])
def test_a_city_package_is_valid(client, reader, tmp_path, name):
    strategy = load_city(name)
    make_values(strategy)
    year = strategy.first_fiscal_year + 2
    response = client.get(f"/strategies/{strategy.code}/data/{year}.zip")
    folder = unpacked(body(response), tmp_path)
    assert {path.name for path in folder.iterdir()} == {
        "datapackage.json", f"{year}.csv", "actuals.csv", "codes.csv", "metadata.csv",
        f"{year}.json", "strategy.schema.json",
    }  # fmt: skip
    assert_valid(folder / "datapackage.json")
    schema = json.loads((folder / "strategy.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads((folder / f"{year}.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(document)


@pytest.mark.parametrize("query", ["", "?goal=2", "?section=水産課"])
def test_a_part_is_a_valid_package_and_says_so_in_every_file(client, plan, tmp_path, query):
    folder = unpacked(body(client.get(f"{DATA}2016.zip{query}")), tmp_path)
    assert_valid(folder / "datapackage.json")
    package = json.loads((folder / "datapackage.json").read_bytes())
    document = json.loads((folder / "2016.json").read_bytes())
    part = {"": None, "?goal=2": "基本目標2", "?section=水産課": "担当課：水産課"}[query]
    today = timezone.localdate()
    assert (package["part"], document["part"]) == (part, part)
    assert (package["asOf"], document["as_of"]) == (today.isoformat(), today.isoformat())
    about = {row["物理名"]: row["内容"] for row in rows((folder / "metadata.csv").read_bytes())}
    assert about["part"] == (part or "計画の全体")
    assert about["as_of"] == f"{day_label(today)}に出力した時点"


def test_a_changed_file_is_found(client, plan, tmp_path):
    folder = unpacked(body(client.get(f"{DATA}2016.zip")), tmp_path)
    data = folder / "2016.csv"
    data.write_bytes(data.read_bytes().replace(b",10,", b",11,", 1))
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert "hash-count" in {kind for [kind] in report.flatten(["type"])}


def test_the_zip_file_is_the_same_for_the_same_data_and_named_after_them(client, plan):
    first, second = (client.get(f"{DATA}2016.zip?goal=1") for _ in range(2))
    assert body(first) == body(second)
    assert 'filename="plan_2016_part_data.zip"' in first["Content-Disposition"]


# The address


def test_the_paths_at_the_address_lead_to_the_files_of_the_same_part(client, plan):
    package = json.loads(body(client.get(f"{DATA}datapackage.json?year=2016&section=水産課")))
    found = {one["name"]: one["path"] for one in package["resources"]}
    assert {rows_of["担当課"] for rows_of in rows(body(client.get(DATA + found["data-2016"])))} == {
        "水産課"
    }
    document = json.loads(body(client.get(DATA + found["strategy-2016"])))
    assert document["part"] == package["part"] == "担当課：水産課"
    plain = json.loads(body(client.get(f"{DATA}datapackage.json")))
    assert all("?" not in one["path"] for one in plain["resources"])
    for one in plain["resources"]:
        assert client.get(DATA + one["path"]).status_code == 200


def test_the_fields_are_the_columns_of_the_files_with_their_types(client, plan):
    package = json.loads(body(client.get(f"{DATA}datapackage.json?year=2016")))
    by_name = {one["name"]: one for one in package["resources"]}
    for name in ("data-2016", "actuals", "codes", "metadata"):
        content = body(client.get(DATA + by_name[name]["path"]))
        header = next(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert header == [field["name"] for field in by_name[name]["schema"]["fields"]]
    fields = {field["physicalName"]: field for field in by_name["data-2016"]["schema"]["fields"]}
    assert fields["value"]["type"] == "number"
    assert fields["entered_at"] | {"description": ""} == {
        "name": "入力日時", "physicalName": "entered_at", "description": "", "type": "datetime",
        "format": "%Y-%m-%d %H:%M:%S",
    }  # fmt: skip
    assert "behind" in fields["status_code"]["constraints"]["enum"]


def test_licence_and_contact_are_those_of_the_installation(client, plan, settings):
    def package() -> dict[str, Any]:
        return json.loads(body(client.get(f"{DATA}datapackage.json")))

    settings.PLANNING_OFFICE = "総合政策室"
    assert package()["licenses"] == [
        {"name": "notspecified", "title": "利用の条件は、総合政策室に確かめてください。"}
    ]
    settings.DATA_LICENCE, settings.DATA_CONTACT = "PDL-1.0", "0153-00-0000"
    described = package()
    [licence] = described["licenses"]
    assert (licence["name"], licence["title"]) == ("PDL-1.0", "公共データ利用規約（第1.0版）")
    assert licence["path"].startswith("https://")
    assert described["contact"].endswith("総合政策室 0153-00-0000")
    assert "総合政策室" in described["contributors"][1]["title"]
    metadata = body(client.get(f"{DATA}metadata.csv")).decode()
    assert "公共データ利用規約（第1.0版）" in metadata
    assert "総合政策室 0153-00-0000" in metadata


def test_an_unknown_licence_is_an_error_before_the_site_starts(settings):
    settings.DATA_LICENCE = "CC-BY-4.0"
    assert check_data_licence() == []
    settings.DATA_LICENCE = "CC BY"
    [fault] = check_data_licence()
    assert "CC BY" in fault.msg
    assert "CC-BY-4.0" in fault.hint


# The code of a listing


def test_a_code_names_a_listing_in_every_file_and_year(client, plan):
    def codes(year: int) -> list[str]:
        found = rows(body(client.get(f"{DATA}{year}.csv")))
        return list(dict.fromkeys(row["掲載コード"] for row in found))

    assert codes(2015) == codes(2018) == ["plan/fishers", "plan/fishers/2-1", "plan/farms"]
    document = json.loads(body(client.get(f"{DATA}2016.json")))
    [kpi] = document["goals"][0]["measure_groups"][0]["measures"][0]["kpis"]
    [target] = document["goals"][1]["numeric_targets"]
    assert (kpi["code"], target["code"]) == ("plan/fishers", "plan/fishers/2-1")
    part = rows(body(client.get(f"{DATA}2016.csv?goal=2")))
    assert {row["掲載コード"] for row in part} == {"plan/fishers/2-1", "plan/farms"}


def test_another_number_of_a_listing_does_not_change_its_code(client, plan):
    def by_code() -> dict[str, str]:
        found = rows(body(client.get(f"{DATA}2016.csv")))
        return {row["掲載コード"]: row["指標番号"] for row in found}

    before = by_code()["plan/farms"]
    kpi = make_kpi(make_measure(make_goal(plan)), make_indicator(code="boats"), position=7)
    assert by_code()["plan/boats"] == "7"
    type(kpi).objects.filter(pk=kpi.pk).update(position=9)
    assert by_code()["plan/boats"] == "9"
    assert by_code()["plan/farms"] == before


# The JSON


@pytest.mark.parametrize("name", ["nemuro_2015", "shiraho_2020"])
def test_every_file_of_the_json_format_is_valid(name):
    VALIDATOR.validate(json.loads((FIXTURES / f"{name}.json").read_bytes()))
    strategy = load_city(name)
    make_values(strategy)
    VALIDATOR.validate(strategy_as_json(read_plain_tree(strategy.code)))
    for year in strategy.period:
        VALIDATOR.validate(strategy_as_json(read_tree(strategy.code, year)))


def test_the_schema_refuses_what_the_format_does_not_have():
    document = strategy_as_json(read_plain_tree(load_city().code))
    document["goals"][0]["numeric_targets"][0]["target"] = 1.49
    document["goals"][0]["colour"] = "red"
    assert len(list(VALIDATOR.iter_errors(document))) == 2


def test_json_as_of_a_day_says_the_day():
    strategy = load_city()
    day = date(2999, 1, 1)
    assert strategy_as_json(read_tree(strategy.code, 2017, as_of=day))["as_of"] == "2999-01-01"
    assert strategy_as_json(read_plain_tree(strategy.code, as_of=day))["as_of"] == "2999-01-01"
    assert "as_of" not in strategy_as_json(read_plain_tree(strategy.code))
