"""The addresses for monitoring: /healthz (the process runs) and /readyz (it can serve requests)."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import FileSystemStorage, storages
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.private_pages import private_pages_middleware
from backups.known_migrations import unknown_migrations
from nemuro_strategy.database_waiting import waiting_at_most
from nemuro_strategy.unfinished_update import said_of_unfinished_update

PLAIN = "text/plain; charset=utf-8"
ANSWER_SECONDS = 4
"""How long /readyz waits for the database."""
WRITE_SECONDS = 3
"""How long it waits for SQLite's lock: an import may hold it for a second or two."""


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive, without using the database."""
    return HttpResponse("ok", content_type=PLAIN)


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer whether requests can be served; if not, 503 with the reasons."""
    with waiting_at_most(ANSWER_SECONDS):
        reasons = [*_obstacles_of_update(), *_obstacles_of_database(), *_obstacles_of_disk()]
    text = "\n".join(reasons)
    return HttpResponse(text or "ok", status=503 if reasons else 200, content_type=PLAIN)


VIEWS = {"/healthz": healthz, "/readyz": readyz}


def health_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer the two addresses before anything else.

    Monitoring asks on 127.0.0.1 by plain HTTP, whatever the allowed hosts are; and nothing that
    only other pages need may prevent an answer.
    """

    answer = private_pages_middleware(lambda request: VIEWS[request.path_info](request))

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return (answer if request.path_info in VIEWS else get_response)(request)

    return middleware


def _obstacles_of_update() -> Iterator[str]:
    if said := said_of_unfinished_update():
        yield said


def _obstacles_of_database() -> Iterator[str]:
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        yield (
            "データベースに接続できません。DATABASE_URL と、データベースの状態を確かめてください。"
        )
        return
    if unknown := unknown_migrations(executor.loader, executor.loader.applied_migrations):
        names = "、".join(map(".".join, unknown[:3]))
        yield (
            f"データベースに、この版の知らないマイグレーションが{len(unknown)}件あります"
            f"（{names}など）。新しい版への更新が途中で止まったか、古い版で起動しています。"
            "手引の「うまくいかないとき」のとおりに直すまで、使わないでください。"
        )
    elif plan:
        names = "、".join(str(migration) for migration, _ in plan[:3])
        yield (
            f"適用していないマイグレーションが{len(plan)}件あります（{names}など）。"
            "manage.py migrate を実行してください。"
        )
    elif cause := _cause_of_no_writing():
        yield f"データベースに書き込めません（{cause}）。"


def _cause_of_no_writing() -> str:
    """Return why nothing can be saved; "" if a row could be written, which is then taken back."""
    try:
        with _waiting_to_write_at_most(WRITE_SECONDS), transaction.atomic():
            rows = MigrationRecorder.Migration.objects.all()[:1].values("pk")
            MigrationRecorder.Migration.objects.filter(pk__in=rows).update(name=F("name"))
            transaction.set_rollback(True)
    except DatabaseError as error:
        code: int = getattr(error.__cause__, "sqlite_errorcode", 0)
        return _CAUSES.get(code & 0xFF, "データベースの状態と権限を確かめてください")
    return ""


_CAUSES = {
    sqlite3.SQLITE_BUSY: "ほかの処理が書き込みを続けています。"
    "取り込みや控えの作成が終わらないときは、その処理を確かめてください",
    sqlite3.SQLITE_READONLY: "ファイルとフォルダの権限を確かめてください",
    sqlite3.SQLITE_FULL: "空き容量を確かめてください",
}
"""By the code of SQLite, without what it extends."""


@contextmanager
def _waiting_to_write_at_most(seconds: float) -> Iterator[None]:
    """Let SQLite wait for less time inside the block; `waiting_at_most` is for PostgreSQL."""
    if connection.vendor != "sqlite":
        yield
        return
    usual = connection.settings_dict["OPTIONS"]["timeout"]
    try:
        _set_busy_timeout(seconds)
        yield
    finally:
        _set_busy_timeout(usual)


def _set_busy_timeout(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def _obstacles_of_disk() -> Iterator[str]:
    """Yield what prevents storing uploads: a probe writes, because root has all permissions."""
    if settings.FILES_STORAGE == "s3":
        try:
            cast(Any, storages["evidence"]).probe()
        except OSError as error:
            yield (
                f"根拠資料の保存先（S3_BUCKET）に書き込めません（{error.strerror}）。"
                "保存先の状態と、S3_で始まる設定を確かめてください。"
            )
    for name, folder in _folders().items():
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent  # it is created with the first file
        try:
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(bytes(4096))
                probe.flush()
            free = shutil.disk_usage(folder).free
        except OSError as error:
            yield f"{name}に書き込めません（{error.strerror}）。空き容量と権限を確かめてください。"
            continue
        if free < settings.EVIDENCE_MAX_BYTES:
            yield f"{name}の空き容量が、{free // 1024:,}KBしかありません。空きを増やしてください。"


def _folders() -> dict[str, Path]:
    temporary = {"一時ファイルの保存先（TMPDIR）": Path(tempfile.gettempdir())}
    if settings.FILES_STORAGE == "s3":
        return temporary
    return {
        "根拠資料の保存先（FILES_DIR）": _location("evidence"),
        "取り込むファイルの保存先（FILES_DIR）": _location("pending_imports"),
        "入力の途中の画面の保存先（FILES_DIR）": _location("answer_pages"),
        **temporary,
    }


def _location(storage: str) -> Path:
    return Path(cast(FileSystemStorage, storages[storage]).location)
