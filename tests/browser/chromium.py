"""How Debian's Chromium is started without a screen, for the browser tests and the pictures.

The package chromium-headless-shell draws the same pages without the browser around them, which took
nearly half of the processor time of these tests.
"""

PROGRAM = "/usr/bin/chromium-headless-shell"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # All pages are of one site and are drawn without a graphics card: each test's own process to
    # draw in and that of the card take a sixth of the browser's processor time.
    "--in-process-gpu",
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
)
