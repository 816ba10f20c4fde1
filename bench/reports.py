"""Exported files: time and memory, compared with writing plain files."""

import io
import multiprocessing
import resource
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

import openpyxl
from import_export.resources import modelresource_factory
from xlsxwriter import Workbook

from bench.plan import plan_with_values
from bench.registry import SQLITE, benchmark
from bench.timing import time_ratio
from indicators.models import Actual
from plans.nodes import StrategyTree
from plans.tree import read_tree
from reports.data_files import DataSet, all_actuals, all_values, written
from reports.review_workbook import review_workbook
from reports.sheets.cover import Facts
from tests.endless import endless_observations

ROUNDS = 12
FEW, MANY = 1_000, 100_000
ROWS = "1,000行のときに対して"

Sheets = list[tuple[str, list[Sequence[Any]]]]


@benchmark("検証報告書：同じセルをXlsxWriterだけで書く時間に対して", limit=1.5)
def report(rounds: int = ROUNDS) -> float:
    """Reading the plan and writing 検証報告書.xlsx, compared with writing its cells from lists."""
    strategy = plan_with_values()

    def measured() -> bytes:
        tree = read_tree(strategy.code, strategy.first_fiscal_year + 2)
        return review_workbook(tree, Facts(by="監査", at=datetime(2026, 10, 1, tzinfo=UTC)))

    return time_ratio(measured, partial(write_bare, sheets_of(measured())), rounds=rounds)


@benchmark("実績値のExcel：import-exportが同じ行を書く時間に対して", limit=1)
def actuals(rounds: int = ROUNDS) -> float:
    """Reading the plan and writing its actuals, compared with import-export's stock export."""
    strategy = plan_with_values()
    stock = modelresource_factory(Actual)

    def measured() -> bytes:
        tree = read_tree(strategy.code)
        with written(all_actuals(tree), tree, "xlsx") as file:
            file.seek(0)
            return file.read()

    own = {listing.indicator.pk for listing in read_tree(strategy.code).listings}
    same_rows = Actual.objects.filter(indicator__in=own)  # other benchmarks leave rows

    def yardstick() -> bytes:
        return stock().export(same_rows.all()).xlsx

    return time_ratio(measured, yardstick, rounds=rounds)


@benchmark(f"データのCSV100,000行：使う記憶領域、{ROWS}", limit=1.5, databases=(SQLITE,))
def memory_of_csv(few: int = FEW, many: int = MANY) -> float:
    """Python's peak allocations (tracemalloc) for many rows, relative to few rows."""
    export = exporter("csv")
    export(10)  # warm up caches
    return traced_peak(partial(export, many)) / traced_peak(partial(export, few))


@benchmark(f"データのExcel100,000行：使う記憶領域、{ROWS}", limit=1.5, databases=(SQLITE,))
def memory_of_workbook(few: int = FEW, many: int = MANY) -> float:
    """A process's peak memory for many rows, relative to few rows.

    It measures the process because tracing the allocations of every cell would take ten minutes.
    """
    export = exporter("xlsx")
    return process_peak(partial(export, many)) / process_peak(partial(export, few))


def sheets_of(content: bytes) -> Sheets:
    """Return names and cells of a workbook's sheets; formulas are not evaluated."""
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    return [(sheet.title, [list(row) for row in sheet.values]) for sheet in workbook]


def write_bare(sheets: Sheets) -> bytes:
    """Return a workbook with these cells and nothing else."""
    output = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False}
    with Workbook(output, options) as workbook:
        for name, rows in sheets:
            sheet = workbook.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if cell is not None:
                        sheet.write(row, column, cell)
    return output.getvalue()


def exporter(ending: str) -> Callable[[int], None]:
    """Return a function that exports the given number of rows, generated on the fly."""
    strategy = plan_with_values()
    tree: StrategyTree = read_tree(strategy.code, strategy.first_fiscal_year + 2)
    columns = all_values(tree).columns

    def export(count: int) -> None:
        rows = islice(endless_observations(tree), count)
        written(DataSet("データ", columns, rows), tree, ending).close()

    return export


def traced_peak(call: Callable[[], object]) -> int:
    """Return the peak of Python's allocations during the call, in bytes."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def process_peak(call: Callable[[], object]) -> int:
    """Return the peak memory of a separate process that makes the call, in the system's unit.

    Raises RuntimeError if the call fails.
    """
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)

    def child() -> None:
        call()
        sending.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

    process = context.Process(target=child)
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"The export failed with {process.exitcode}.")
    return receiving.recv()
