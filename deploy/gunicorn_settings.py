"""How gunicorn serves the product: `gunicorn --config deploy/gunicorn_settings.py`.

What a city may want to change comes from the environment; `systemctl edit nemuro-strategy` adds
lines such as `Environment=WEB_CONCURRENCY=5`.
"""

import os

wsgi_app = "nemuro_strategy.wsgi"

# Only the proxy on this machine may connect: whoever reaches gunicorn directly could say from which
# address a request comes. A container has to listen on all addresses.
bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")

# Pages need a processor and wait little for the database, so that a worker more than the machine
# has processors is enough. More than four take memory (about 150 MB each) before they help.
workers = int(os.environ.get("WEB_CONCURRENCY") or min((os.cpu_count() or 1) + 1, 4))

# Threads, because some requests wait: for a file that is made in a process of its own, for the lock
# of a row. FILES_AT_ONCE (2) has to be smaller, so that nobody who enters values waits for files.
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS") or 4)

# A worker that does not report for so long is killed. A worker with threads reports while they
# work: this ends one that hangs as a whole, not a request that takes long.
timeout = 60

# On a restart, requests that have begun may end. Below TimeoutStopSec of the unit, which then kills
# what is left.
graceful_timeout = 30

# The proxy keeps its connections for the next request; it must be the first to close one.
keepalive = 75

# Workers report by touching a file. On a disk that is full or slow a healthy one would be killed.
worker_tmp_dir = "/dev/shm"  # noqa: S108  (gunicorn opens a file of a new name there)

# In bytes, the most that gunicorn takes, for searches in Japanese: a character has nine in an
# address. nginx answers what is longer (site.conf), with a page in Japanese.
limit_request_line = 8190

# Each worker loads the program: after `systemctl reload` new workers then have the new settings.
preload_app = False

# Workers are not replaced after some number of requests: their memory does not grow.
max_requests = 0

# gunicornc's socket would lie in the home of the user, who has none; nobody uses it here.
control_socket_disable = True

# The log goes to journald. The product writes a line for each request itself (LOG_LEVEL=INFO).
accesslog = None
errorlog = "-"
loglevel = "info"
