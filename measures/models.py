"""施策の区分, 具体的施策 and 具体的事業."""

import re
from unicodedata import normalize

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Section
from goals.carried import Carried
from goals.models import BasicGoal, Strategy
from indicators.in_force import InForce
from indicators.places import in_brackets, place_of
from indicators.plan_words import LONGEST_CATEGORY
from indicators.titles import Retitled
from trail.history import tracked

DIRECTLY = 0
"""The position of the measure that stands for what lies directly under a goal."""


def symbol_key(symbol: str) -> str:
    """Return what identifies the symbol of a group: （Ａ）, A and Ａ are the same, and ア and ｱ."""
    return normalize("NFKC", symbol).strip("() ")


class MeasureGroup(InForce, Retitled):
    """施策の区分: （ア）, （イ）…

    Without symbol and title it means "no group": it holds the measures directly under the goal, and
    nothing is shown in its place (docs/decisions/0023).
    """

    goal = models.ForeignKey(
        BasicGoal, verbose_name="基本目標", on_delete=models.CASCADE, related_name="measure_groups"
    )
    position = models.PositiveSmallIntegerField("並び順", validators=[MinValueValidator(1)])
    symbol = models.CharField(
        "記号",
        max_length=4,
        blank=True,
        help_text="例：ア（かっこは付けません）。区分のない計画では、記号も名称も空欄にします。",
    )
    title = models.CharField("名称", max_length=200, blank=True)
    history = tracked()

    plan_path = "goal__strategy"

    class Meta:
        verbose_name = "施策の区分"
        verbose_name_plural = "施策の区分"
        ordering = ["goal", "position"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "symbol"], name="group_symbol_once_per_goal"),
            models.UniqueConstraint(
                fields=["goal", "position"], name="group_position_once_per_goal"
            ),
        ]

    def __str__(self) -> str:
        if not self.symbol:
            return f"{self.goal.position}（{self.goal.strategy.wording.group}なし）"
        return f"{self.goal.position}{in_brackets(self.symbol)}{self.title}"

    def clean(self) -> None:
        """Refuse a symbol that cannot be in an address, and one that reads like another's."""
        if bool(self.symbol) != bool(self.title):
            name, other = ("title", "記号") if self.symbol else ("symbol", "名称")
            label = "名称" if self.symbol else "記号"
            raise ValidationError(
                {
                    name: f"{other}「{self.symbol or self.title}」に、{label}がありません。"
                    f"{label}を入力するか、区分のない施策にするときは{other}も空欄にしてください。"
                }
            )
        if self.symbol and not re.fullmatch(r"\w+", self.symbol):
            raise ValidationError(
                {
                    "symbol": f"記号「{self.symbol}」は、画面のアドレスに使えません。"
                    "「ア」「A」「1」のように、かな、漢字、英字、数字だけで入力してください。"
                }
            )
        if self.goal_id is None:
            return
        others = self.goal.measure_groups.exclude(pk=self.pk).values_list("symbol", flat=True)
        alike = [one for one in others if symbol_key(one) == symbol_key(self.symbol)]
        if alike and self.symbol not in alike:
            raise ValidationError(
                {
                    "symbol": f"記号「{self.symbol}」は、全角と半角の違いだけで、同じ基本目標の"
                    f"「{alike[0]}」と同じです。別の記号にしてください。"
                }
            )


class Measure(InForce, Retitled, Carried):
    """具体的施策.

    Number 0 without a title, in the group without a symbol, stands for "directly under the goal":
    it holds the KPIs and projects that belong to no measure, and nothing is shown in its place.
    """

    group = models.ForeignKey(
        MeasureGroup, verbose_name="施策の区分", on_delete=models.CASCADE, related_name="measures"
    )
    position = models.PositiveSmallIntegerField("番号")
    title = models.CharField("名称", max_length=200, blank=True)
    history = tracked()

    plan_path = "group__goal__strategy"

    class Meta:
        verbose_name = "具体的施策"
        verbose_name_plural = "具体的施策"
        ordering = ["group", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "position"], name="measure_position_once_per_group"
            )
        ]

    def __str__(self) -> str:
        if self.position == DIRECTLY:
            return f"{self.code} （{self.strategy.wording.goal}の直下）"
        return f"{self.code} {self.title}"

    @property
    def code(self) -> str:
        """The place in the plan as in URLs: 1-ア-1; 1-1 without a group."""
        return place_of(self.group.goal.position, self.group.symbol, self.position)

    @property
    def strategy(self) -> Strategy:
        return self.group.goal.strategy

    def clean(self) -> None:
        """Refuse a measure without a number or title, unless it stands for neither."""
        self.clean_carried()
        if self.position is None or self.group_id is None:
            return
        if self.position == DIRECTLY and self.title:
            raise ValidationError(
                {"position": f"施策「{self.title}」の番号が0です。1以上の番号を入力してください。"}
            )
        if self.position == DIRECTLY and self.group.symbol:
            raise ValidationError(
                {
                    "position": "番号0は、基本目標の直下を表します。記号のない区分で使うか、"
                    "1以上の番号と名称を入力してください。"
                }
            )
        if self.position != DIRECTLY and not self.title:
            raise ValidationError(
                {"title": f"番号{self.position}の施策の名称がありません。名称を入力してください。"}
            )


class Project(InForce, Carried):
    """具体的事業: a row under a measure. A row may re-list a project of another measure.

    `category` is one of the 区分 that the plan has (indicators/plan_words.py), or "".
    """

    measure = models.ForeignKey(
        Measure, verbose_name="具体的施策", on_delete=models.CASCADE, related_name="projects"
    )
    position = models.PositiveSmallIntegerField("順番", validators=[MinValueValidator(1)])
    category = models.CharField("区分", max_length=LONGEST_CATEGORY, blank=True)
    name = models.CharField("事業名", max_length=200, help_text="（再掲）は付けません。")
    content = models.CharField("内容", max_length=300, blank=True)
    implementer = models.CharField(
        "実施主体", max_length=200, blank=True, help_text="市の事業は空欄にします。"
    )
    section = models.ForeignKey(
        Section,
        verbose_name="担当課",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="projects",
    )
    budget_item = models.CharField(
        "予算科目", max_length=80, blank=True, help_text="例：3款2項1目 児童福祉総務費"
    )
    relisted_from = models.ForeignKey(
        "self",
        verbose_name="再掲元",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="relistings",
        help_text="再掲の場合に、最初に掲げた事業を選びます。",
    )
    history = tracked()

    plan_path = "measure__group__goal__strategy"

    class Meta:
        verbose_name = "具体的事業"
        verbose_name_plural = "具体的事業"
        ordering = ["measure", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "position"], name="project_position_once_per_measure"
            ),
            models.CheckConstraint(
                condition=Q(relisted_from__isnull=True) | ~Q(relisted_from=F("id")),
                name="project_not_relisted_from_itself",
                violation_error_message="再掲元に、その事業自身を選ぶことはできません。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure.code} {self.position} {self.name}"

    @property
    def strategy(self) -> Strategy:
        return self.measure.strategy

    def clean(self) -> None:
        self.clean_carried()
        if self.measure_id is not None:
            self._check_category()
        self._check_section()
        home = self.relisted_from
        if home is None:
            return
        if home.relisted_from_id is not None:
            raise ValidationError(
                {
                    "relisted_from": f"「{home.name}」（{home.measure.code}）は、"
                    "それ自体が再掲です。"
                    "最初に掲げた事業を選んでください。"
                }
            )
        if self.pk and self.relistings.exists():
            raise ValidationError(
                {
                    "relisted_from": f"「{self.name}」は、ほかの施策に再掲されています。"
                    "再掲にするには、先にそれらの再掲元を変えてください。"
                }
            )
        if home.measure.strategy != self.measure.strategy:
            raise ValidationError(
                {
                    "relisted_from": f"「{home.name}」は別の総合戦略の事業です。"
                    "同じ総合戦略の事業を選んでください。"
                }
            )

    def _check_section(self) -> None:
        """Raise ValidationError for a section that is closed. One that it has already may stay."""
        if self.section is None or self.section.is_active:
            return
        stored = Project.objects.filter(pk=self.pk).first() if self.pk else None
        if stored is None or stored.section_id != self.section.pk:
            raise ValidationError(
                {
                    "section": f"「{self.section}」は、使用中でない課です。"
                    "事業を引き継いだ課にしてください。"
                }
            )

    def _check_category(self) -> None:
        """Raise ValidationError for a 区分 that the plan does not have."""
        words = self.measure.strategy.wording
        if self.category and self.category not in words.category_names:
            names = "".join(f"「{name}」" for name in words.category_names)
            blank = f"（空欄は{words.uncategorised}）" if words.uncategorised else "か空欄"
            raise ValidationError(
                {
                    "category": f"{words.category}「{self.category}」は、この計画にありません。"
                    f"{names}のどれか{blank}にしてください。"
                }
            )
