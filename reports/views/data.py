"""The data of a strategy as CSV, JSON and workbook, at permanent addresses."""

from typing import IO

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from accounts import access
from accounts.decorators import allowed
from plans.nodes import StrategyTree
from reports import data_files
from reports.data_package import PACKAGE, SCHEMA, data_package, package_json, write_package
from reports.json_schema import schema_json
from reports.report_files import ascii_name, contents_for_log, report_name
from reports.scope import scope_query, tree_in_scope
from tables import file_making
from trail.downloads import JSON, ZIP, OutgoingFile, download


@require_GET
@allowed(access.may_read)
@file_making.answering
def year(request: HttpRequest, code: str, fiscal_year: int, ending: str) -> HttpResponseBase:
    """Send every value of every listing, judged for a year: csv, json or xlsx."""
    tree = tree_in_scope(request, code, fiscal_year)
    file: IO[bytes] | bytes
    if ending == "json":
        file = data_files.strategy_json(tree)
    elif ending == "xlsx":
        file = file_making.make(request, data_files.write_values_workbook, tree).file
    else:
        file = data_files.written(data_files.all_values(tree), tree, ending)
    return _file(request, tree, file, "データ", "data", ending)


@require_GET
@allowed(access.may_read)
@file_making.answering
def actuals(request: HttpRequest, code: str, ending: str) -> HttpResponseBase:
    """Send the actuals of all years: csv or xlsx."""
    tree = tree_in_scope(request, code)
    file: IO[bytes]
    if ending == "xlsx":
        file = file_making.make(request, data_files.write_actuals_workbook, tree).file
    else:
        file = data_files.written(data_files.all_actuals(tree), tree, ending)
    return _file(request, tree, file, "実績値", "actuals", ending)


ABOUT = {
    "codes": ("コード表", data_files.codes_csv),
    "metadata": ("メタデータ", data_files.metadata_csv),
}


@require_GET
@allowed(access.may_read)
def about(request: HttpRequest, code: str, key: str) -> HttpResponseBase:
    """Send the meanings of the codes in the data, or the metadata of the files of all years."""
    name, make = ABOUT[key]
    tree = tree_in_scope(request, code)
    return _file(request, tree, make(tree), name, key, "csv")


@require_GET
@allowed(access.may_read)
@file_making.answering
def everything(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponseBase:
    """Send a ZIP file with all data of a year, their descriptions and datapackage.json."""
    tree = tree_in_scope(request, code, fiscal_year)
    return download(
        request,
        OutgoingFile(
            file_making.make(request, write_package, tree).file,
            name=report_name(tree, "データ一式", "zip"),
            ascii_name=ascii_name(tree, "data", "zip"),
            content_type=ZIP,
        ),
        detail=contents_for_log(tree),
    )


@require_GET
@allowed(access.may_read)
def package(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send datapackage.json; its paths point to the files for the same part, day and year."""
    tree = tree_in_scope(request, code)
    query = scope_query(request, tree) if request.GET else ""
    content = package_json(data_package(tree, query=query))
    file = OutgoingFile(content, name=PACKAGE, ascii_name=PACKAGE, content_type=JSON)
    return download(request, file, detail=contents_for_log(tree))


@require_GET
@allowed(access.may_read)
def schema(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send the JSON Schema of the JSON file, which is the same for every plan."""
    tree = tree_in_scope(request, code)
    file = OutgoingFile(schema_json(), name=SCHEMA, ascii_name=SCHEMA, content_type=JSON)
    return download(request, file, detail=contents_for_log(tree))


def _file(
    request: HttpRequest,
    tree: StrategyTree,
    file: IO[bytes] | bytes,
    name: str,
    key: str,
    ending: str,
) -> HttpResponseBase:
    return download(
        request,
        OutgoingFile(
            file,
            name=report_name(tree, name, ending, all_years=key != "data"),
            ascii_name=ascii_name(tree, key, ending, all_years=key != "data"),
            content_type=data_files.DATA_CONTENT_TYPES[ending],
        ),
        detail=contents_for_log(tree),
    )
