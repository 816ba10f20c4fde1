"""The rows in grey of an empty 計画様式.xlsx: how it is filled in. None of them is read back."""

from plans.workbook.rows import Row

YEARS_OF_EXAMPLE = tuple(range(2025, 2030))

EXAMPLES: dict[str, tuple[Row, ...]] = {
    "goals": ({"position": 1, "title": "安心して子どもを産み育てられるまちをつくる"},),
    "targets": (
        {
            "goal": "基本目標1", "position": "①", "name": "出生数",
            "sentence": "５年間で延べ９００人", "section": "こども課",
        },
        {
            "goal": "基本目標1", "position": "②", "name": "子育てしやすいと思う保護者の割合",
            "unit": "％", "baseline": "62.5", "baseline_year": "R6", "target": "70.0",
            "target_year": "R11", "section": "こども課",
        },
    ),
    "groups": ({"goal": "基本目標1", "symbol": "ア", "title": "結婚・出産・子育ての支援"},),
    "measures": (
        {"goal": "基本目標1", "group": "ア", "position": "①", "title": "切れ目のない相談と支援"},
    ),
    "kpis": (
        {
            "measure": "1-ア-①", "position": "①", "name": "子育て相談の件数",
            "sentence": "年間延べ1,200件以上", "section": "こども課",
        },
        {
            "measure": "1-ア-①", "position": "②", "name": "待機児童数", "unit": "人",
            "baseline": "12", "baseline_year": "令和6年度", "target": "0", "section": "こども課",
        },
    ),
    "projects": (
        {
            "measure": "1-ア-①", "category": "新規", "name": "産後ケア事業",
            "content": "宿泊型及び通所型の産後ケア",
        },
        {"measure": "1-ア-①", "name": "妊婦健康診査事業（再掲）", "home": "1-イ-②"},
    ),
    "yearly": (
        {
            "listing": "数値目標1-②", "name": "子育てしやすいと思う保護者の割合",
            "year.2025": "64.0", "year.2026": "65.5", "year.2027": "67.0", "year.2028": "68.5",
            "year.2029": "70.0",
        },
    ),
    "sections": ({"name": "こども課", "department": "福祉部"},),
    "actuals": ({"listing": "KPI1-ア-①-②", "name": "待機児童数", "year.2025": "12"},),
}  # fmt: skip
