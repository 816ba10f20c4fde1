"""The year's end: results of projects, evaluations, the council, 交付金, and editions."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Section
from goals.models import BasicGoal, Grant, NumericTarget, Strategy
from indicators.models import Actual, FiscalYear
from japanese.characters import word_key
from japanese.numerals import format_number, needed_decimals
from kpis.models import KPI
from measures.models import Measure, Project
from reviews.choices import (
    STANDARD_GRADES,
    STANDARD_POLICIES,
    STANDARD_VERDICTS,
    Effect,
    MemberField,
    Response,
)
from trail.history import tracked

State = Actual.State
LABEL = 60
"""The longest label of a grade, a policy or a verdict, in characters."""


def _labels(standard: tuple[str, ...], chosen: list[str]) -> tuple[str, ...]:
    return tuple(chosen) or standard


class ReviewChoices(models.Model):
    """The lists that a plan chooses from in its evaluation. An empty one is the standard one."""

    strategy = models.OneToOneField(
        Strategy, verbose_name="総合戦略", on_delete=models.CASCADE, related_name="review_choices"
    )
    grades = models.JSONField(
        "施策の評価", default=list, blank=True, help_text="良いものから順に。"
    )
    policies = models.JSONField("次年度の方針", default=list, blank=True)
    verdicts = models.JSONField(
        "有識者会議の評価区分", default=list, blank=True, help_text="良いものから順に。"
    )
    history = tracked()

    plan_path = "strategy"

    class Meta:
        verbose_name = "評価の選択肢"
        verbose_name_plural = "評価の選択肢"

    def __str__(self) -> str:
        return f"{self.strategy}の評価の選択肢"

    @property
    def grade_labels(self) -> tuple[str, ...]:
        """The grades of a measure, the best first."""
        return _labels(STANDARD_GRADES, self.grades)

    @property
    def policy_labels(self) -> tuple[str, ...]:
        """What a measure or project may do next year."""
        return _labels(STANDARD_POLICIES, self.policies)

    @property
    def verdict_labels(self) -> tuple[str, ...]:
        """The council's verdicts on a goal, the best first."""
        return _labels(STANDARD_VERDICTS, self.verdicts)

    def clean(self) -> None:
        """Refuse labels that are too long, and two that are the same."""
        errors = {}
        for name in ("grades", "policies", "verdicts"):
            labels = getattr(self, name)
            label = self._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            if blank := [one for one in labels if not one.strip() or len(one) > LABEL]:
                errors[name] = (
                    f"{label}の「{blank[0]}」は使えません。1字以上{LABEL}字以内にしてください。"
                )
            elif len({word_key(one) for one in labels}) < len(labels):
                errors[name] = (
                    f"{label}に、同じものが2つあります。1つにしてください。"
                    "全角と半角、空白だけの違いでは、区別できません。"
                )
        if errors:
            raise ValidationError(errors)


class Answered(models.Model):
    """What a section writes about a year and its head answers, with the states of a value.

    Only reviews/recording.py writes it. `version` counts the changes; every write names the version
    that its writer saw.
    """

    fiscal_year = models.ForeignKey(
        FiscalYear, verbose_name="年度", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField("状態", max_length=10, choices=State, default=State.DRAFT)
    return_reason = models.TextField("差戻しの理由", blank=True)
    version = models.PositiveIntegerField("版", default=1, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="入力した人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    entered_at = models.DateTimeField("入力日時", default=timezone.now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="確認した人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField("確認日時", null=True, blank=True)
    _change_reason: str  # django-simple-history reads it, if this change has a reason of its own

    class Meta:
        abstract = True


def _yen(name: str) -> Any:
    return models.PositiveBigIntegerField(f"{name}（円）", null=True, blank=True)


FUNDS = ("national", "prefectural", "bonds", "other_funds", "general")
"""The fields of 財源, whose sum is 決算額."""


PRIVATE = "民間等"
"""The 区分 of projects that are not the city's, in plans that have it."""


def has_money(project: Project) -> bool:
    """Return whether a project has money here: not what is listed again or not the city's."""
    is_private = project.implementer or project.category == PRIVATE
    return project.relisted_from_id is None and not is_private


def without_money(project: Project) -> str:
    """Return why a project has no money here; "" if it has."""
    if has_money(project):
        return ""
    home = project.relisted_from
    if home is not None:
        return (
            f"「{project.name}」は再掲です。金額は、最初に掲げた施策（{home.measure}）の"
            "事業に入力してください。"
        )
    return f"{_not_of_city(project)}金額は空欄にしてください。"


def without_money_fields(project: Project) -> str:
    """Return why a form has no fields for the money of a project; "" if it has them."""
    is_of_city = has_money(project) or project.relisted_from_id is not None
    if is_of_city:
        return without_money(project)
    return f"{_not_of_city(project)}金額は入力しません。"


def _not_of_city(project: Project) -> str:
    return f"「{project.name}」は、市の事業ではありません（{project.implementer or PRIVATE}）。"


def yen_label(amount: int) -> str:
    """Return an amount of yen as people type it: 1,234千円, with what is left of a thousand."""
    return f"{format_number(Decimal(amount) / 1000, needed_decimals(Decimal(amount) / 1000))}千円"


class ProjectYear(Answered):
    """事業の実績: what a 具体的事業 did in a year, its money and what comes next.

    Amounts are yen, though people type thousands. 財源 may be left out; if any is there, their sum
    is 決算額, and one that is not there is zero.
    """

    project = models.ForeignKey(
        Project, verbose_name="具体的事業", on_delete=models.PROTECT, related_name="years"
    )
    section = models.ForeignKey(
        Section,
        verbose_name="担当課",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="project_years",
    )
    done = models.TextField("実施内容", blank=True)
    output = models.TextField("活動実績", blank=True)
    outcome = models.TextField("成果", blank=True)
    issues = models.TextField("課題", blank=True)
    budget = _yen("予算額")
    settlement = _yen("決算額")
    national = _yen("国庫支出金")
    prefectural = _yen("道支出金")
    bonds = _yen("地方債")
    other_funds = _yen("その他")
    general = _yen("一般財源")
    grant = models.ForeignKey(
        Grant,
        verbose_name="交付金",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="project_years",
    )
    policy = models.CharField("今後の方針", max_length=LABEL, blank=True)
    ends_in = models.PositiveSmallIntegerField(
        "終了年度", null=True, blank=True, help_text="西暦。終える事業だけ。"
    )
    history = tracked()

    plan_path = "project__measure__group__goal__strategy"

    class Meta:
        verbose_name = "事業の実績"
        verbose_name_plural = "事業の実績"
        ordering = ["project", "fiscal_year_id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "fiscal_year"], name="project_year_once"),
            models.CheckConstraint(
                condition=Q(**{f"{name}__isnull": True for name in FUNDS})
                | Q(
                    settlement=sum(
                        (Coalesce(F(name), 0) for name in FUNDS[1:]), Coalesce(F(FUNDS[0]), 0)
                    )
                ),
                name="project_year_funds_are_the_settlement",
                violation_error_message="財源の合計を、決算額と同じにしてください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}（{self.fiscal_year}）"

    @property
    def funds(self) -> tuple[int | None, ...]:
        """財源 in the order of FUNDS, in yen."""
        return tuple(getattr(self, name) for name in FUNDS)

    def clean(self) -> None:
        """Refuse money where the city has none, and 財源 whose sum is not 決算額."""
        money = {name: getattr(self, name) for name in ("budget", "settlement", *FUNDS)}
        typed = [name for name, amount in money.items() if amount is not None]
        if typed and (why := without_money(self.project)):
            raise ValidationError({typed[0]: why})
        if any(amount is not None for amount in self.funds):
            total = sum(amount or 0 for amount in self.funds)
            if total != self.settlement:
                stored = "空欄" if self.settlement is None else yen_label(self.settlement)
                raise ValidationError(
                    {
                        "settlement": f"財源の合計（{yen_label(total)}）が、決算額（{stored}）と"
                        "違います。どちらかを直してください。"
                    }
                )
        if self.ends_in is not None and self.ends_in < self.fiscal_year_id:
            raise ValidationError(
                {
                    "ends_in": f"終了年度「{self.ends_in}」が、対象の年度より前です。"
                    f"{self.fiscal_year_id}以後の年度にしてください。"
                }
            )


class MeasureReview(Answered):
    """内部評価 of a 具体的施策 for a year.

    `grade` and `policy` are labels of the plan's lists as they were when chosen. `proposed_grade`
    is what the KPIs suggested then; another grade needs `grade_reason`.
    """

    measure = models.ForeignKey(
        Measure, verbose_name="具体的施策", on_delete=models.PROTECT, related_name="reviews"
    )
    results = models.TextField("取組と成果", blank=True)
    causes = models.TextField("要因", blank=True)
    issues = models.TextField("課題", blank=True)
    grade = models.CharField("評価", max_length=LABEL, blank=True)
    proposed_grade = models.CharField("評価の案", max_length=LABEL, blank=True, editable=False)
    grade_reason = models.TextField("案と違う評価にした理由", blank=True)
    policy = models.CharField("次年度の方針", max_length=LABEL, blank=True)
    policy_reason = models.TextField("方針の理由", blank=True)
    budget = models.TextField("予算への反映", blank=True)
    decision = models.TextField("推進本部の決定", blank=True)
    decided_on = models.DateField("推進本部の決定日", null=True, blank=True)
    history = tracked()

    plan_path = "measure__group__goal__strategy"

    class Meta:
        verbose_name = "内部評価"
        verbose_name_plural = "内部評価"
        ordering = ["measure", "fiscal_year_id"]
        constraints = [
            models.UniqueConstraint(fields=["measure", "fiscal_year"], name="measure_review_once"),
        ]

    def __str__(self) -> str:
        return f"{self.measure}（{self.fiscal_year}）"

    def clean(self) -> None:
        """Refuse a grade other than the proposed one without a reason."""
        other = self.grade and self.proposed_grade and self.grade != self.proposed_grade
        if other and not self.grade_reason.strip():
            raise ValidationError(
                {
                    "grade_reason": f"評価「{self.grade}」は、指標の判定による案"
                    f"「{self.proposed_grade}」と違います。その理由を入力してください。"
                }
            )


class KPIReview(models.Model):
    """The part of a 内部評価 on one KPI: a short comment and what is expected."""

    class Outlook(models.TextChoices):
        WILL_MEET = "will_meet", "達成見込み"
        DIFFICULT = "difficult", "達成困難"
        UNKNOWN = "unknown", "見込めない"

    review = models.ForeignKey(
        MeasureReview, verbose_name="内部評価", on_delete=models.CASCADE, related_name="kpi_reviews"
    )
    kpi = models.ForeignKey(
        KPI, verbose_name="KPI", on_delete=models.PROTECT, related_name="reviews"
    )
    comment = models.CharField("コメント", max_length=300, blank=True)
    outlook = models.CharField("見込み", max_length=10, choices=Outlook, blank=True)
    history = tracked()

    plan_path = "kpi__measure__group__goal__strategy"

    class Meta:
        verbose_name = "KPIの評価"
        verbose_name_plural = "KPIの評価"
        ordering = ["review", "kpi"]
        constraints = [
            models.UniqueConstraint(fields=["review", "kpi"], name="kpi_review_once_per_review")
        ]

    def __str__(self) -> str:
        return f"{self.kpi}（{self.review.fiscal_year}）"


class Council(models.Model):
    """有識者会議: one meeting about a year of a plan."""

    strategy = models.ForeignKey(
        Strategy, verbose_name="総合戦略", on_delete=models.PROTECT, related_name="councils"
    )
    fiscal_year = models.ForeignKey(
        FiscalYear, verbose_name="対象年度", on_delete=models.PROTECT, related_name="councils"
    )
    number = models.PositiveSmallIntegerField("回", validators=[MinValueValidator(1)])
    name = models.CharField("会議名", max_length=100)
    held_on = models.DateField("開催日")
    place = models.CharField("場所", max_length=100, blank=True)
    minutes = models.TextField("議事", blank=True)
    history = tracked()

    plan_path = "strategy"

    class Meta:
        verbose_name = "有識者会議"
        verbose_name_plural = "有識者会議"
        ordering = ["strategy", "fiscal_year_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["strategy", "fiscal_year", "number"],
                name="council_number_once_per_year",
                violation_error_message="この回の会議は、もう登録してあります。別の回にしてください。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（第{self.number}回）"

    @property
    def present(self) -> list[str]:
        """The members who were there, with their posts: 仮名 一郎（商工会会長）"""
        return [
            f"{member.name}（{member.post}）" if member.post else member.name
            for member in self.members.all()
            if member.attended
        ]

    @property
    def absent(self) -> list[str]:
        """The names of the members who were absent."""
        return [member.name for member in self.members.all() if not member.attended]


class CouncilMember(models.Model):
    """A member of the council at one meeting."""

    council = models.ForeignKey(
        Council, verbose_name="有識者会議", on_delete=models.CASCADE, related_name="members"
    )
    position = models.PositiveSmallIntegerField("順番", validators=[MinValueValidator(1)])
    name = models.CharField("氏名", max_length=40)
    post = models.CharField("所属・役職", max_length=100, blank=True)
    field = models.CharField("分野", max_length=12, choices=MemberField, blank=True)
    attended = models.BooleanField("出席", default=True)
    history = tracked()

    plan_path = "council__strategy"

    class Meta:
        verbose_name = "委員"
        verbose_name_plural = "委員"
        ordering = ["council", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["council", "position"], name="council_member_position_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class GoalReview(models.Model):
    """外部評価: the council's view of a 基本目標 for a year."""

    goal = models.ForeignKey(
        BasicGoal, verbose_name="基本目標", on_delete=models.PROTECT, related_name="reviews"
    )
    fiscal_year = models.ForeignKey(
        FiscalYear, verbose_name="年度", on_delete=models.PROTECT, related_name="goal_reviews"
    )
    verdict = models.CharField("評価", max_length=LABEL, blank=True)
    summary = models.TextField("総括意見", blank=True)
    history = tracked()

    plan_path = "goal__strategy"

    class Meta:
        verbose_name = "外部評価"
        verbose_name_plural = "外部評価"
        ordering = ["goal", "fiscal_year_id"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "fiscal_year"], name="goal_review_once")
        ]

    def __str__(self) -> str:
        return f"{self.goal}（{self.fiscal_year}）"


OPINION_SUBJECTS = ("goal", "measure", "numeric_target", "kpi", "project")
"""The fields that say what an opinion is about; exactly one of them is set."""


class Opinion(models.Model):
    """A single opinion of the council, with the city's answer and what became of it."""

    council = models.ForeignKey(
        Council, verbose_name="有識者会議", on_delete=models.PROTECT, related_name="opinions"
    )
    number = models.PositiveSmallIntegerField("番号", validators=[MinValueValidator(1)])
    field = models.CharField("委員の分野", max_length=12, choices=MemberField, blank=True)
    goal = models.ForeignKey(
        BasicGoal, verbose_name="基本目標", null=True, blank=True, on_delete=models.PROTECT
    )
    measure = models.ForeignKey(
        Measure, verbose_name="具体的施策", null=True, blank=True, on_delete=models.PROTECT
    )
    numeric_target = models.ForeignKey(
        NumericTarget, verbose_name="数値目標", null=True, blank=True, on_delete=models.PROTECT
    )
    kpi = models.ForeignKey(
        KPI, verbose_name="KPI", null=True, blank=True, on_delete=models.PROTECT
    )
    project = models.ForeignKey(
        Project, verbose_name="具体的事業", null=True, blank=True, on_delete=models.PROTECT
    )
    text = models.TextField("意見")
    answer = models.TextField("市の考え方", blank=True)
    response = models.CharField("対応", max_length=12, choices=Response, blank=True)
    section = models.ForeignKey(
        Section,
        verbose_name="担当課",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opinions",
    )
    due_on = models.DateField("期限", null=True, blank=True)
    outcome = models.TextField("その後の状況", blank=True)
    history = tracked()

    plan_path = "council__strategy"

    class Meta:
        verbose_name = "有識者会議の意見"
        verbose_name_plural = "有識者会議の意見"
        ordering = ["council", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["council", "number"],
                name="opinion_number_once_per_council",
                violation_error_message="この番号の意見は、もう登録してあります。別の番号にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(
                    *(
                        Q(**{f"{name}__isnull": name != one for name in OPINION_SUBJECTS})
                        for one in OPINION_SUBJECTS
                    ),
                    _connector=Q.OR,
                ),
                name="opinion_about_one_thing",
                violation_error_message="意見の対象を、1つ選んでください。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.council} 意見{self.number}"

    @property
    def about(self) -> Any:
        """The goal, measure, target, KPI or project that the opinion is about."""
        return next(getattr(self, name) for name in OPINION_SUBJECTS if getattr(self, f"{name}_id"))


class GrantReview(models.Model):
    """交付金の検証: what a 交付金 brought about in a year, as the state's form asks for it."""

    grant = models.ForeignKey(
        Grant, verbose_name="交付金", on_delete=models.PROTECT, related_name="reviews"
    )
    fiscal_year = models.ForeignKey(
        FiscalYear, verbose_name="年度", on_delete=models.PROTECT, related_name="grant_reviews"
    )
    amount = _yen("交付額")
    effect = models.CharField("効果", max_length=12, choices=Effect, blank=True)
    effect_reason = models.TextField("効果の理由", blank=True)
    policy = models.CharField("今後の方針", max_length=LABEL, blank=True)
    policy_reason = models.TextField("方針の理由", blank=True)
    opinion = models.TextField("外部有識者の意見", blank=True)
    opinion_on = models.DateField("意見の日", null=True, blank=True)
    history = tracked()

    plan_path = "grant__strategy"

    class Meta:
        verbose_name = "交付金の検証"
        verbose_name_plural = "交付金の検証"
        ordering = ["grant", "fiscal_year_id"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "fiscal_year"], name="grant_review_once")
        ]

    def __str__(self) -> str:
        return f"{self.grant}（{self.fiscal_year}）"


class Edition(models.Model):
    """検証調書: a year of a plan as it was fixed. Its row never changes; the database refuses it.

    `data` is the canonical JSON of everything that was fixed (reviews/editions/freezing.py),
    `sha256` the digest of its UTF-8 bytes. What happens to an edition later has tables of its own:
    publication, 正誤, withdrawal.
    """

    strategy = models.ForeignKey(
        Strategy, verbose_name="総合戦略", on_delete=models.PROTECT, related_name="editions"
    )
    fiscal_year = models.ForeignKey(
        FiscalYear, verbose_name="対象年度", on_delete=models.PROTECT, related_name="editions"
    )
    number = models.PositiveSmallIntegerField("号", validators=[MinValueValidator(1)])
    decided_on = models.DateField("決裁日")
    document_number = models.CharField("文書番号", max_length=60)
    data = models.TextField("内容")
    sha256 = models.CharField("SHA-256", max_length=64)
    fixed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="確定した人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    fixed_at = models.DateTimeField("確定日時", default=timezone.now)

    plan_path = "strategy"

    class Meta:
        verbose_name = "検証調書"
        verbose_name_plural = "検証調書"
        ordering = ["strategy", "fiscal_year_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["strategy", "number"], name="edition_number_once_per_strategy"
            )
        ]

    def __str__(self) -> str:
        return f"{self.strategy} 検証調書 第{self.number}号（{self.fiscal_year}）"


class EditionFile(models.Model):
    """A file of an edition, with the bytes that everybody downloads."""

    edition = models.ForeignKey(
        Edition, verbose_name="検証調書", on_delete=models.PROTECT, related_name="files"
    )
    kind = models.CharField("種類", max_length=10)
    name = models.CharField("ファイル名", max_length=200)
    content = models.BinaryField("内容")
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        verbose_name = "検証調書のファイル"
        verbose_name_plural = "検証調書のファイル"
        ordering = ["edition", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "kind"], name="edition_file_once_per_kind")
        ]

    def __str__(self) -> str:
        return self.name


class EditionSeal(models.Model):
    """Says that an edition has all its files: the database adds none to it any more.

    Its history tells auditors who fixed the year and when; an edition has none of its own.
    """

    edition = models.OneToOneField(
        Edition, verbose_name="検証調書", on_delete=models.PROTECT, related_name="seal"
    )
    history = tracked()

    plan_path = "edition__strategy"

    class Meta:
        verbose_name = "検証調書の確定"
        verbose_name_plural = "検証調書の確定"

    def __str__(self) -> str:
        return f"{self.edition}の確定"


class Publication(models.Model):
    """公表: since when an edition is public."""

    edition = models.OneToOneField(
        Edition, verbose_name="検証調書", on_delete=models.PROTECT, related_name="publication"
    )
    published_on = models.DateField("公表日")
    history = tracked()

    plan_path = "edition__strategy"

    class Meta:
        verbose_name = "検証調書の公表"
        verbose_name_plural = "検証調書の公表"

    def __str__(self) -> str:
        return f"{self.edition}の公表"


class Withdrawal(models.Model):
    """取下げ of an edition before publication: one person of planning asks, another agrees."""

    edition = models.OneToOneField(
        Edition, verbose_name="検証調書", on_delete=models.PROTECT, related_name="withdrawal"
    )
    reason = models.TextField("取下げの理由")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="申し出た人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    asked_at = models.DateTimeField("申出日時", default=timezone.now)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="認めた人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    agreed_at = models.DateTimeField("承認日時", null=True, blank=True)
    history = tracked()

    plan_path = "edition__strategy"

    class Meta:
        verbose_name = "検証調書の取下げ"
        verbose_name_plural = "検証調書の取下げ"
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("asked_by")),
                name="withdrawal_by_two_people",
                violation_error_message="取下げは、申し出た人とは別の企画担当が認めます。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition}の取下げ"


class Erratum(models.Model):
    """正誤: an entry beside a fixed edition. The edition itself stays as it is."""

    edition = models.ForeignKey(
        Edition, verbose_name="検証調書", on_delete=models.PROTECT, related_name="errata"
    )
    number = models.PositiveSmallIntegerField("番号", validators=[MinValueValidator(1)])
    place = models.CharField("箇所", max_length=200)
    wrong = models.TextField("誤")
    right = models.TextField("正")
    entered_on = models.DateField("日付")
    reason = models.TextField("理由")
    history = tracked()

    plan_path = "edition__strategy"

    class Meta:
        verbose_name = "正誤"
        verbose_name_plural = "正誤表"
        ordering = ["edition", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "number"], name="erratum_number_once_per_edition"
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition} 正誤{self.number}"
