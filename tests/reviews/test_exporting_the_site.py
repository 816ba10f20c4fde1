"""manage.py export_site: the public pages as files that need no server."""

from io import StringIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import CommandError, call_command

from reviews.public_site import exporting
from tests.reviews.published_city import PublishedCity, crawled, forget_what_is_kept, links_in
from tests.reviews.test_public_files import SECRETS, texts_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]


@pytest.fixture
def city(db) -> PublishedCity:
    city = PublishedCity()
    city.correct("3ページ 相談した人の実績値")
    return city


def export(folder: Path, *more: str) -> str:
    out = StringIO()
    call_command("export_site", str(folder), *more, stdout=out)
    return out.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_folder_is_the_same_site_and_every_link_in_it_leads_to_a_file(
    city, client, settings, tmp_path
):
    folder = tmp_path / "site"
    assert "検証調書1件を、" in export(folder)
    files = contents(folder)
    for name, content in files.items():
        said = texts_of(content)
        assert [secret for secret in SECRETS if secret in said] == [], name
        if not name.endswith(".html"):
            continue
        assert "/public/" not in said
        assert "http" not in said.replace("http://www.w3.org/", "")
        for link in links_in(said):
            assert not link.startswith("/"), (name, link)
            target = (folder / name).parent / unquote(link)
            assert target.is_file(), (name, link)
    settings.PUBLIC_PAGES = True
    served = {path.removeprefix("/public/") for path in crawled(client)}
    beside = {name for name in files if name.startswith("assets/") or name == exporting.MANIFEST}
    assert {exporting.file_of(path) for path in served} == set(files) - beside
    assert 'id="erratum-1"' in files[f"{city.code}/1/errata/index.html"].decode()


def test_the_same_editions_give_the_same_bytes_and_take_the_place_of_the_last_ones(city, tmp_path):
    folder = tmp_path / "site"
    export(folder)
    before = contents(folder)
    forget_what_is_kept()
    (folder / city.code / "gone.html").write_text("gone")
    listed = (folder / exporting.MANIFEST).read_text() + f"{'0' * 64}  {city.code}/gone.html\n"
    (folder / exporting.MANIFEST).write_text(listed)
    export(folder, "--plan", city.code)
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_folder_with_files_of_others_is_left_alone(city, tmp_path):
    (tmp_path / ".htaccess").write_text("deny from all")
    with pytest.raises(CommandError, match=r"ものではないファイルが1個あります（\.htaccess）"):
        export(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".htaccess"]
    with pytest.raises(CommandError, match="フォルダーではありません"):
        export(tmp_path / ".htaccess")
    with pytest.raises(CommandError, match="先に作ってください"):
        export(tmp_path / "nowhere" / "site")


def test_a_failure_on_the_way_leaves_what_was_there(city, tmp_path, monkeypatch):
    folder = tmp_path / "site"
    export(folder)
    before = contents(folder)

    def fail(shelf):
        yield "index.html", b"half"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "site_files", fail)
    with pytest.raises(CommandError, match="権限と空き容量"):
        export(folder)
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_without_anything_published_nothing_is_written(city, tmp_path):
    with pytest.raises(CommandError, match="計画「nowhere」に、公表した検証調書がありません"):
        export(tmp_path / "site", "--plan", "nowhere")
    assert [*tmp_path.iterdir()] == []


def test_an_edition_that_is_only_fixed_is_not_written(db, tmp_path):
    PublishedCity(is_published=False)
    with pytest.raises(CommandError, match="公表した検証調書がありません"):
        export(tmp_path / "site")
    assert [*tmp_path.iterdir()] == []
