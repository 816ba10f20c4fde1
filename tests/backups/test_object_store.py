"""Backup and restore of an installation whose files are in an S3-compatible store."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from backups.faults import BackupError
from backups.restoring import restore
from backups.taking import take_backup
from indicators.models import Evidence
from tests.backups.copies import everything, files, make_empty
from tests.object_store import a_bucket, a_server

pytestmark = [pytest.mark.both_databases, pytest.mark.files]


def test_a_backup_moves_files_between_folder_and_store(city, folder, settings):
    in_folder, before = folder / "of-folder", everything()
    in_folder.mkdir()
    first = take_backup(in_folder, keep=0, key=None)
    make_empty()
    with a_server() as server, a_bucket(server, settings):
        restore(first.path, None)
        assert everything() == before
        assert len(files()) == 2
        second = take_backup(folder, keep=0, key=None)
        assert (second.evidence, second.lost) == (2, [])
        storages["evidence"].delete(Evidence.objects.first().stored_as)
        assert len(take_backup(folder, keep=0, key=None).lost) == 1
        make_empty()
        storages["evidence"].save("0123", ContentFile(b"another"))
        with pytest.raises(BackupError, match="復元先（s3://kpi/evidence/）に、根拠資料のファイル"):
            restore(second.path, None)
    restore(second.path, None)
    assert everything() == before
