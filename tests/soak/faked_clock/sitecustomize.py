"""Loaded first by each Python that runs under libfaketime (PYTHONPATH): lets it sleep.

Where timers are not to be faked, libfaketime 0.9.10 makes an error of clock_nanosleep(), by which
time.sleep() waits since Python 3.11.
"""

import select
import time

time.sleep = lambda seconds: select.select([], [], [], seconds) and None
