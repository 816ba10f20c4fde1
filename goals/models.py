"""総合戦略, its 基本目標 and their 数値目標."""

from dataclasses import fields
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from accounts import access
from goals.revisions import period_in, revision_label, scales_in_time
from indicators.in_force import InForce
from indicators.listings import Listing, PlanningOutlook, YearlyTarget
from indicators.places import place_of
from indicators.plan_states import PlanState
from indicators.plan_words import Words, check_words, words_from
from indicators.rules.scales import NAMES, check_scale
from indicators.rules.targets import Period
from indicators.rules.terms import (
    Band,
    LateValues,
    LevelFigure,
    RestraintRule,
    Scale,
    Status,
    choices_of,
    mark_of,
    status_word,
)
from indicators.titles import Retitled
from indicators.versions import EarlierVersion, once_per_year, version_of_year
from japanese.characters import alike
from japanese.fiscal_years import era_label
from trail.history import tracked


def _percentage(name: str, **options: Any) -> models.DecimalField:
    """Return the field of a threshold; check_scale says in Japanese which numbers are allowed."""
    return models.DecimalField(
        f"{NAMES[name]}（％以上）", max_digits=4, decimal_places=1, **options
    )


class StrategyQuerySet(models.QuerySet):
    def of_year(self, fiscal_year: int) -> "StrategyQuerySet":
        """Return the plans whose period includes a fiscal year."""
        return self.filter(first_fiscal_year__lte=fiscal_year, last_fiscal_year__gte=fiscal_year)

    def without_drafts(self) -> "StrategyQuerySet":
        """Leave out the plans that are 作成中."""
        return self.exclude(state=PlanState.DRAFT)

    def seen_by(self, user: Any) -> "StrategyQuerySet":
        """Return the plans that a user may know of: drafts only for planning."""
        return self.all() if access.may_see_drafts(user) else self.without_drafts()


class Strategy(models.Model):
    """総合戦略: a plan of a city with a first and a last fiscal year."""

    code = models.SlugField(
        "コード", max_length=60, unique=True, help_text="アドレスになります。例：nemuro-2015"
    )
    title = models.CharField("名称", max_length=120)
    city = models.CharField("市町村名", max_length=40)
    city_code = models.CharField(
        "団体コード",
        max_length=6,
        validators=[RegexValidator(r"^\d{6}$", "団体コードは6桁の数字で入力してください。")],
    )
    first_fiscal_year = models.PositiveSmallIntegerField("最初の年度", help_text="西暦。")
    last_fiscal_year = models.PositiveSmallIntegerField("最後の年度", help_text="西暦。")
    state = models.CharField(
        "状態",
        max_length=8,
        choices=PlanState,
        default=PlanState.RUNNING,
        help_text="作成中の計画は、企画担当だけに見えます。終了した計画は、引き続き見られます。",
    )
    on_track = _percentage("on_track", default=Decimal("100.0"))
    mostly_on_track = _percentage("mostly_on_track", default=Decimal("80.0"))
    slightly_behind = _percentage("slightly_behind", default=Decimal("50.0"))
    far_above = _percentage(
        "far_above",
        null=True,
        blank=True,
        help_text="100より大きい数。空欄なら、大きく上回る値を分けません。",
    )
    achieved = _percentage("achieved", default=Decimal("100.0"))
    mostly_achieved = _percentage(
        "mostly_achieved",
        null=True,
        blank=True,
        help_text="空欄なら、おおむね順調とする割合と同じです。",
    )
    partly_achieved = _percentage(
        "partly_achieved",
        null=True,
        blank=True,
        help_text="空欄なら、一部達成の段階を設けず、未達成とします。",
    )
    level_figure = models.CharField(
        NAMES["level_figure"],
        max_length=20,
        choices=choices_of(LevelFigure),
        default=LevelFigure.PACE,
        help_text="最終年度より前の判定に使います。",
    )
    worsened_first = models.BooleanField(
        NAMES["worsened_first"],
        default=True,
        help_text="印を外すと、基準値より悪くても、率だけで判定します。",
    )
    attainment_on_track = models.BooleanField(
        NAMES["attainment_on_track"],
        default=False,
        help_text="印を付けると、達成率が順調とする割合に届けば、目標値に届かなくても順調とします。",
    )
    restraint = models.CharField(
        NAMES["restraint"],
        max_length=20,
        choices=choices_of(RestraintRule),
        default=RestraintRule.PATH,
    )
    late_values = models.CharField(
        NAMES["late_values"],
        max_length=20,
        choices=choices_of(LateValues),
        default=LateValues.OWN_YEAR,
        help_text="対象年度の値がまだ公表されず、前の年度の値で判定するとき。",
    )
    labels = models.JSONField(
        "判定の呼び方",
        default=dict,
        blank=True,
        help_text='標準と違うものだけ。例：{"on_track": "計画どおり"}',
    )
    marks = models.JSONField(
        "判定の印", default=dict, blank=True, help_text='標準と違うものだけ。例：{"good": "☆"}'
    )
    words = models.JSONField(
        "計画の言葉", default=dict, blank=True, help_text='標準と違うものだけ。例：{"goal": "政策"}'
    )
    note = models.TextField("注記", blank=True, help_text="この計画の登録で仮定したこと。")
    invented = models.BooleanField(
        "架空の値を含む", default=False, help_text="試用の値があるあいだ、すべての画面に示します。"
    )
    history = tracked()
    objects = StrategyQuerySet.as_manager()

    class Meta:
        verbose_name = "総合戦略"
        verbose_name_plural = "総合戦略"
        ordering = ["-first_fiscal_year", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_fiscal_year__lte=F("last_fiscal_year")),
                name="strategy_first_year_not_after_last",
                violation_error_message="最初の年度は、最後の年度以前にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(on_track__gte=F("mostly_on_track"))
                & Q(mostly_on_track__gte=F("slightly_behind")),
                name="strategy_thresholds_descend",
                violation_error_message=(
                    "判定の割合は、順調、おおむね順調、やや遅れの順に小さくしてください。"
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    plan_path = ""

    @property
    def period(self) -> Period:
        return Period(self.first_fiscal_year, self.last_fiscal_year)

    def period_in(self, fiscal_year: int) -> Period:
        """Return the period that held in a year, before later revisions changed it."""
        return period_in(self.period, self.revisions.all(), fiscal_year)

    @property
    def is_draft(self) -> bool:
        return self.state == PlanState.DRAFT

    @property
    def wording(self) -> Words:
        """What the plan calls its levels and the 区分 of its projects."""
        return words_from(self.words)

    @property
    def scale(self) -> Scale:
        return Scale(**{field.name: getattr(self, field.name) for field in fields(Scale)})

    def scale_in(self, fiscal_year: int) -> Scale:
        """Return the rules of judging that held in a year, before later revisions changed them."""
        scales = scales_in_time(self.scale, self.revisions.all())
        return version_of_year(scales, fiscal_year) or self.scale

    def clean(self) -> None:
        errors: dict[str, list[str]] = {}
        for field in ("labels", "marks"):
            words = getattr(self, field)
            if not isinstance(words, dict) or not all(isinstance(w, str) for w in words.values()):
                errors[field] = ['{"名前": "文字"} の形で入力してください。']
            elif blank := [name for name, word in words.items() if not word.strip()]:
                errors[field] = [
                    f"「{'、'.join(blank)}」の文字が空です。文字を入力するか、"
                    "その項目を消して標準のものにしてください。"
                ]
        if not errors:
            for field, message in check_scale(self.scale):
                errors.setdefault(field, []).append(message)
        if problems := check_words(self.words):
            errors["words"] = problems
        if not errors:
            errors = {name: [error] for name, error in confused_words(self.scale).items()}
        if errors:
            raise ValidationError(errors)


def confused_words(scale: Scale) -> dict[str, str]:
    """Return an error by field for words and marks of two different judgements.

    Judgements with one mark may have one word: a city may call 達成 and 順調 both A.
    """
    errors = {}
    by_word: dict[str, Status] = {}
    for status in scale.statuses:
        word = status_word(status, scale=scale)
        other = by_word.setdefault(alike(word), status)
        if other is not status and (status.band != other.band or status.band == Band.OPEN):
            errors["labels"] = (
                f"「{word}」が、標準の「{status_word(other)}」と「{status_word(status)}」の"
                "両方の呼び方になっています。"
                "別の判定と見分けられるように、違う文字にしてください。"
            )
    by_mark: dict[str, Band] = {}
    for band in Band:
        mark = mark_of(band, scale)
        if (first := by_mark.setdefault(alike(mark), band)) is not band:
            errors["marks"] = (
                f"「{mark}」が、標準の「{first.label}」と「{band.label}」の両方の印になっています。"
                "見分けられるように、違う印にしてください。"
            )
    return errors


class Revision(models.Model):
    """計画の改訂: a decision that changes a plan from a fiscal year on.

    What it changes is stored at the parts of the plan: the first year of a new version, the first
    or last year of a part. A plan has at most one revision from a year, so that the year names it.
    """

    class DecidedBy(models.TextChoices):
        MAYOR = "mayor", "市長決裁"
        HEADQUARTERS = "headquarters", "推進本部"
        ASSEMBLY = "assembly", "議会"
        COUNCIL = "council", "有識者会議"
        OTHER = "other", "その他"

    strategy = models.ForeignKey(
        Strategy, verbose_name="総合戦略", on_delete=models.CASCADE, related_name="revisions"
    )
    number = models.PositiveSmallIntegerField(
        "改訂の回数", validators=[MinValueValidator(1)], help_text="第1回なら1。"
    )
    decided_on = models.DateField("決定した日")
    decided_by = models.CharField("決定したところ", max_length=12, choices=DecidedBy)
    document_number = models.CharField(
        "文書番号", max_length=40, blank=True, help_text="例：根総政第123号"
    )
    from_fiscal_year = models.PositiveSmallIntegerField(
        "適用する最初の年度",
        help_text="この年度から後の実績を、改訂した内容で判定します。例：令和10年度、R10、2028",
    )
    reason = models.TextField("改訂の理由", help_text="新旧対照表に載ります。")
    previous_last_fiscal_year = models.PositiveSmallIntegerField(
        "改訂前の最後の年度", null=True, blank=True, editable=False
    )
    previous_rules = models.JSONField("改訂前の判定の決め方", null=True, blank=True, editable=False)
    history = tracked()

    plan_path = "strategy"

    class Meta:
        verbose_name = "計画の改訂"
        verbose_name_plural = "計画の改訂"
        ordering = ["strategy", "from_fiscal_year"]
        constraints = [
            models.UniqueConstraint(
                fields=["strategy", "number"],
                name="revision_number_once_per_strategy",
                violation_error_message="この回数の改訂は、もう登録してあります。次の回数にしてください。",
            ),
            models.UniqueConstraint(
                fields=["strategy", "from_fiscal_year"],
                name="revision_year_once_per_strategy",
                violation_error_message=(
                    "この年度から適用する改訂は、もう登録してあります。"
                    "その改訂に含めるか、別の年度から適用してください。"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.strategy} {self.label}"

    @property
    def label(self) -> str:
        """第1回改訂（平成29年度から）"""
        return revision_label(self.number, self.from_fiscal_year)


class Grant(models.Model):
    """交付金 that a plan uses. Measures, KPIs and projects name it by its number."""

    strategy = models.ForeignKey(
        Strategy, verbose_name="総合戦略", on_delete=models.CASCADE, related_name="grants"
    )
    number = models.PositiveSmallIntegerField("番号", validators=[MinValueValidator(1)])
    name = models.CharField(
        "名称",
        max_length=100,
        validators=[
            RegexValidator(
                r"[、，,\n]",
                "交付金の名称に、「、」と「,」は使えません。一覧で区切りに使うためです。",
                inverse_match=True,
            )
        ],
        help_text="例：関係人口をつくる事業",
    )
    kind = models.CharField(
        "種類", max_length=60, blank=True, help_text="例：地方創生推進交付金（横展開型）"
    )
    first_fiscal_year = models.PositiveSmallIntegerField(
        "最初の年度", null=True, blank=True, help_text="西暦。"
    )
    last_fiscal_year = models.PositiveSmallIntegerField(
        "最後の年度", null=True, blank=True, help_text="西暦。"
    )
    history = tracked()

    plan_path = "strategy"

    class Meta:
        verbose_name = "交付金"
        verbose_name_plural = "交付金"
        ordering = ["strategy", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["strategy", "number"],
                name="grant_number_once_per_strategy",
                violation_error_message="この番号の交付金は、もう登録してあります。別の番号にしてください。",
            ),
            models.UniqueConstraint(
                fields=["strategy", "name"],
                name="grant_name_once_per_strategy",
                violation_error_message="この名称の交付金は、もう登録してあります。別の名称にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(first_fiscal_year__isnull=True)
                | Q(last_fiscal_year__isnull=True)
                | Q(first_fiscal_year__lte=F("last_fiscal_year")),
                name="grant_first_year_not_after_last",
                violation_error_message="最初の年度は、最後の年度以前にしてください。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BasicGoal(InForce, Retitled):
    """基本目標; one of them may be across all others (横断的目標)."""

    strategy = models.ForeignKey(
        Strategy, verbose_name="総合戦略", on_delete=models.CASCADE, related_name="goals"
    )
    position = models.PositiveSmallIntegerField("番号", validators=[MinValueValidator(1)])
    title = models.CharField("名称", max_length=200)
    is_cross_cutting = models.BooleanField(
        "横断的目標", default=False, help_text="ほかのすべての目標にわたる目標に印を付けます。"
    )
    history = tracked()

    plan_path = "strategy"

    class Meta:
        verbose_name = "基本目標"
        verbose_name_plural = "基本目標"
        ordering = ["strategy", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["strategy", "position"], name="goal_position_once_per_strategy"
            )
        ]

    def __str__(self) -> str:
        across = 0 if self.is_cross_cutting else None
        return f"{self.strategy.wording.goal_label(self.position, across)} {self.title}"


class NumericTarget(Listing):
    """数値目標: an indicator listed under a 基本目標."""

    goal = models.ForeignKey(
        BasicGoal, verbose_name="基本目標", on_delete=models.CASCADE, related_name="numeric_targets"
    )
    history = tracked()

    plan_path = "goal__strategy"
    place_paths = {"goal": "goal__position"}

    class Meta(Listing.Meta):
        verbose_name = "数値目標"
        verbose_name_plural = "数値目標"
        ordering = ["goal", "position", "part"]
        constraints = [
            *Listing.Meta.constraints,
            models.UniqueConstraint(
                fields=["goal", "position", "part"], name="numerictarget_number_once_per_goal"
            ),
        ]

    @property
    def strategy(self) -> Strategy:
        return self.goal.strategy

    @property
    def place_label(self) -> str:
        """The place in the plan, such as 数値目標1-2."""
        place = place_of(self.goal.position, self.number)
        return f"{self.strategy.wording.numeric_target}{place}"


class NumericTargetYear(YearlyTarget):
    """年度別目標値 of a 数値目標."""

    listing = models.ForeignKey(
        NumericTarget, on_delete=models.CASCADE, related_name="yearly_targets"
    )
    history = tracked()

    class Meta(YearlyTarget.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "fiscal_year"], name="numerictarget_year_once"
            )
        ]


class NumericTargetVersion(EarlierVersion):
    """What the plan said about a 数値目標 until a revision."""

    listing = models.ForeignKey(
        NumericTarget, on_delete=models.CASCADE, related_name="earlier_versions"
    )
    history = tracked()

    plan_path = "listing__goal__strategy"

    class Meta(EarlierVersion.Meta):
        constraints = [*EarlierVersion.Meta.constraints, *once_per_year("numerictarget")]


class NumericTargetOutlook(PlanningOutlook):
    """企画の見込み of a 数値目標."""

    listing = models.ForeignKey(
        NumericTarget, on_delete=models.CASCADE, related_name="planning_outlooks"
    )
    history = tracked()

    class Meta(PlanningOutlook.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "fiscal_year"], name="numerictarget_outlook_once"
            )
        ]


def period_label(first: int, last: int) -> str:
    """Return the period of a plan in the Japanese calendar: 平成27年度～令和元年度."""
    return f"{era_label(first)}～{era_label(last)}"
