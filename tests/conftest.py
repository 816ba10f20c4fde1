"""Settings of all tests."""

import os

from hypothesis import settings

# How long an example takes says more about the machine than about the code. In CI the same
# examples are drawn each time, so that a change is judged and not the draw.
settings.register_profile("ours", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("ours")
