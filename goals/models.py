"""総合戦略, its 基本目標 and their 数値目標."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from indicators.listings import Listing, YearlyTarget
from indicators.rules.targets import Period
from indicators.rules.terms import (
    BANDS,
    STANDARD_SCALE,
    Band,
    Scale,
    Status,
    mark_of,
    status_word,
)
from japanese.fiscal_years import era_label
from trail.history import tracked

PERCENT: dict[str, Any] = {
    "max_digits": 4,
    "decimal_places": 1,
    "validators": [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
}


class StrategyQuerySet(models.QuerySet):
    def of_year(self, fiscal_year: int) -> "StrategyQuerySet":
        """Return the plans whose period includes a fiscal year."""
        return self.filter(first_fiscal_year__lte=fiscal_year, last_fiscal_year__gte=fiscal_year)


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
    on_track = models.DecimalField("順調とする割合（％以上）", default=Decimal("100.0"), **PERCENT)
    mostly_on_track = models.DecimalField(
        "おおむね順調とする割合（％以上）", default=Decimal("80.0"), **PERCENT
    )
    slightly_behind = models.DecimalField(
        "やや遅れとする割合（％以上）", default=Decimal("50.0"), **PERCENT
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

    @property
    def period(self) -> Period:
        return Period(self.first_fiscal_year, self.last_fiscal_year)

    @property
    def scale(self) -> Scale:
        return Scale(
            on_track=self.on_track,
            mostly_on_track=self.mostly_on_track,
            slightly_behind=self.slightly_behind,
            labels=self.labels,
            marks=self.marks,
        )

    def clean(self) -> None:
        errors = {}
        for field, known in (("labels", STANDARD_SCALE.statuses), ("marks", BANDS)):
            words = getattr(self, field)
            if not isinstance(words, dict) or not all(isinstance(w, str) for w in words.values()):
                errors[field] = '{"名前": "文字"} の形で入力してください。'
            elif unknown := sorted(set(words) - set(known)):
                errors[field] = (
                    f"「{'、'.join(unknown)}」という判定はありません。"
                    f"使えるのは {', '.join(known)} です。"
                )
            elif blank := [name for name, word in words.items() if not word.strip()]:
                errors[field] = (
                    f"「{'、'.join(blank)}」の文字が空です。文字を入力するか、"
                    "その項目を消して標準のものにしてください。"
                )
        if not errors:
            errors = confused_words(self.scale)
        if errors:
            raise ValidationError(errors)


def confused_words(scale: Scale) -> dict[str, str]:
    """Return an error by field for words and marks that stand for two different judgements.

    Judgements with one mark may have one word: a city may call 達成 and 順調 both A.
    """
    errors = {}
    by_word: dict[str, Status] = {}
    for status in scale.statuses:
        word = status_word(status, scale=scale).strip()
        other = by_word.setdefault(word, status)
        if other is not status and (status.band != other.band or status.band == Band.OPEN):
            errors["labels"] = (
                f"「{word}」が、{other} と {status} の両方の呼び方になっています。"
                "別の判定と見分けられるように、違う文字にしてください。"
            )
    by_mark: dict[str, Band] = {}
    for band in Band:
        mark = mark_of(band, scale).strip()
        if (first := by_mark.setdefault(mark, band)) is not band:
            errors["marks"] = (
                f"「{mark}」が、{first} と {band} の両方の印になっています。違う印にしてください。"
            )
    return errors


class BasicGoal(models.Model):
    """基本目標."""

    strategy = models.ForeignKey(
        Strategy, verbose_name="総合戦略", on_delete=models.CASCADE, related_name="goals"
    )
    position = models.PositiveSmallIntegerField("番号", validators=[MinValueValidator(1)])
    title = models.CharField("名称", max_length=200)
    history = tracked()

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
        return f"基本目標{self.position} {self.title}"


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
        ordering = ["goal", "position"]
        constraints = [
            *Listing.Meta.constraints,
            models.UniqueConstraint(
                fields=["goal", "position"], name="numerictarget_position_once_per_goal"
            ),
        ]

    @property
    def strategy(self) -> Strategy:
        return self.goal.strategy

    @property
    def place_label(self) -> str:
        """The place in the plan, such as 数値目標1-2."""
        return f"数値目標{self.goal.position}-{self.position}"


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


def period_label(first: int, last: int) -> str:
    """Return the period of a plan in the Japanese calendar: 平成27年度～令和元年度."""
    return f"{era_label(first)}～{era_label(last)}"
