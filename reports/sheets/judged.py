"""The sheets 数値目標 and KPI (A3) for reading and printing, judged by formulas."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xlsxwriter import Workbook

from indicators.plan_words import in_two_lines
from indicators.rules.chosen_grades import grades_by_word
from indicators.rules.terms import (
    JudgedBy,
    Kind,
    Missing,
    Status,
    mark_of,
    mark_of_status,
    status_word,
)
from japanese.fiscal_years import era_label
from japanese.numerals import needed_decimals
from plans.comparison import compare
from plans.counting import count_by_band, count_listings, kinds_in
from plans.nodes import (
    KPI_MODEL,
    NUMERIC_TARGET,
    ActualNode,
    ListingNode,
    MeasureNode,
    StrategyTree,
)
from plans.presentation import expected_decimals
from reports.sheets.addresses import (
    COLUMNS_BEFORE,
    HEADER_ROW,
    YEAR_BEFORE,
    Places,
    cell,
    sheet_of,
)
from reports.sheets.input_rules import CELL, restrict
from reports.sheets.page import (
    NONE,
    Heading,
    Line,
    Live,
    Page,
    PageCell,
    PlainCell,
    PrintedColumn,
    Shown,
)
from reports.sheets.results import Results
from reports.sheets.value_cells import (
    LEAST_YEAR,
    PROVISIONAL_SIGN,
    UNCONFIRMED_SIGN,
    actual_cell,
    amount_cell,
    measure_name,
    notes_on_withheld,
    remarks_with_parts,
    told_once,
    year_header,
)
from tables.print_setup import A3
from tables.sheet_cells import INPUT_FILL, INPUT_YEAR_FILL


@dataclass(frozen=True)
class _Paper:
    """A sheet of listings of one model: its columns by key, and its lines."""

    model: str
    columns: dict[str, PrintedColumn]
    lines: list[ListingNode | Heading]
    measures: dict[tuple[str, int], MeasureNode]

    def index(self, key: str) -> int:
        return list(self.columns).index(key)


def papers(tree: StrategyTree, places: Places) -> list[_Paper]:
    """Return the layout of both sheets, and note in `places` where they show each listing."""
    found = []
    for model in (NUMERIC_TARGET, KPI_MODEL):
        lines: list[ListingNode | Heading] = []
        for goal in tree.goals:
            lines.append(Heading(goal.position, goal.title))
            lines += [listing for listing in goal.listings if listing.model == model]
        measures = {(k.model, k.pk): m for m in tree.parts for k in m.kpis}
        paper = _Paper(model, _columns(tree, model), lines, measures)
        at = {key: paper.index(key) for key in ("kind", "baseline", "target")}
        at["actuals"] = paper.index(f"actual_{tree.period.first}")
        for row, line in enumerate(lines, HEADER_ROW + 1):
            if not isinstance(line, Heading):
                places.print_at(line, sheet_of(line), row, at)
        found.append(paper)
    return found


def write_listings(workbook: Workbook, places: Places, paper: _Paper, name: str) -> None:
    """Add one of the sheets of `papers`."""
    tree, firsts = places.tree, places.first_listings
    lines: list[Line | Heading] = [
        line if isinstance(line, Heading) else _line(places, paper, line) for line in paper.lines
    ]
    listings = [line for line in paper.lines if not isinstance(line, Heading)]
    count = count_listings(listings)
    bands = "　".join(f"{b.mark} {b.count.total}" for b in count_by_band(listings, tree.scale))
    title = tree.words.listing_word(paper.model)
    page = Page(workbook, tree, name, A3)
    page.write(
        list(paper.columns.values()),
        lines,
        subtitle=f"{title}　{count.total}指標{count.note}{count.apart}　作成時の判定：{bands}",
        notes=_notes(tree),
        frozen=paper.index("name") + 1,
    )
    for row, line in enumerate(paper.lines, HEADER_ROW + 1):
        if not isinstance(line, Heading):
            _validate(page, tree, paper, row, line, is_first=firsts[line.indicator.pk] is line)


def _validate(
    page: Page, tree: StrategyTree, paper: _Paper, row: int, listing: ListingNode, *, is_first: bool
) -> None:
    """Let Excel refuse in a row what the formulas would take for 未入力 or the system refuses."""
    indicator = listing.indicator
    decimals = indicator.decimals + len(str(indicator.display_factor)) - 1
    kinds = [kind.label for kind in kinds_in(tree) if kind != Kind.DESCRIBED]
    if listing.is_described:
        kinds = [Kind.DESCRIBED.label]  # its row has no formula
    kind, baseline, target = (paper.index(key) for key in ("kind", "baseline", "target"))
    restrict(
        page,
        (row, kind, row, kind),
        {"validate": "list", "source": kinds},
        f"種類は、{'、'.join(kinds)}のどれかです。一覧から選んでください。",
    )
    words = [reason.label for reason in Missing]
    numbers = f"数（小数点以下{decimals}桁まで、単位は「単位」の列）"
    absent = f"値がないときは、{'、'.join(words)}のどれか（かっこは付けません）"
    number_or_none = ([NONE], f"{numbers}か、「{NONE}」を入力してください。")
    areas = {
        (baseline, baseline): number_or_none,
        (target, target): number_or_none
        if listing.target is None
        else ([], f"{numbers}を入力してください。"),
    }
    if is_first:
        first = paper.index(f"actual_{tree.period.first}")
        open_words = [status_word(Status.NOT_REPORTED, scale=tree.scale), NONE, *words]
        if listing.is_described:
            open_words += grades_by_word(tree.scale)
        areas[first, first + len(tree.years) - 1] = (
            open_words,
            f"{numbers}を入力してください。{absent}です。",
        )
    for (first, last), (allowed, message) in areas.items():
        others = ",".join(f'{CELL}="{text}"' for text in allowed if '"' not in text) or "FALSE"
        counts = f"IF(ISNUMBER({CELL}),ROUND({CELL},{decimals})={CELL},OR({others}))"
        rule = {"validate": "custom", "value": counts}
        restrict(page, (row, first, row, last), rule, message)


def _columns(tree: StrategyTree, model: str) -> dict[str, PrintedColumn]:
    measure = (
        {"measure": PrintedColumn(tree.words.measure_short, 9, least=6)}
        if model == KPI_MODEL
        else {}
    )
    upper = {"upper": PrintedColumn("目標の\n上限", 4, "right", least=3.5)}
    due = {"due": PrintedColumn("目標\n年度", 4, "center", least=3.5)}
    years = {
        f"actual_{year}": PrintedColumn(
            year_header(year),
            5.8,
            "right",
            INPUT_YEAR_FILL if year == tree.fiscal_year else INPUT_FILL,
            least=LEAST_YEAR,
        )
        for year in tree.years
    }
    return {
        "goal": PrintedColumn(in_two_lines(tree.words.goal), 2.5, "center"),
        **measure,
        "name": PrintedColumn("名称", 12 if measure else 15, least=7),
        "sentence": PrintedColumn("目標の文言", 11 if measure else 13, least=6),
        "kind": PrintedColumn("種類", 4.2, "center", INPUT_FILL),
        "unit": PrintedColumn("単位", 3.5, "center"),
        "baseline": PrintedColumn("基準値", 4, "right", INPUT_FILL),
        "baseline_kind": PrintedColumn("基準値の\n種類", 5, least=3.5),
        "target": PrintedColumn("目標値", 4, "right", INPUT_FILL),
        **(upper if any(listing.upper is not None for listing in tree.listings) else {}),
        **(due if any(listing.due_note for listing in tree.listings) else {}),
        **years,
        "expected": PrintedColumn("目安値", 4.5, "right"),
        "value": PrintedColumn("判定に\n用いた値", 4.8, "right"),
        "attainment": PrintedColumn("達成率\n（％）", 4, "right", least=3.5),
        "completion": PrintedColumn("進捗率\n（％）", 4, "right", least=3.5),
        "pace": PrintedColumn("計画比\n（％）", 4, "right", least=3.5),
        "judged_by": PrintedColumn("判定の\n根拠", 4.2, "center"),
        "label": PrintedColumn("判定", 7, least=6),
        "before": PrintedColumn("前年度の\n判定", 6.5, least=6),
        "outlook": PrintedColumn("見込み", 5, least=4),
        "remarks": PrintedColumn("備考", 9, least=5),
        "section": PrintedColumn("担当課", 5.5, least=4.5),
    }


def _upper(places: Places, listing: ListingNode) -> PageCell:
    """Return the formula of the upper end of a range, which is an input of 計算."""
    if not places.all_kinds:
        return NONE
    source = places.of_listing(listing, "upper")
    if listing.upper is None:
        return Live(f'=IF({source}="","{NONE}",{source})', NONE)
    shown = amount_cell(listing.indicator, listing.upper)
    assert isinstance(shown, Shown)
    return Live(f'=IF({source}="","{NONE}",{source})', shown.number, shown.decimals)


def _judgement_before(places: Places, listing: ListingNode) -> Live:
    """Return the judgement of the year before; a dash in the plan's first year."""
    before, row = compare(listing).before, places.row(listing)
    status, mark, label = (
        cell(YEAR_BEFORE, row, COLUMNS_BEFORE[key]) for key in ("status", "mark", "label")
    )
    words = NONE
    if before is not None:
        then = listing.in_year(places.tree.fiscal_year - 1).scale
        words = f"{mark_of_status(before.status, then)} {before.label}"
    shown = f'IF({mark}="",{label},{mark}&" "&{label})'
    return Live(f'=IF({status}="","{NONE}",{shown})', words)


def _line(places: Places, paper: _Paper, listing: ListingNode) -> Line:
    tree, indicator = places.tree, listing.indicator
    first = places.first_listings[indicator.pk]
    cells: dict[str, PageCell] = {
        "goal": Shown(Decimal(listing.goal_position)),
        "name": f"{listing.mark} {listing.name}",
        "sentence": told_once(listing),
        "kind": listing.kind_label,
        "unit": indicator.shown_unit or NONE,
        "baseline": amount_cell(indicator, listing.baseline),
        "baseline_kind": _baseline_kind(listing),
        "target": amount_cell(indicator, listing.target),
        "upper": _upper(places, listing),
        "due": era_label(listing.due),
        "before": _judgement_before(places, listing),
        "remarks": _remarks(listing.actual, "" if listing is first else first.place),
        "section": indicator.section,
        **_judged(places, listing),
    }
    if measure := paper.measures.get((listing.model, listing.pk)):
        cells["measure"] = measure_name(measure, tree.words)
    for year in tree.years:
        shown = actual_cell(tree, indicator, year)
        is_first = listing is first
        cells[f"actual_{year}"] = (
            shown if is_first else _repeated(places.actual_at(first, year), shown)
        )
    if listing.has_withheld_years:
        cells |= {key: _as_text(cells[key]) for key in _FROM_STEPS}
    return [cells[key] for key in paper.columns]


_FROM_STEPS = ("expected", "value", "attainment", "completion", "pace", "judged_by", "outlook")
"""Cells whose formulas read steps that 計算 leaves out for a listing with withheld years."""


def _as_text(cell: PageCell) -> PageCell:
    """Return the result of a formula."""
    if not isinstance(cell, Live):
        return cell
    if isinstance(cell.result, Decimal | int):
        return Shown(cell.result, cell.decimals, cell.suffix)
    return str(cell.result)


def _judged(places: Places, listing: ListingNode) -> dict[str, PageCell]:
    """Return the cells that depend on the results."""
    results = results_of(places.tree, listing)
    indicator = listing.indicator
    least = indicator.decimals if indicator.display_factor == 1 else 0

    def of(key: str) -> str:
        return places.of_listing(listing, key)

    def amount(key: str, decimals: int) -> Live:
        result = results.in_display_unit(results[key])
        if key == "value" and isinstance(result, Decimal):
            decimals = max(decimals, needed_decimals(result))
        formula = f'=IF({of(key)}="","{NONE}",{of(key)}/{of("unit")})'
        return Live(formula, NONE if result == "" else result, decimals)

    def figure(key: str) -> Live:
        result = results[key]
        formula = f'=IF({of(key)}="","{NONE}",{of(key)})'
        return Live(formula, NONE if result == "" else result, 1)

    return {
        "expected": amount("expected", expected_decimals(listing, results.judged)),
        "value": amount("value", least),
        **{key: figure(key) for key in ("attainment", "completion", "pace")},
        "judged_by": _judged_by(of, results),
        "outlook": Live(
            f'=IF({of("outlook")}="","{NONE}",{of("outlook")})', results["outlook"] or NONE
        ),
        "label": Live(
            f'=IF({of("mark")}="",{of("label")},{of("mark")}&" "&{of("label")})',
            f"{results['mark']} {results['label']}",
        ),
    }


def _judged_by(of: Callable[[str], str], results: Results) -> Live:
    """Return what the judgement is based on, with the year if an earlier value was used."""
    words = f'IF({of("judged_by")}="","{NONE}",{of("judged_by")})'
    carried = f'IF(OR({of("basis")}="",{of("basis")}=対象年度),"","（"&{of("basis")}&"年度の値）")'
    result = str(results["judged_by"] or NONE)
    if results["basis"] not in ("", results.fiscal_year):
        result += f"（{results['basis']}年度の値）"
    return Live(f"={words}&{carried}", result)


def results_of(tree: StrategyTree, listing: ListingNode, year: int | None = None) -> Results:
    """Return the steps of a listing for a year of the plan, by default that of the tree."""
    year = tree.fiscal_year if year is None else year
    counted = listing.spec.counted_year(listing.period, year)
    shown = actual_cell(tree, listing.indicator, counted)
    entry = shown.number if isinstance(shown, Shown) else shown
    return Results(listing, year, entry)


def _repeated(source: str, shown: PlainCell) -> Live:
    """Return a formula that repeats a value of a row above, so that each value is stored once."""
    formula = f'=IF({source}="","",{source})'
    if isinstance(shown, Shown):
        return Live(formula, shown.number, shown.decimals, shown.suffix)
    return Live(formula, shown)


def _baseline_kind(listing: ListingNode) -> str:
    if listing.baseline is None:
        return NONE
    if listing.baseline_year is None:
        return listing.baseline_kind_label
    return f"{listing.baseline_kind_label}（{era_label(listing.baseline_year)}）"


def _remarks(actual: ActualNode | None, home: str) -> str:
    """Return the remarks on a value; for a repetition, `home` is the place of the first listing."""
    lines = [f"再掲（{home}と同じ指標）"] if home else []
    if actual is None:
        return "".join(lines)
    lines += ["・".join(["速報値"] * actual.provisional + ["未確認"] * (not actual.is_confirmed))]
    if actual.expected_month:
        lines.append(actual.availability_label)
    return "\n".join(filter(None, [*lines, remarks_with_parts(actual)]))


def _notes(tree: StrategyTree) -> Sequence[str]:
    scale = tree.scale
    marks = "、".join(
        f"{mark_of(band.band, scale)} {band.name}" for band in count_by_band((), scale)
    )
    missing = "、".join(f"「{reason.label}」" for reason in Missing)
    passed = f"{era_label(tree.fiscal_year)}より後で、まだ値のない年度は「{NONE}」としています。"
    notes: tuple[str, ...] = (
        f"判定の印：{marks}など。{JudgedBy.PACE.label}などの率が"
        f"{scale.on_track:f}％以上、{scale.mostly_on_track:f}％以上、"
        f"{scale.slightly_behind:f}％以上を境とします。",
        "判定に用いた値は、種類が「期間累計」の指標では計画の初年度からの累計です。"
        "目安値は、その年度に見込まれる値（期間累計では、その年度末までの累計）です。",
        f"実績の「{PROVISIONAL_SIGN}」は速報値、「{UNCONFIRMED_SIGN}」は企画担当がまだ確認していない値です。"
        f"{passed}",
        f"見込みは、{era_label(tree.fiscal_year)}までの実績の調子が、{era_label(tree.period.last)}"
        "（目標年度のある指標は、その年度）まで続くとした計算です。判定には用いません。",
        f"前年度の判定は、{era_label(tree.fiscal_year - 1)}を同じ欄から同じ規則で判定したものです。"
        "途中の計算は「前年度の計算」にあります。",
        "目安値から判定までの列は数式です。薄い黄色の欄（種類、基準値、目標値、実績）を書き換えると計算し直します"
        f"（値のない理由は{missing}のどれか）。途中の計算は「計算」、境の割合は「条件」のシートにあります。",
    )
    if any(listing.is_described for listing in tree.listings):
        notes = (
            *notes,
            f"種類が「{Kind.DESCRIBED.label}」の指標の判定は、人が選んだものです。数式では判定しません。"
            "理由は備考にあります。",
        )
    signs = notes_on_withheld(tree)
    if any(listing.has_withheld_years for listing in tree.listings):
        signs = (*signs, "秘匿の値がある指標の判定は、数式ではなく作成時の文字です。")
    return (*notes, *signs, f"注記：{tree.note}") if tree.note else (*notes, *signs)
