"""The settings of an installation as a backup keeps them: without secrets.

They are needed when moving to another machine, as a list to compare with. Secrets are kept
elsewhere: a backup on a network drive must not give access to mail, directory and database.
"""

import os
import re

from django.conf import settings

SECRET_NAME = re.compile(r"SECRET|PASSWORD|PASSPHRASE|TOKEN|CREDENTIAL|KEY$")
PASSWORD_IN_ADDRESS = re.compile(r"(?<=://)([^/@\s:]*):[^/\s]*@")
LEFT_OUT = "（バックアップに入れていません）"


def settings_without_secrets() -> dict[str, str]:
    """Return each setting that was given, by name. Secrets are named only."""
    return {
        name: LEFT_OUT
        if SECRET_NAME.search(name)
        else PASSWORD_IN_ADDRESS.sub(rf"\1:{LEFT_OUT}@", value)
        for name in settings.SETTING_NAMES
        if (value := os.environ.get(name))
    }
