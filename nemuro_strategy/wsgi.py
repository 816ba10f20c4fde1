"""WSGI entry point: `gunicorn nemuro_strategy.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from nemuro_strategy.database_waiting import limit_waiting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nemuro_strategy.settings")

limit_waiting()
application = get_wsgi_application()

# After the application has loaded the apps.
from nemuro_strategy.checks import refuse_errors  # noqa: E402
from nemuro_strategy.unfinished_update import refuse_unfinished_update  # noqa: E402

refuse_errors()
refuse_unfinished_update()
