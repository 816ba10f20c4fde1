"""WSGI entry point: `gunicorn nemuro_strategy.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nemuro_strategy.settings")

application = get_wsgi_application()
