"""The engine of all imports writes exactly what was confirmed, all or nothing."""

import pytest

from accounts.models import Section
from accounts.roles import Role
from tables.importing import (
    CellChange,
    Comparison,
    Document,
    Fault,
    Importer,
    RowChange,
    carry_out,
    rehearse,
)
from tests.factories import make_user
from trail.events import Event
from trail.history import Door

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.files]


class SectionImporter(Importer):
    """Takes the name of each document for a new section."""

    door = Door.IMPORT
    subject = "担当課"
    table = "sections"

    def __init__(self, *, too_late: bool = False) -> None:
        self.user = make_user(Role.PLANNING)
        self.reason = "機構改革"
        self.too_late = too_late

    def compare(self, documents, *, writing=False):
        comparisons = [Comparison(document) for document in documents]
        for row, comparison in enumerate(comparisons, 1):
            fields = (CellChange("名称", "", comparison.document.name),)
            comparison.changes.append(RowChange(row, "", is_new=True, fields=fields))
        return comparisons

    def write(self, comparisons):
        for comparison in comparisons:
            Section.objects.create(name=comparison.document.name, position=9)
        if self.too_late:
            comparisons[-1].faults.append(Fault("ほかの人が先に変更しました。"))

    def summary(self, comparisons):
        return f"{len(comparisons)}課"


DOCUMENTS = [Document("水産課"), Document("商工課")]


def sections() -> set[str]:
    return set(Section.objects.filter(position=9).values_list("name", flat=True))


def test_what_was_confirmed_is_written_and_logged():
    importer = SectionImporter()
    digests = [comparison.digest for comparison in rehearse(importer, DOCUMENTS)]
    assert sections() == set()
    _, is_written = carry_out(importer, DOCUMENTS, digests)
    assert is_written
    assert sections() == {"水産課", "商工課"}
    event = Event.objects.get(kind="import")
    assert (event.subject, event.by, event.door) == ("担当課", importer.user, "import")
    assert event.detail == "水産課、商工課：2課。理由：機構改革"


def test_changes_that_differ_from_the_preview_are_not_written():
    importer = SectionImporter()
    shown = [comparison.digest for comparison in rehearse(importer, DOCUMENTS)]
    _, is_written = carry_out(importer, DOCUMENTS, [shown[0], "other"])
    assert (is_written, sections()) == (False, set())
    _, is_written = carry_out(importer, DOCUMENTS, shown[:1])
    assert (is_written, sections()) == (False, set())


def test_a_fault_in_one_file_keeps_all_of_them_out():
    importer = SectionImporter()
    wrong = Document("商工課", faults=[Fault("見出しがありません。")])
    comparisons = rehearse(importer, [DOCUMENTS[0], wrong])
    digests = [comparison.digest for comparison in comparisons]
    _, is_written = carry_out(importer, [DOCUMENTS[0], wrong], digests)
    assert (is_written, sections()) == (False, set())


def test_what_is_refused_while_it_is_written_takes_everything_back():
    importer = SectionImporter(too_late=True)
    digests = [comparison.digest for comparison in rehearse(importer, DOCUMENTS)]
    comparisons, is_written = carry_out(importer, DOCUMENTS, digests)
    assert (is_written, sections()) == (False, set())
    assert [fault.message for fault in comparisons[1].faults] == ["ほかの人が先に変更しました。"]
    assert not Event.objects.filter(kind="import").exists()


def test_a_fault_is_placed_as_the_spreadsheet_calls_it():
    document = Document("様式.xlsx", "実績入力", {"実績値": 6})
    faults = [Fault("?"), Fault("?", 12), Fault("?", 12, "実績値")]
    assert [document.place_of(fault) for fault in faults] == [
        "シート「実績入力」", "シート「実績入力」の12行目", "シート「実績入力」のF12",
    ]  # fmt: skip
    assert Document("様式.csv").place_of(faults[0]) == "ファイル全体"
