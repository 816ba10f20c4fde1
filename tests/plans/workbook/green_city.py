"""A plan of another shape, typed into the empty form as a city would: みどり市, seven years.

It has no groups, columns instead of sentences, target years of its own, yearly targets, a
goal across all others, a KPI directly under a goal and words of its own for 区分.
"""

from openpyxl.workbook import Workbook

from tests.plans.workbook.books import changed, empty_form, fill, put_items

CODE = "midori-2024"


def typed(book: Workbook) -> None:
    """Fill in the form. Digits are wide here and there, as people type them."""
    put_items(
        book,
        {
            "名称": "みどり市総合戦略",
            "市町村名": "みどり市",
            "団体コード": "990001",
            "最初の年度": "Ｒ６",
            "最後の年度": "令和12年度",
            "計画のコード": CODE,
            "区分の一覧": "新規、改善、地域（市以外）",
        },
    )
    fill(
        book["基本目標"],
        {"番号": "①", "名称": "しごとをつくる"},
        {"番号": "2", "名称": "人の流れをつくる"},
        {"番号": "３", "名称": "デジタルで支える", "横断的目標": "はい"},
    )
    fill(
        book["数値目標"],
        {
            "基本目標": "基本目標１",
            "指標名": "従業者数",
            "単位": "人",
            "基準値": 9800,
            "基準年度": "R4",
            "目標値": 10500,
            "目標年度": "R10",
            "担当課": "商工課",
        },
        {
            "基本目標": "2",
            "指標名": "社会増減数",
            "目標の文言": "▲120人から▲60人へ改善",
            "担当課": "市民課",
        },
    )
    fill(
        book["具体的施策"],
        {"基本目標": "しごとをつくる", "名称": "①起業を支える"},
        {"名称": "②担い手を育てる"},
        {"基本目標": "2", "名称": "移住を進める"},
    )
    fill(
        book["KPI"],
        {
            "具体的施策": "起業を支える",
            "指標名": "起業の件数",
            "目標の文言": "７年間で70件",
            "担当課": "商工課",
        },
        {
            "具体的施策": "1-②",
            "指標名": "就農者数",
            "単位": "人",
            "基準値": "12",
            "基準年度": "令和5年度",
            "目標値": "２６",
            "担当課": "農林課",
        },
        {
            "具体的施策": "2-1",
            "指標名": "移住相談の件数",
            "目標の文言": "年間150件",
            "担当課": "市民課",
        },
        {
            "具体的施策": "基本目標3",
            "指標名": "電子申請の割合",
            "単位": "％",
            "基準値": 20.5,
            "基準年度": "R5",
            "目標値": 60.0,
            "担当課": "総務課",
        },
    )
    fill(
        book["具体的事業"],
        {
            "具体的施策": "起業を支える",
            "区分": "新規",
            "事業名": "創業支援事業",
            "内容": "相談と補助",
        },
        {"区分": "改善", "事業名": "空き店舗活用事業"},
        {
            "具体的施策": "移住を進める",
            "区分": "地域",
            "事業名": "お試し移住",
            "内容": "体験宿泊／移住者の会",
        },
        {"事業名": "創業支援事業（再掲）"},
    )
    sheet = book["年度別目標値"]
    headers = [cell.value for cell in sheet[3]]
    for year, column in zip(range(2024, 2031), range(4, 11), strict=True):
        sheet.cell(3, column).value = f"R{year - 2018}"
    assert headers[1:3] == ["指標", "指標名"]
    fill(
        sheet,
        {
            "指標": "KPI1-①-①",
            "R6": 5,
            "R7": 15,
            "R8": 25,
            "R9": 35,
            "R10": 45,
            "R11": 58,
            "R12": 70,
        },
    )
    actuals = book["実績値"]
    actuals.cell(3, 4).value, actuals.cell(3, 5).value = "令和4年度", "R5（2023）"
    fill(actuals, {"指標": "就農者数", "令和4年度": 11, "R5（2023）": "12"})


def green_city() -> bytes:
    return changed(empty_form(), typed)
