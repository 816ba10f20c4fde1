"""Sheets and CSV files for machines, by the rules in docs/machine-readability.md, one by one."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import IO

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from plans.nodes import StrategyTree
from plans.tree import read_tree
from reports import data_files
from reports.data_description import code_rows
from reports.observation_columns import COLUMNS
from reports.review_workbook import review_workbook
from reports.sheets.cover import Facts
from tables.table_files import INTEGER, NUMBER, TEXT
from tests.factories import load_city, make_values

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.slow]

CITIES = ["nemuro_2015", "shiraho_2020"]
SHEETS = ["データ", "コード表", "メタデータ"]

# ①, ㈱, Ⅲ, ㎡ and the like: JIS X 0208 does not have them, and they differ between machines.
PLATFORM_DEPENDENT = re.compile(
    "[\u2150-\u218f\u2460-\u24ff\u3220-\u33ff\uf900-\ufaff\uff5e\uffe0-\uffe6\ue000-\uf8ff]".replace(
        "\uff5e", ""
    )
)
PROPER_NAMES = {
    "総合戦略名", "基本目標", "施策区分", "具体的施策", "記載名", "目標の文言", "指標名",
    "備考", "説明",
}  # fmt: skip
"""Columns whose texts are quoted from the plan or typed by people: nothing there is rewritten."""

_trees: dict[str, StrategyTree] = {}


@pytest.fixture(params=CITIES)
def tree(request) -> StrategyTree:
    """A plan with values of all sorts, read once: trees outlive the test's database."""
    if request.param not in _trees:
        strategy = load_city(request.param)
        make_values(strategy)
        _trees[request.param] = read_tree(strategy.code, strategy.first_fiscal_year + 2)
    return _trees[request.param]


@dataclass(frozen=True)
class Table:
    """A table as a machine reads it: name of file and sheet, header and records."""

    name: str
    header: tuple
    records: list[tuple]

    def column(self, header: str) -> list:
        index = self.header.index(header)
        return [record[index] for record in self.records]

    @property
    def has_observations(self) -> bool:
        return "値の区分" in self.header or "値の有無" in self.header


def content(file: IO[bytes] | bytes) -> bytes:
    if isinstance(file, bytes):
        return file
    file.seek(0)
    return file.read()


def workbooks(tree: StrategyTree) -> dict[str, bytes]:
    data, actuals = data_files.all_values, data_files.all_actuals
    return {
        "データ.xlsx": content(data_files.written(data(tree), tree, "xlsx")),
        "実績値.xlsx": content(data_files.written(actuals(tree), tree, "xlsx")),
        "検証報告書.xlsx": review_workbook(tree, Facts("監査", datetime(2026, 10, 1, tzinfo=UTC))),
    }


def csv_files(tree: StrategyTree) -> dict[str, bytes]:
    write = partial(data_files.written, tree=tree, ending="csv")
    return {
        "データ.csv": content(write(data_files.all_values(tree))),
        "実績値.csv": content(write(data_files.all_actuals(tree))),
        "コード表.csv": content(data_files.codes_csv(tree)),
        "メタデータ.csv": content(data_files.metadata_csv(tree)),
    }


_cache: dict[tuple[str, str], dict[str, bytes]] = {}


def made(tree: StrategyTree, make: Callable[[StrategyTree], dict[str, bytes]]) -> dict[str, bytes]:
    """What is made of a tree, once."""
    key = (tree.code, make.__name__)
    if key not in _cache:
        _cache[key] = make(tree)
    return _cache[key]


_sheets: dict[str, list[tuple[str, Worksheet]]] = {}


def sheets(tree: StrategyTree) -> list[tuple[str, Worksheet]]:
    """The sheets for machines of every workbook, opened once for all tests, which only read."""
    if tree.code not in _sheets:
        books = {
            name: openpyxl.load_workbook(io.BytesIO(data))
            for name, data in made(tree, workbooks).items()
        }
        _sheets[tree.code] = [
            (f"{name}の{title}", book[title]) for name, book in books.items() for title in SHEETS
        ]
    return _sheets[tree.code]


def csv_tables(tree: StrategyTree) -> Iterator[Table]:
    for name, data in made(tree, csv_files).items():
        header, *records = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        yield Table(name, tuple(header), [tuple(record) for record in records])


def sheet_tables(tree: StrategyTree) -> Iterator[Table]:
    for name, sheet in sheets(tree):
        header, *records = sheet.values
        yield Table(name, header, records)


def tables(tree: StrategyTree) -> Iterator[Table]:
    yield from csv_tables(tree)
    yield from sheet_tables(tree)


def cells(table: Table) -> Iterator[tuple[str, str]]:
    """Header and text of each cell that holds a text."""
    for record in table.records:
        for header, cell in zip(table.header, record, strict=True):
            if isinstance(cell, str) and cell:
                yield header, cell


# Level 1


def test_l1_02_l3_01_one_table_from_the_first_cell_with_one_header_row(tree):
    for name, sheet in sheets(tree):
        assert sheet.dimensions.startswith("A1:"), name
        assert all(isinstance(cell.value, str) for cell in sheet[1]), name
    for table in tables(tree):
        assert table.records, table.name


def test_l1_03_l1_04_nothing_breaks_the_table_up_and_nothing_stands_beside_it(tree):
    for table in tables(tree):
        width = len(table.header)
        assert all(len(record) == width for record in table.records), table.name
        assert all(any(cell not in (None, "") for cell in record) for record in table.records)
        for header in table.header:
            filled = any(cell not in (None, "") for cell in table.column(header))
            assert filled or header in {
                "公表予定月",
                "備考",
                "施策区分",
                "単位",
                "説明",
                "年度（和暦）",
                "分子",
                "分母",
                "SDGs",
                "交付金",
                "総合計画コード",
            }


def test_l1_05_l2_03_every_header_is_complete_and_unique(tree):
    for table in tables(tree):
        assert all(table.header), table.name
        assert len(set(table.header)) == len(table.header), table.name


def test_l1_06_no_blanks_or_line_breaks_for_looks(tree):
    for table in tables(tree):
        for header, text in [*cells(table), *((header, header) for header in table.header)]:
            assert text == text.strip(), (table.name, header, text)
            assert not re.search(r"[\r\n\t]| {2}|　{2}", text), (table.name, header, text)


def test_l1_08_no_platform_dependent_signs_but_in_proper_names(tree):
    for table in tables(tree):
        for header, text in cells(table):
            if header not in PROPER_NAMES and table.has_observations:
                assert not PLATFORM_DEPENDENT.search(text), (table.name, header, text)
        assert not any(map(PLATFORM_DEPENDENT.search, table.header)), table.name


def test_l1_08_codes_and_descriptions_have_none_either(tree):
    for table in tables(tree):
        if not table.has_observations:
            for header, text in cells(table):
                assert not PLATFORM_DEPENDENT.search(text), (table.name, header, text)


def test_l1_09_empty_and_zero_differ(tree):
    for table in tables(tree):
        if "値" not in table.header or not table.has_observations:
            continue
        kinds = table.column("値の区分") if "値の区分" in table.header else None
        values, reasons = table.column("値"), table.column("値の有無コード")
        for index, (value, reason) in enumerate(zip(values, reasons, strict=True)):
            if kinds and kinds[index] != "実績":
                assert value not in (None, "")
            else:
                assert (value in (None, "")) == (reason != "reported"), table.name
    zeros = [
        value for t in sheet_tables(tree) if "値の有無" in t.header for value in t.column("値")
    ]
    if tree.code == "nemuro-2015":
        assert 0 in zeros


def test_l1_10_l1_13_l2_06_no_drawings_nothing_merged_hidden_folded_or_computed(tree):
    for name, sheet in sheets(tree):
        assert not sheet.merged_cells.ranges, name
        assert not sheet._images, name
        assert not sheet._charts, name
        assert sheet.sheet_state == "visible", name
        for dimensions in (sheet.row_dimensions, sheet.column_dimensions):
            assert not any(one.hidden or one.outlineLevel for one in dimensions.values()), name
        assert all(cell.data_type not in ("f", "e") for row in sheet for cell in row), name
    for name in ("データ.xlsx", "実績値.xlsx"):
        with zipfile.ZipFile(io.BytesIO(made(tree, workbooks)[name])) as archive:
            assert not [part for part in archive.namelist() if "drawing" in part or "media" in part]


def test_l1_11_nothing_is_said_by_colour_or_bold_alone(tree):
    for name, sheet in sheets(tree):
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                assert cell.fill.fill_type is None, (name, cell.coordinate)
                assert not cell.font.bold, (name, cell.coordinate)


def test_l1_14_l1_15_csv_has_a_line_for_each_record_and_quotes_commas(tree):
    for name, data in made(tree, csv_files).items():
        lines = data.decode("utf-8-sig").split("\r\n")
        assert lines.pop() == "", name
        records = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        assert len(lines) == len(records), name
        for line, record in zip(lines, records, strict=True):
            assert next(csv.reader([line])) == record
            for field in record:
                assert "," not in field or f'"{field.replace(chr(34), chr(34) * 2)}"' in line


# Level 2


def test_l2_01_l3_03_numbers_are_numbers_and_nothing_else_stands_in_their_columns(tree):
    numeric = {column.header for column in COLUMNS if column.type in (INTEGER, NUMBER)}
    for table in sheet_tables(tree):
        for header in numeric & set(table.header):
            for cell in table.column(header) if table.has_observations else ():
                assert cell is None or isinstance(cell, int | float), (table.name, header, cell)
    for table in csv_tables(tree):
        for header in numeric & set(table.header):
            for text in table.column(header) if table.has_observations else ():
                assert re.fullmatch(r"(-?\d+(\.\d+)?)?", text), (table.name, header, text)


def test_l2_02_repeated_values_are_repeated(tree):
    always = {"団体コード", "市町村名", "指標コード", "指標名", "担当課", "入力課", "架空の値"}
    for table in tables(tree):
        if table.has_observations:
            for header in always:
                assert all(cell not in (None, "") for cell in table.column(header)), table.name


def test_l2_04_l3_02_choices_are_written_one_way_and_the_code_table_has_them_all(tree):
    headers = {column.name: column.header for column in COLUMNS}
    known = {(headers[row.name], str(row.code)) for row in code_rows(tree)}
    coded = {header for header, _ in known}
    labels = {(headers[row.name], str(row.code)): row.label for row in code_rows(tree)}
    for table in tables(tree):
        if not table.has_observations:
            continue
        for header in coded & set(table.header):
            name = header.removesuffix("コード")
            words = table.column(name) if name != header and name in table.header else None
            for index, code in enumerate(table.column(header)):
                if code in (None, ""):
                    continue
                assert (header, str(code)) in known, (table.name, header, code)
                # The label of a judgement goes on to say why, in brackets or in the year's words.
                if words and header not in ("判定コード",):
                    assert words[index] == labels[header, str(code)], (table.name, header)


def test_l2_04_code_tables_list_each_code_once(tree):
    for table in tables(tree):
        if "コード" in table.header:
            pairs = list(zip(table.column("物理名"), map(str, table.column("コード")), strict=True))
            assert len(set(pairs)) == len(pairs), table.name


# Level 3


def test_l3_04_the_unit_is_stated(tree):
    units = {one.indicator.code: one.indicator.unit for one in tree.listings}
    for table in tables(tree):
        if table.has_observations:
            pairs = zip(table.column("指標コード"), table.column("単位"), strict=True)
            assert all((unit or "") == units[code] for code, unit in pairs), table.name
    about = {c.header: c.unit for c in COLUMNS}
    assert about["達成率（％）"] == about["進捗率（％）"] == about["計画比（％）"] == "％"


def test_l3_05_every_year_is_western_and_japanese(tree):
    for table in tables(tree):
        if table.has_observations:
            pairs = zip(table.column("年度（西暦）"), table.column("年度（和暦）"), strict=True)
            for western, japanese in pairs:
                assert (western in (None, "")) == (japanese in (None, ""))
                if western not in (None, ""):
                    assert re.fullmatch(r"\d{4}", str(western))
                    assert re.fullmatch(r"(昭和|平成|令和)(元|\d+)年度", japanese)


def test_l3_05_every_moment_is_written_in_one_western_way(tree):
    moments = {c.header for c in COLUMNS if c.type not in (INTEGER, NUMBER, TEXT)}
    assert moments
    for table in tables(tree):
        for header in moments & set(table.header) if table.has_observations else ():
            for text in table.column(header):
                assert re.fullmatch(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)?", text or "")


def test_l3_06_every_row_has_the_code_and_the_full_name_of_the_city(tree):
    for table in tables(tree):
        if table.has_observations:
            assert set(table.column("団体コード")) == {tree.city_code}
            assert set(table.column("市町村名")) == {tree.city}


def test_l3_07_l3_08_the_description_is_complete(tree):
    for table in tables(tree):
        if "算出方法" not in table.header:
            continue
        about = dict(zip(table.column("項目名"), table.column("内容"), strict=True))
        for label in ("様式の版", "様式の更新履歴", "ファイル形式", "作成者", "値の時点", "空欄"):
            assert about[label], table.name
        assert "UTF-8" in about["ファイル形式"]
        assert "BOM" in about["ファイル形式"]
        columns = data_files.ACTUAL_COLUMNS if "実績値" in table.name else COLUMNS
        physical = dict(zip(table.column("項目名"), table.column("物理名"), strict=True))
        for column in columns:
            assert about[column.header], (table.name, column.header)
            assert re.fullmatch(r"[a-z][a-z0-9_]*", physical[column.header])
        kinds = zip(
            table.column("対象"), table.column("算出方法"), table.column("出典"), strict=True
        )
        for kind, method, source in kinds:
            assert kind != "指標" or (method and source), table.name
        names = set(table.column("物理名"))
        assert {one.indicator.code for one in tree.listings} <= names, table.name


def test_l3_08_csv_has_the_byte_order_mark_that_the_description_promises(tree):
    for name, data in made(tree, csv_files).items():
        assert data.startswith(b"\xef\xbb\xbf"), name
        assert not data[3:].startswith(b"\xef\xbb\xbf"), name


def test_l3_09_one_row_is_one_observation(tree):
    for table in tables(tree):
        if not table.has_observations:
            continue
        place = ["基本目標番号", "施策区分記号", "具体的施策番号", "指標の区分", "指標番号"]
        key = (
            [*place, "値の区分", "年度（西暦）"]
            if "値の区分" in table.header
            else ["指標コード", "年度（西暦）"]
        )
        rows = list(zip(*(table.column(header) for header in key), strict=True))
        assert len(set(rows)) == len(rows), table.name
