"""An S3-compatible store on this machine (moto), for tests of files in one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.storage import storages
from django.test import override_settings
from moto.server import ThreadedMotoServer

KINDS = {
    "evidence": "evidence",
    "pending_imports": "pending-imports",
    "answer_pages": "answer-pages",
}


@contextmanager
def a_server() -> Iterator[str]:
    """Yield the address of a store without any bucket."""
    made = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    made.start()
    host, port = made.get_host_and_port()
    yield f"http://{host}:{port}"
    made.stop()


@contextmanager
def a_bucket(endpoint: str, settings: Any) -> Iterator[None]:
    """Keep all files in an empty bucket inside the block."""
    with stored_at(endpoint, settings):
        bucket = storages["evidence"].connection.create_bucket(Bucket="kpi")
        yield
        bucket.objects.all().delete()
        bucket.delete()


def stored_at(endpoint: str, settings: Any, bucket: str = "kpi") -> override_settings:
    """Keep files in a bucket, with the options that settings.py gives."""
    settings.FILES_STORAGE = "s3"
    chosen = {
        "S3_BUCKET": bucket, "S3_ENDPOINT": endpoint, "S3_ACCESS_KEY": "key",
        "S3_SECRET_KEY": "secret",
    }  # fmt: skip
    for name, value in chosen.items():
        setattr(settings, name, value)
    store = "tables.object_store.PrivateObjects"
    ours = {
        name: {"BACKEND": store, "OPTIONS": {"location": prefix}} for name, prefix in KINDS.items()
    }
    return override_settings(STORAGES={**settings.STORAGES, **ours})
