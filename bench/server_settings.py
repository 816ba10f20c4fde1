"""Settings of the server that is measured: the product's own, and yardsticks beside its pages."""

from nemuro_strategy import settings

globals().update({name: getattr(settings, name) for name in dir(settings) if name.isupper()})
MIDDLEWARE = ["bench.yardsticks.Yardsticks", *settings.MIDDLEWARE]
AUTHENTICATION_BACKENDS = [
    *settings.AUTHENTICATION_BACKENDS,
    "django.contrib.auth.backends.ModelBackend",
]
ROOT_URLCONF = "bench.server_addresses"
PUBLIC_PAGES = True
