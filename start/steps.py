"""導入のはじめに: the steps from an empty installation to the first open year.

A step is a function of the request that returns what is done and where to go next. STEPS has them
in their order; another app adds one with `register`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.first_passwords import waiting_users
from accounts.models import Section, User
from goals.models import Strategy
from indicators.models import FiscalYear
from indicators.plan_states import PlanState
from start.example import EXAMPLE_CODE, EXAMPLE_SECTION, is_there
from trail.installation import installation


@dataclass(frozen=True)
class StepLink:
    """A link or, with `is_sent`, a button of a step."""

    text: str
    address: str
    is_sent: bool = False


@dataclass(frozen=True)
class SetupStep:
    """A step: whether it is done, what there is now, and what can be done."""

    title: str
    is_done: bool
    said: str
    links: tuple[StepLink, ...] = ()


MakeStep = Callable[[HttpRequest], SetupStep]


def administrator(request: HttpRequest) -> SetupStep:
    """The first user; without one nobody sees this list."""
    return SetupStep("最初の管理者", True, "企画担当としてログインできます。")


def city(request: HttpRequest) -> SetupStep:
    known = installation()
    said = "市町村名、団体コードと、企画担当の名称を登録します。"
    if known.is_filled:
        said = f"{known.city}（団体コード {known.city_code}）、{known.planning_office}"
    text = "直す" if known.is_filled else "市町村と企画担当を登録する"
    return SetupStep(
        "市町村と企画担当", known.is_filled, said, (StepLink(text, reverse("start_city")),)
    )


def staff(request: HttpRequest) -> SetupStep:
    sections = Section.objects.active().exclude(name=EXAMPLE_SECTION).count()
    others = _others(request).count()
    is_done = bool(sections and others)
    said = "担当課と利用者を、一つのExcelファイルで登録します。"
    if sections or others:
        said = f"担当課は{sections}、あなたのほかの利用者は{others}人です。"
    text = "担当課と利用者を加える" if is_done else "担当課と利用者を登録する"
    return SetupStep("担当課と利用者", is_done, said, (StepLink(text, reverse("start_staff")),))


def _others(request: HttpRequest) -> QuerySet[User]:
    """Return the active users other than the current one."""
    return User.objects.filter(is_active=True).exclude(username=request.user.get_username())


def passwords(request: HttpRequest) -> SetupStep:
    if not _others(request).exists():
        return SetupStep(PASSWORDS, False, "利用者を登録した後に、紙に印刷して配ります。")
    waiting = waiting_users().exclude(username=request.user.get_username())
    without = sum(not user.has_usable_password() for user in waiting)
    unchanged = len(waiting) - without
    said = f"パスワードのない人は{without}人、初回のパスワードのままの人は{unchanged}人です。"
    links = (StepLink("初回のパスワードを印刷する", reverse("start_passwords")),)
    return SetupStep(PASSWORDS, not without, said, links if waiting else ())


def plan(request: HttpRequest) -> SetupStep:
    plans = Strategy.objects.exclude(code=EXAMPLE_CODE)
    running = plans.without_drafts().first()
    if running:
        address = reverse("overview", args=[running.code])
        links = (StepLink("概要を見る", address), *_links_of_example())
        return SetupStep(PLAN, True, f"「{running.title}」", links)
    if drafts := list(plans.filter(state=PlanState.DRAFT)):
        names = "".join(f"「{draft.title}」" for draft in drafts)
        return SetupStep(
            PLAN,
            False,
            f"{names}は作成中です。内容を確かめたら、状態を「実施中」にします。",
            (*(link for one in drafts for link in _links_of_draft(one)), *_links_of_example()),
        )
    return SetupStep(
        PLAN, False, "計画を登録します。計画は、作成中として登録されます。", plan_links()
    )


def _links_of_draft(draft: Strategy) -> tuple[StepLink, ...]:
    return (
        StepLink(f"「{draft.title}」を見る", reverse("overview", args=[draft.code])),
        StepLink("状態を変える", reverse("admin:goals_strategy_change", args=[draft.pk])),
    )


def plan_links() -> tuple[StepLink, ...]:
    """Return the links for adding a plan: workbook (if that page exists), admin and example."""
    links = [StepLink("管理の画面で登録する", reverse("admin:goals_strategy_add"))]
    links.insert(0, StepLink("計画様式で登録する", reverse("plan_workbook")))
    example = _links_of_example()
    if not example:
        links.append(StepLink("根室市の計画を例として読み込む", reverse("start_example"), True))
    return (*links, *example)


def _links_of_example() -> tuple[StepLink, ...]:
    """Return how to look at the example and to delete it, as long as something of it is left."""
    links = []
    if Strategy.objects.filter(code=EXAMPLE_CODE).exists():
        links.append(StepLink("例の計画を見る", reverse("overview", args=[EXAMPLE_CODE])))
    if is_there():
        links.append(StepLink("例の計画を削除する", reverse("start_example_remove"), True))
    return tuple(links)


def first_year(request: HttpRequest) -> SetupStep:
    if opened := _years_of_plans().filter(entry_opened_on__isnull=False).last():
        links = (StepLink("年度の一覧を見る", reverse("entry_years")),)
        return SetupStep(YEAR, True, f"{opened}の入力の受付を開始しました。", links)
    if made := _years_of_plans().last():
        links = (StepLink("入力の受付を開始する", reverse("entry_open", args=[made.pk])),)
        return SetupStep(YEAR, False, f"{made}を作りました。受付は、まだ開始していません。", links)
    said = "実績値を入力する年度を作り、入力の受付を開始します。"
    if others := FiscalYear.objects.order_by("year"):
        names = "、".join(map(str, others))
        said = f"{names}は、実施中の計画の期間に入っていません。計画の期間の年度を作ります。"
    return SetupStep(YEAR, False, said, (StepLink("年度を作る", reverse("entry_year_add")),))


def _years_of_plans() -> QuerySet[FiscalYear]:
    """Return the years in which there is something to enter, oldest first."""
    plans = Strategy.objects.without_drafts().exclude(code=EXAMPLE_CODE)
    covering = plans.filter(
        first_fiscal_year__lte=OuterRef("pk"), last_fiscal_year__gte=OuterRef("pk")
    )
    return FiscalYear.objects.filter(Exists(covering)).order_by("year")


PASSWORDS, PLAN, YEAR = "初回のパスワード", "計画", "最初の年度"

STEPS: list[MakeStep] = [administrator, city, staff, passwords, plan, first_year]


def register(step: MakeStep, *, before: MakeStep) -> None:
    """Add a step of another app before one of these."""
    STEPS.insert(STEPS.index(before), step)


def steps(request: HttpRequest) -> list[SetupStep]:
    """Return all steps as they are now."""
    return [step(request) for step in STEPS]


def is_set_up() -> bool:
    """Return whether a year of a plan has been opened: the list is no longer needed.

    Installations that are older than this list count as set up, whatever they have not stored.
    """
    return _years_of_plans().filter(entry_opened_on__isnull=False).exists()
