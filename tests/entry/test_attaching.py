"""根拠資料 attached in the rows of the grid: typed values are neither saved nor lost by it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from entry.models import KeptInput
from indicators.models import Actual, Evidence
from tests.entry.city import City, make_city
from tests.factories import PDF
from tests.html import form_data
from tests.pages import read_page

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.files]

GRID = "/entry/2017/"


@pytest.fixture
def city(db) -> City:
    return make_city()


@pytest.fixture
def typed(client, city):
    """The form of the grid with a value that is not saved yet."""
    client.force_login(city.clerk)
    data = form_data(client.get(GRID).content.decode())
    return data | {f"r{city.sales.pk}-value": "5x", f"r{city.visitors.pk}-remarks": "途中"}


def pdf(content=PDF, name="調査票.pdf"):
    return SimpleUploadedFile(name, content)


def test_the_button_of_a_row_brings_its_field_and_what_was_typed_stays(client, city, typed):
    page = read_page(client.post(GRID, typed | {"attach": str(city.visitors.pk)}))
    assert page.html.count('type="file"') == 1
    assert f'id="r{city.visitors.pk}-files"' in page.html
    assert form_data(page.html)[f"r{city.sales.pk}-value"] == "5x"
    assert KeptInput.objects.get().count == 2
    assert not Actual.objects.exists()


def test_files_are_attached_and_nothing_else_is_saved(client, city, typed):
    for _ in range(2):  # also after a double click
        sent = typed | {"attach_files": str(city.visitors.pk), "files": [pdf()]}
        page = read_page(client.post(GRID, sent))
        assert "入力した値は、まだ保存していません。" in page.main
        data = form_data(page.html)
        assert data[f"r{city.sales.pk}-value"] == "5x"
        assert data[f"r{city.visitors.pk}-remarks"] == "途中"
    evidence = Evidence.objects.get()
    assert (evidence.indicator, evidence.fiscal_year_id) == (city.visitors, 2017)
    assert f"{GRID}visitors/evidence/{evidence.pk}/" in page.links
    assert not Actual.objects.exists()


@pytest.mark.parametrize("files", [[], [SimpleUploadedFile("悪い.pdf", b"MZ")]])
def test_errors_are_shown_beside_the_field(client, city, typed, files):
    sent = typed | {"attach_files": str(city.visitors.pk), "files": files}
    page = read_page(client.post(GRID, sent))
    assert page.title.startswith("エラー：")
    assert f"#r{city.visitors.pk}-files" in page.links
    assert f'id="r{city.visitors.pk}-files-wrong"' in page.html
    assert form_data(page.html)[f"r{city.sales.pk}-value"] == "5x"
    assert not Evidence.objects.exists()


def test_the_script_gets_the_files_and_the_faults(client, city, typed):
    url, accept = f"{GRID}visitors/evidence/", {"accept": "application/json"}
    told = client.post(url, {"files": [pdf()]}, headers=accept).json()
    [evidence] = Evidence.objects.all()
    assert told["files"] == [{"name": "調査票.pdf", "url": f"{url}{evidence.pk}/"}]
    assert (told["done"], told["problems"]) == ("根拠資料を1件添付しました。", [])
    told = client.post(url, {"files": [pdf(b"MZ")]}, headers=accept).json()
    assert told["problems"][0].startswith("ファイル「調査票.pdf」は添付できません。")
    assert len(told["files"]) == 1
    files = [pdf(b"MZ"), pdf(name="別の調査票.pdf")]
    told = client.post(url, {"files": files}, headers=accept).json()
    assert len(told["files"]) == 1
    assert told["problems"][-1].startswith("選んだ2件は、ほかのファイルも含めて、一つも添付して")


def test_nobody_attaches_to_the_row_of_another_section(client, city, typed):
    for number in (str(city.fields.pk), "x", ""):
        assert client.post(GRID, typed | {"attach": number}).status_code == 403
