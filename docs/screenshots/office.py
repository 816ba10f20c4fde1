"""The browsers of the trial's people, and how pictures are cut out of their pages."""

from datetime import datetime

from playwright.sync_api import Browser, FloatRect, Locator, Page

from docs.screenshots.trial import Trial

WIDTH, HEIGHT = 1366, 900
"""The browser window in pixels: the usual width of an office screen, slightly higher."""

MARGIN = 16

HEAD = ".banner"
"""The selector of the head of every page, which ends with the notice of invented values."""


class Office:
    """Browser sessions: everybody logs in once and has a separate session."""

    def __init__(self, browser: Browser, trial: Trial) -> None:
        self.browser = browser
        self.clock = trial.clock
        self.url = trial.url
        self.passwords = trial.passwords
        self._pages: dict[str, Page] = {}

    def move_to(self, moment: datetime) -> None:
        """Set the clock to another day, on which everybody logs in again."""
        self.clock.now = moment
        for page in self._pages.values():
            page.context.close()
        self._pages.clear()

    def stranger(self) -> Page:
        """Return a page of an anonymous user."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": WIDTH, "height": HEIGHT},
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
        )
        context.set_default_timeout(60_000)
        return context.new_page()

    def person(self, number: str, address: str) -> Page:
        """Return the page at this address for the user with this staff number."""
        if number not in self._pages:
            page = self.stranger()
            page.goto("/login/")
            log_in(page, number, self.passwords[number])
            page.wait_for_url(lambda url: "/login/" not in url)
            self._pages[number] = page
        page = self._pages[number]
        response = page.goto(address)
        if response is None or not response.ok:
            raise RuntimeError(f"{address}: {response and response.status}")
        return page


def log_in(page: Page, number: str, password: str) -> None:
    """Fill in and submit the log-in page."""
    page.get_by_label("職員番号").fill(number)
    page.get_by_label("パスワード").fill(password)
    page.get_by_role("button", name="ログイン").click()
    page.wait_for_load_state()


def picture(
    page: Page, *, top: Locator | None = None, bottom: Locator | None = None
) -> list[bytes]:
    """Return the PNGs of a page from the top of one element to the bottom of another, full width.

    Without `top` the picture starts at the top of the page; without `bottom` it ends with the
    window. With `top`, the head of the page is a separate piece, because it says that the values
    are invented.
    """
    page.wait_for_load_state()
    # Remove the pointer and the focus: the picture must not depend on where they were.
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    first = _edge(page, top, 0) - MARGIN if top else 0
    last = _edge(page, bottom, 1) + MARGIN if bottom else first + HEIGHT
    pieces = [_piece(page, first, last)]
    if top:
        pieces.insert(0, _piece(page, 0, _edge(page, page.locator(HEAD), 1)))
    return pieces


def window(page: Page, height: int = HEIGHT) -> list[bytes]:
    """Return the PNGs of a window of this height, for pages with sticky parts.

    If the page is scrolled, its head is a separate piece, because it says that values are invented.
    """
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    shot = page.screenshot(animations="disabled", scale="css")
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    if not page.evaluate("window.scrollY"):
        return [shot]
    return [_piece(page, 0, _edge(page, page.locator(HEAD), 1)), shot]


def _edge(page: Page, element: Locator, end: int) -> float:
    """Return the y coordinate of an element's top (end 0) or bottom (1) on the whole page."""
    box = element.bounding_box()
    if box is None:
        raise RuntimeError(f"{element} is not on the page")
    return page.evaluate("window.scrollY") + box["y"] + end * box["height"]


def _piece(page: Page, first: float, last: float) -> bytes:
    last = min(last, page.evaluate("document.documentElement.scrollHeight"))
    clip: FloatRect = {"x": 0, "y": round(first), "width": WIDTH, "height": round(last - first)}
    return page.screenshot(full_page=True, clip=clip, animations="disabled", scale="css")
