"""The settings of a storage in an S3-compatible store; it loads nothing of such a store."""

from typing import Any


def private_objects(prefix: str, chosen: Any) -> dict[str, object]:
    """Return a storage of files below a prefix of the bucket that the settings name."""
    return {
        "BACKEND": "tables.object_store.PrivateObjects",
        "OPTIONS": {
            "location": prefix,
            "bucket_name": chosen.S3_BUCKET,
            "endpoint_url": chosen.S3_ENDPOINT or None,
            "access_key": chosen.S3_ACCESS_KEY,
            "secret_key": chosen.S3_SECRET_KEY,
            "region_name": chosen.S3_REGION,
            # A store of the city's own has one name, not one for each bucket.
            "addressing_style": "path",
            "verify": chosen.S3_CA_FILE or None,
            "file_overwrite": False,
        },
    }
