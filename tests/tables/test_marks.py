"""Comments in cells of an uploaded workbook; elsewhere they are made in a process of their own."""

import io

import openpyxl
import pytest
from openpyxl.comments import Comment

from tables.marks import AUTHOR, MARK, with_marks


@pytest.fixture
def content() -> bytes:
    """Return a workbook with a merged cell, B2:C2, and a comment of a clerk in A1."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "様式"
    sheet.merge_cells("B2:C2")
    sheet["A1"].comment = Comment("確認中", "担当者")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def sheet_of(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content))["様式"]


def test_a_mark_is_a_colour_and_a_comment_below_that_of_the_clerk(content):
    sheet = sheet_of(with_marks(content, {"様式": {(1, 1): ["数ではありません。", "空欄です。"]}}))
    assert sheet["A1"].comment.text == "確認中\n\n数ではありません。\n空欄です。"
    assert sheet["A1"].comment.author == AUTHOR
    assert sheet["A1"].fill.start_color.rgb == MARK.start_color.rgb


def test_a_mark_within_merged_cells_is_at_the_first(content):
    sheet = sheet_of(with_marks(content, {"様式": {(2, 3): ["空欄です。"]}}))
    assert sheet["B2"].comment.text == "空欄です。"


def test_marks_of_an_earlier_check_go_and_comments_of_others_stay(content):
    again = with_marks(with_marks(content, {"様式": {(3, 1): ["空欄です。"]}}), {})
    sheet = sheet_of(again)
    assert sheet["A3"].comment is None
    assert sheet["A3"].fill.fill_type is None
    assert sheet["A1"].comment.text == "確認中"
