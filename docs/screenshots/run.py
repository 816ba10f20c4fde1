"""Takes all pictures of README.md and docs/manual/ again: `make screenshots`.

python -m docs.screenshots.run [NAME…]

Writes docs/images/NAME.png, all of them or those named, and removes obsolete pictures. All are
taken even if only some are written, because later pictures show what was done for earlier ones.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from docs.screenshots.office import Office
from docs.screenshots.palette import reduced
from docs.screenshots.pictures import PICTURES
from docs.screenshots.trial import running_trial
from tests.browser.chromium import ARGUMENTS, PROGRAM

IMAGES = Path(__file__).resolve().parents[1] / "images"
# The same colours and font rendering on every machine.
SAME_EVERYWHERE = ("--force-color-profile=srgb", "--font-render-hinting=none")


def main(names: list[str]) -> int:
    """Take the pictures; return the exit code."""
    if unknown := set(names) - set(PICTURES):
        print(f"この名前の画像はありません：{'、'.join(sorted(unknown))}", file=sys.stderr)
        return 1
    IMAGES.mkdir(exist_ok=True)
    with running_trial() as trial, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=PROGRAM, args=[*ARGUMENTS, *SAME_EVERYWHERE]
        )
        office = Office(browser, trial)
        blank = browser.new_page()
        for name, take in PICTURES.items():
            pieces = take(office)
            if not names or name in names:
                small = reduced(pieces, blank)
                (IMAGES / f"{name}.png").write_bytes(small)
                print(f"docs/images/{name}.png（{round(len(small) / 1024)}KB）")
        browser.close()
    if not names:
        for path in IMAGES.glob("*.png"):
            if path.stem not in PICTURES:
                path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
