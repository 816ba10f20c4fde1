"""Private files in an S3-compatible store that several web servers share (FILES_STORAGE=s3).

The settings name this class only where the store is chosen: nothing else loads boto3. All faults of
the store come out as OSError, which code knows from folders: one page, one line in the log.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import File
from storages.backends.s3 import S3Storage

PROBE = ".writable"


CLIENT = Config(
    # For a store that does not answer: a person is waiting.
    connect_timeout=3,
    read_timeout=15,
    retries={"max_attempts": 2},
    # A store of the city's own has one name, not one for each bucket.
    s3={"addressing_style": "path"},
)


QUICK = CLIENT.merge(Config(connect_timeout=2, read_timeout=3, retries={"max_attempts": 0}))
"""For those who only ask whether the store is there."""


class PrivateObjects(S3Storage):
    """Files below a prefix (`location`) of a bucket, sent by us and never by the store."""

    def __init__(self, location: str, client: Config = CLIENT) -> None:
        super().__init__(
            location=location,
            bucket_name=settings.S3_BUCKET,
            endpoint_url=settings.S3_ENDPOINT or None,
            access_key=settings.S3_ACCESS_KEY,
            secret_key=settings.S3_SECRET_KEY,
            region_name=settings.S3_REGION,
            verify=settings.S3_CA_FILE or None,
            file_overwrite=False,
            client_config=client,
        )

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        with _as_os_error():
            return super().save(name, content, max_length)

    def open(self, name: str, mode: str = "rb") -> File:
        with _as_os_error():
            file = super().open(name, mode)
            file.file  # noqa: B018  (reads the content now, so that all faults come out here)
            return file

    def delete(self, name: str) -> None:
        with _as_os_error():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _as_os_error():
            return name == "" or super().exists(name)

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with _as_os_error():
            folders, files = super().listdir(name)
            return folders, [file for file in files if file != PROBE]

    def modified_times(self) -> dict[str, datetime]:
        """Return all files with their times: one request for a thousand, not one for each."""
        with _as_os_error():
            prefix = self.location.rstrip("/") + "/"
            found = self.bucket.objects.filter(Prefix=prefix)
            times = {one.key.removeprefix(prefix): one.last_modified for one in found}
        times.pop(PROBE, None)
        return times

    def place_of(self, name: str) -> str:
        """Return where a file is, for the people who run the store."""
        return f"s3://{self.bucket_name}/{self.location.rstrip('/')}/{name}"

    def probe(self) -> None:
        """Write a test object. Raises OSError if the store refuses it or does not answer soon."""
        with _as_os_error():
            key = f"{self.location.rstrip('/')}/{PROBE}"
            self._quick.bucket.Object(key).put(Body=b"")

    @cached_property
    def _quick(self) -> "PrivateObjects":
        return PrivateObjects(self.location, QUICK)


@contextmanager
def _as_os_error() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:  # of django-storages, without the parts of an OSError
        raise FileNotFoundError(errno.ENOENT, "ファイルがありません") from error
    except ClientError as error:
        said = error.response.get("Error", {})
        if said.get("Code") in ("404", "NoSuchKey"):
            raise FileNotFoundError(errno.ENOENT, "ファイルがありません") from error
        raise OSError(errno.EIO, f"ファイルの保存先：{said.get('Code', '')}") from error
    except BotoCoreError as error:
        raise OSError(errno.EIO, f"ファイルの保存先：{type(error).__name__}") from error
