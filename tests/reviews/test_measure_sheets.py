"""評価シート（入力用）: downloaded, filled in, imported again; nothing is lost or half saved."""

import io
from unittest.mock import patch

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from indicators.models import FiscalYear
from reviews.measures.sheets.keys import COMMENT, FIELD, KEYS, OUTLOOK, column_of, read_cell_key
from reviews.models import KPIReview, MeasureReview, ReviewChoices, State
from tests.factories import make_fiscal_year, make_measure, make_project
from tests.reviews.office import YEAR, Office, text

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]


class Book:
    """A workbook that is open in Excel."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))

    @property
    def names(self) -> list[str]:
        return [name for name in self.book.sheetnames if name != "記入のしかた"]

    def cell(self, field: str, sheet: str = ""):
        page = self.book[sheet or self.names[0]]
        for row in range(1, page.max_row + 1):
            for column in KEYS:
                key = read_cell_key(str(page.cell(row, column).value or ""))
                if key and key.field == field:
                    return page.cell(row, column_of(field))
        raise KeyError(field)

    def write(self, sheet: str = "", **texts: str) -> "Book":
        for field, typed in texts.items():
            self.cell(field, sheet).value = typed
        return self

    @property
    def content(self) -> bytes:
        file = io.BytesIO()
        self.book.save(file)
        return file.getvalue()


class Sheets(Office):
    """An office that hands sheets out and takes them in."""

    def sheets(self, client, user=None, **query) -> Book:
        client.force_login(user or self.clerk)
        answer = client.get(self.url("review_sheets_form", **query))
        assert answer.status_code == 200, text(answer)
        return Book(b"".join(answer))

    def preview(self, client, *books, user=None):
        client.force_login(user or self.clerk)
        files = [
            SimpleUploadedFile(f"シート{number}.xlsx", getattr(book, "content", book))
            for number, book in enumerate(books)
        ]
        return client.post(self.url("review_sheets"), {"file": files})

    def take_in(self, client, book, user=None):
        page = self.preview(client, book, user=user)
        tickets = [part.ticket for part, _ in page.context["parts"]]
        sent = {"ticket": tickets, "confirm": ""}
        return client.post(self.url("review_sheets_apply"), sent, follow=True)


@pytest.fixture
def office(db) -> Sheets:
    return Sheets()


def faults(response) -> list[str]:
    """Return the places with the messages that a preview shows."""
    return [
        f"{place}：{fault.message}"
        for part, _ in response.context["parts"]
        for place, _, fault in part.places
    ]


def test_a_sheet_per_measure_of_the_section_comes_back(client, office):
    make_project(office.measure, name="種苗の放流")
    book = office.sheets(client)
    first, second = book.names
    assert (first, second) == (office.measure.code, office.second.code)
    shown = {str(cell.value) for row in book.book[first].iter_rows() for cell in row}
    assert {"水揚げ量", "種苗の放流", "未入力"} <= shown
    grade = book.cell("grade")
    assert not grade.protection.locked
    assert book.book[first].protection.sheet
    assert book.book[first].cell(grade.row, 1).protection.locked
    book.write(
        results="水揚げが\n増え_x000B_た。",
        policy="継　続",
        **{f"{COMMENT}-{office.kpi.pk}": "回復", f"{OUTLOOK}-{office.kpi.pk}": "達成 見込み"},
    )
    page = office.preview(client, book)
    assert "新しく書く評価1件、変更する評価0件、変わらない評価1件" in text(page)
    assert not MeasureReview.objects.exists()
    assert "取り込みました" in text(office.take_in(client, book))
    review = MeasureReview.objects.get()
    assert (review.results, review.policy, review.state) == (
        "水揚げが\n増え\nた。", "継続", State.DRAFT,
    )  # fmt: skip
    said = review.kpi_reviews.get()
    assert (said.comment, said.outlook) == ("回復", KPIReview.Outlook.WILL_MEET)
    assert review.history.latest().door == "form"


def test_the_same_sheet_sent_twice_and_edited_since_is_not_somebody_elses_change(client, office):
    book = office.sheets(client).write(results="一")
    office.take_in(client, book)
    assert "変わらない評価2件" in text(office.preview(client, book))
    office.take_in(client, book.write(results="二"))
    assert MeasureReview.objects.get().results == "二"


def test_what_two_people_changed_is_asked_about_and_the_rest_is_taken_in(client, office):
    office.type_in(client, office.clerk, results="元の文", issues="元の課題")
    book = office.sheets(client)
    office.type_in(
        client, office.head, results="課長の文", issues="課長の課題", budget="課長の予算",
        **{f"comment-{office.kpi.pk}": "課長の注"},
    )  # fmt: skip
    comment = f"{COMMENT}-{office.kpi.pk}"
    book.write(
        results="担当の文", budget="担当の予算", causes="担当の要因", **{comment: "担当の注"}
    )
    book.write(book.names[1], results="整備した。")
    page = office.preview(client, book)
    [question] = page.context["questions"]
    assert f"に{office.head}が変更しました。" in question.message
    assert [(one.label, one.theirs, one.mine) for one in question.choices] == [
        ("取組と成果", "課長の文", "担当の文"),
        ("予算への反映", "課長の予算", "担当の予算"),
        ("「水揚げ量」のコメント", "課長の注", "担当の注"),
    ]
    assert f"（シート「{office.measure.code}」）" in text(page)
    assert "シートを受け取った後に、1件の同じところが別の内容に変わりました。" in text(page)
    results, budget, said = (one.id for one in question.choices)

    sent = {"ticket": page.context["parts"][0][0].ticket, "choosing": "1"}
    page = client.post(office.url("review_sheets_apply"), sent | {results: "mine:2"})
    assert page.context["undecided"] == [
        (f"{key}-theirs", f"{question.name}：{label}を選んでください。")
        for key, label in ((budget, "予算への反映"), (said, "「水揚げ量」のコメント"))
    ]
    sent["ticket"] = page.context["parts"][0][0].ticket
    chosen = {results: "mine:2", budget: "theirs:2", said: "mine:2"}
    page = client.post(office.url("review_sheets_apply"), sent | chosen)
    assert "新しく書く評価1件、変更する評価1件" in text(page)
    assert "シートを受け取った後に変わった内容を残します：課題、予算への反映" in text(page)
    assert MeasureReview.objects.get().results == "課長の文"
    ticket = page.context["parts"][0][0].ticket
    client.post(
        office.url("review_sheets_apply"),
        {"ticket": ticket, "confirm": "", **dict(page.context["decisions"])},
    )
    review = MeasureReview.objects.get(measure=office.measure)
    assert (review.results, review.issues, review.causes, review.budget) == (
        "担当の文", "課長の課題", "担当の要因", "課長の予算",
    )  # fmt: skip
    assert review.kpi_reviews.get().comment == "担当の注"
    assert MeasureReview.objects.get(measure=office.second).results == "整備した。"


def test_a_choice_holds_for_what_was_stored_then(client, office):
    book = office.sheets(client, office.planning).write(results="担当の文")
    office.type_in(client, office.head, results="課長の文")
    page = office.preview(client, book)
    [[choice]] = [question.choices for question in page.context["questions"]]
    office.type_in(client, office.head, results="課長の新しい文")
    client.force_login(office.clerk)
    sent = {"ticket": page.context["parts"][0][0].ticket, "choosing": "1", choice.id: "mine:1"}
    page = client.post(office.url("review_sheets_apply"), sent)
    [[choice]] = [question.choices for question in page.context["questions"]]
    assert choice.theirs == "課長の新しい文"
    sent["ticket"] = page.context["parts"][0][0].ticket
    page = client.post(office.url("review_sheets_apply"), sent | {choice.id: "theirs:2"})
    assert "新しく取り込むものはありません。" in text(page)
    assert "受け取ってから変えていません" not in text(page)
    assert text(page).count("取り込めないシートが1枚あります。") == 1  # that of another section
    assert MeasureReview.objects.get().results == "課長の新しい文"


def test_a_sheet_that_nobody_changed_is_not_called_the_same_as_what_was_stored_since(
    client, office
):
    book = office.sheets(client)
    office.type_in(client, office.clerk, results="画面の文")
    page = text(office.preview(client, book))
    assert "1枚は、保存されている内容と同じです。" in page
    assert "1枚は、受け取ってから変えていません。受け取った後に保存された内容を残します。" in page
    assert "取り込むものはありません" in page


def test_an_emptied_cell_is_shown_as_such_before_it_empties_the_field(client, office):
    office.type_in(client, office.clerk, results="元の文", **{f"comment-{office.kpi.pk}": "注"})
    book = office.sheets(client).write(results=None, **{f"{COMMENT}-{office.kpi.pk}": None})
    assert "（空欄）" in text(office.preview(client, book))
    office.take_in(client, book)
    review = MeasureReview.objects.get()
    assert review.results == ""
    assert not review.kpi_reviews.exists()


def test_each_wrong_cell_is_named_and_nothing_is_saved(client, office):
    [proposed] = {
        row.proposed
        for row in client_rows(client, office)
        if row.node.title in ("漁業の振興", "漁港の整備")
    }
    other = next(one for one in ReviewChoices().grade_labels if one != proposed)
    book = office.sheets(client)
    book.write(
        results="=1/0", grade=other, policy="がんばる",
        **{f"{OUTLOOK}-{office.kpi.pk}": "たぶん", f"{COMMENT}-{office.kpi.pk}": "長" * 301},
    )  # fmt: skip
    book.cell("issues").value = "#DIV/0!"
    book.cell("issues").data_type = "e"
    book.write(book.names[1], results="正しい文", grade=other)
    found = " ".join(faults(office.preview(client, book)))
    for field, message in {
        "issues": "Excelのエラー値です",
        "results": "数式の計算結果が、ファイルに保存されていません",
    }.items():
        assert f"の{book.cell(field).coordinate}：" in found
        assert message in found
    book.write(results="文", issues="課題")
    page = office.preview(client, book)
    for name in ("「水揚げ量」のコメント", "「水揚げ量」の見込み", "次年度の方針"):
        assert f'data-label="欄">{name}</td>' in text(page)
    found = " ".join(faults(page))
    for field, message in {
        "policy": "次年度の方針「がんばる」は選択肢にありません。拡充、",
        f"{OUTLOOK}-{office.kpi.pk}": "見込み「たぶん」は選択肢にありません。",
        f"{COMMENT}-{office.kpi.pk}": "300字以内で入力してください（301字）",
    }.items():
        assert f"シート「{book.names[0]}」の{book.cell(field).coordinate}：" in found
        assert message in found
    for name in book.names:
        place = book.cell("grade_reason", name).coordinate
        assert f"シート「{name}」の{place}：評価「{other}」は、指標の判定による案" in found
    assert not MeasureReview.objects.exists()
    marked = client.post(
        office.url("review_sheets_marked"),
        {"ticket": office.preview(client, book).context["parts"][0][0].ticket},
    )
    comment = Book(b"".join(marked)).cell("policy").comment
    assert comment is not None
    assert "がんばる" in comment.text


def client_rows(client, office):
    """Return the rows of the list of 内部評価."""
    client.force_login(office.clerk)
    return [line.row for line in client.get(office.url("review_measures")).context["rows"]]


def test_a_proposal_that_has_changed_since_is_reported(client, office):
    ReviewChoices.objects.create(strategy=office.plan, grades=["S", "A", "B", "C"])
    told = client_rows(client, office)[0].proposed
    book = office.sheets(client).write(grade=told)
    ReviewChoices.objects.update(grades=["C", "B", "A", "S"])
    now = client_rows(client, office)[0].proposed
    assert now != told
    [fault] = faults(office.preview(client, book))
    assert f"「{told}」から「{now}」に変わりました。評価「{told}」は" in fault
    book.write(grade_reason="前の案による。")
    page = text(office.preview(client, book))
    assert f"評価「{told}」でよいか、確かめてください。" in page
    office.take_in(client, book)
    assert MeasureReview.objects.get().proposed_grade == now


def test_sheets_may_be_deleted_reordered_and_renamed_but_not_copied(client, office):
    book = office.sheets(client)
    first, second = book.names
    book.write(second, results="整備した。")
    book.book.move_sheet(second, -1)
    book.book[second].title = "名前を変えた"
    del book.book[first]
    book.book.create_sheet("メモ")["H3"] = "自分のメモ"
    page = text(office.preview(client, book))
    assert "シート「メモ」は取り込みません。" in page
    office.take_in(client, book)
    assert MeasureReview.objects.get().measure == office.second
    book = office.sheets(client)
    copy = book.book.copy_worksheet(book.book[first])
    copy.title = "写し"
    found = faults(office.preview(client, book))
    assert [one.partition("：")[0] for one in found] == [f"シート「{first}」", "シート「写し」"]
    assert "同じ評価のシートが、ほかにもあります" in found[0]


def test_changed_keys_and_rows_are_refused(client, office):
    book = office.sheets(client).write(results="書いた文")
    page, cell = book.book[book.names[0]], book.cell("results")
    page.cell(cell.row, KEYS[0]).value = "abc"
    found = faults(office.preview(client, book))
    assert f"の{cell.coordinate}：照合用の列が書き換えられている" in found[0]
    assert "欄が1つ足りません" in found[1]
    book = office.sheets(client)
    cell = book.cell("issues")
    book.book[book.names[0]].unmerge_cells(start_row=cell.row, end_row=cell.row,
                                           start_column=FIELD, end_column=7)  # fmt: skip
    book.book[book.names[0]].cell(cell.row, FIELD + 1).value = "右の文"
    [fault] = faults(office.preview(client, book))
    assert f"「課題」の欄（{cell.coordinate}）の外に入力されています" in fault


def test_foreign_and_damaged_files_are_refused(client, office):
    book = openpyxl.Workbook()
    book.active["B2"] = "文"
    file = io.BytesIO()
    book.save(file)
    [fault] = faults(office.preview(client, file.getvalue()))
    assert "この画面で受け取った評価シート（入力用）ではありません" in fault
    damaged = office.sheets(client).content[:3000]
    assert office.preview(client, damaged).context["form"].errors["file"]


def test_a_measure_of_another_section_is_refused_only_if_written_on(client, office):
    book = office.sheets(client, office.planning)
    assert len(book.names) == 3
    own, foreign = office.measure.code, office.foreign.code
    book.write(own, results="漁業の文")
    page = text(office.preview(client, book))
    assert "取り込めないシートが1枚あります。" in page
    book.write(foreign, results="税の文")
    [fault] = faults(office.preview(client, book))
    assert f"シート「{foreign}」：「税の収納」は、あなたの課の担当ではありません（税務課）" in fault
    client.force_login(office.clerk)
    assert client.get(office.url("review_sheets_form", measure=foreign)).status_code == 403
    assert office.sheets(client, measure=own).names == [own]
    assert office.sheets(client, office.planning, section=office.other.pk).names == [foreign]


def test_another_year_and_a_year_not_begun_are_refused(client, office):
    make_fiscal_year(YEAR + 1)
    book = office.sheets(client).write(results="文")
    client.force_login(office.clerk)
    file = SimpleUploadedFile("a.xlsx", book.content)
    answer = client.post(office.url("review_sheets", year=YEAR + 1), {"file": file})
    assert (
        "平成29年度（2017）の評価シートです。平成30年度（2018）には取り込めません。"
        in faults(answer)[0]
    )
    with patch.object(FiscalYear, "has_ended", new=False):
        FiscalYear.objects.filter(pk=YEAR).update(entry_is_open=False, entry_opened_on=None)
        [fault] = faults(office.preview(client, book))
        assert "まだ始まっていません。" in fault
        page = client.get(office.url("review_sheets_form"), follow=True)
        assert "まだ始まっていません。" in text(page)


def test_a_confirmed_evaluation_stays_and_its_sheet_is_locked(client, office):
    office.type_in(client, office.clerk, results="元の文")
    book = office.sheets(client).write(results="新しい文")
    MeasureReview.objects.update(state=State.CONFIRMED)
    [fault] = faults(office.preview(client, book))
    assert "企画担当が確認済みです" in fault
    assert office.sheets(client).cell("results").protection.locked
    assert MeasureReview.objects.get().results == "元の文"


def test_changes_between_preview_and_confirmation_are_shown_again(client, office):
    book = office.sheets(client).write(results="担当の文")
    ticket = office.preview(client, book).context["parts"][0][0].ticket
    office.type_in(client, office.head, causes="課長の要因")
    client.force_login(office.clerk)
    page = client.post(office.url("review_sheets_apply"), {"ticket": ticket, "confirm": ""})
    assert "確かめてから取り込むまでの間に" in text(page)
    assert MeasureReview.objects.get().results == ""


def test_sheets_cost_the_same_queries_for_more_measures(
    client, office, django_assert_max_num_queries
):
    client.force_login(office.planning)
    client.get(office.url("review_sheets_form"))
    with django_assert_max_num_queries(50) as few:
        client.get(office.url("review_sheets_form"))
    for number in range(4):
        measure = make_measure(office.measure.group.goal, title=f"施策{number}")
        office._kpi(measure, office.section, f"指標{number}")
    with django_assert_max_num_queries(len(few)):
        client.get(office.url("review_sheets_form"))
