"""The mark of an update that was cut off: install.sh makes it before it changes the database.

While it is there, the database may be half that of one version and half that of another one, and
install.sh will put back the backup of before: whatever was saved meanwhile would be lost. So the
server does not start. Once program and database fit together, install.sh takes the mark away.
"""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NAME = "unfinished-update"
"""In DATA_DIR. Its lines: BACKUP, a file of the folder before-update, and AGAIN, a command."""


def refuse_unfinished_update() -> None:
    """Raise ImproperlyConfigured if an update was cut off."""
    if said := said_of_unfinished_update():
        raise ImproperlyConfigured(said)


def said_of_unfinished_update() -> str:
    """Return what is to be done about an update that was cut off; "" if there was none."""
    mark: Path = settings.DATA_DIR / NAME
    if not mark.exists():
        return ""
    try:
        lines = dict(line.split("=", 1) for line in mark.read_text().splitlines() if "=" in line)
    except (OSError, ValueError):
        lines = {}
    return (
        "更新が途中で止まったため、データベースが、この版のものではなくなっている場合があります。"
        f"もう一度、更新してください（{lines.get('AGAIN', 'deploy/install.sh')}）。"
        f"更新の前のバックアップ（{lines.get('BACKUP', '不明')}）に戻してから、更新します。"
    )
