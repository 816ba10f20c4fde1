"""The base models of 数値目標, KPI and 年度別目標値: how a plan lists an indicator."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from indicators.in_force import InForce
from indicators.models import DIGITS, Indicator
from indicators.rules.chosen_grades import ChosenGrade
from indicators.rules.narrowing_types import given
from indicators.rules.sentences import Reading, read_sentence
from indicators.rules.targets import (
    A_SUM,
    Period,
    Reference,
    TargetSpec,
    check_target,
    years_that_add_nothing,
)
from indicators.rules.terms import (
    KINDS_WITHOUT_NUMBER,
    PREVIOUS_YEAR,
    TARGET_AWAITED,
    TARGET_NOT_TYPED,
    WITH_REFERENCE,
    BaselineKind,
    Direction,
    Kind,
    Relation,
    choices_of,
    relation_in_words,
)
from japanese.fiscal_years import full_label
from japanese.numerals import find_numbers, needed_decimals, plain

_WITHOUT_NUMBER = Q(kind__in=[kind.value for kind in KINDS_WITHOUT_NUMBER])


class ListedTarget(models.Model):
    """What a plan says about a listing: the official sentence and its reading.

    The base of a listing, whose row has what holds now, and of its earlier versions.
    """

    name = models.CharField(
        "記載名", max_length=200, help_text="計画に書かれているとおりの名称。全角数字も直しません。"
    )
    sentence = models.CharField(
        "目標の文言",
        max_length=300,
        blank=True,
        help_text="計画に書かれているとおりの文言。参考指標で文言がなければ、空欄にします。",
    )
    kind = models.CharField("種類", max_length=12, choices=choices_of(Kind))
    direction = models.CharField("改善の方向", max_length=4, choices=choices_of(Direction))
    target = models.DecimalField(
        "目標値",
        null=True,
        blank=True,
        help_text="単位は指標の単位（円など）です。参考指標と記述目標では空欄にします。",
        **DIGITS,
    )
    relation = models.CharField(
        "比べる値",
        max_length=24,
        choices=choices_of(Relation),
        blank=True,
        help_text="「前年度を上回る」「全国平均以上」のように、数のない目標だけ。種類は毎年度とし、"
        "目標値は空欄にします。改善の方向が「少ない（低い）ほどよい」なら、以下・下回る目標です。",
    )
    reference = models.ForeignKey(
        Indicator,
        verbose_name="比べる指標",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="「比べる値」が「比べる指標の値…」の目標だけ。全国平均や県平均も一つの指標として登録し、"
        "その実績値を毎年度入力します。単位は、この指標と同じでなければなりません。",
    )
    upper = models.DecimalField(
        "目標値の上限",
        null=True,
        blank=True,
        help_text="「20～30」のような範囲の目標だけ。目標値に小さい方（20）、ここに大きい方（30）を"
        "入力します。",
        **DIGITS,
    )
    target_year = models.PositiveSmallIntegerField(
        "目標年度",
        null=True,
        blank=True,
        help_text="目標値に届かせる年度。計画の最後の年度より前でも後でもかまいません。"
        "空欄なら、計画の最後の年度です。例：令和10年度、R10、2028",
    )
    baseline = models.DecimalField("基準値", null=True, blank=True, **DIGITS)
    baseline_year = models.PositiveSmallIntegerField(
        "基準値の年度", null=True, blank=True, help_text="西暦。分からなければ空欄。"
    )
    baseline_kind = models.CharField(
        "基準値の種類",
        max_length=16,
        choices=choices_of(BaselineKind),
        blank=True,
        help_text="現状値だけが、目安値を引く起点になります。",
    )
    tolerance = models.DecimalField(
        "許容幅",
        default=0,
        validators=[MinValueValidator(0)],
        help_text="基準値からこの幅までの悪化は、後退としません（調査の誤差など）。",
        **DIGITS,
    )
    doubts = models.TextField("読み方の疑問点", blank=True, help_text="一行に一つ。")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="読み方を確認した人",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(
        "読み方を確認した日時", null=True, blank=True, editable=False
    )

    from_fiscal_year = models.PositiveSmallIntegerField(
        "適用する最初の年度",
        null=True,
        blank=True,
        editable=False,
        help_text="計画の改訂で変えた内容を適用する最初の年度。空欄なら、計画の初めから。",
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=(_WITHOUT_NUMBER & Q(relation="", target__isnull=True))
                | (~_WITHOUT_NUMBER & Q(relation="", target__isnull=False))
                | (~_WITHOUT_NUMBER & ~Q(relation="") & Q(target__isnull=True)),
                name="%(class)s_target_fits_kind",
                violation_error_message=(
                    "目標値は、種類が「参考指標」か「記述目標」の指標と、前年度や別の指標の値と比べる目標では"
                    "空欄にし、"
                    "ほかの目標では入力してください。"
                ),
            ),
            models.CheckConstraint(
                condition=Q(relation__in=["reference", "beyond_reference"], reference__isnull=False)
                | (~Q(relation__in=["reference", "beyond_reference"]) & Q(reference__isnull=True)),
                name="%(class)s_reference_fits_relation",
                violation_error_message=(
                    "比べる指標は、「比べる値」が「比べる指標の値…」の目標で選び、"
                    "ほかの目標では空欄にしてください。"
                ),
            ),
            models.CheckConstraint(
                condition=~Q(kind="total") | Q(direction="up", target__gt=0),
                name="%(class)s_total_is_up_and_positive",
                violation_error_message=(
                    "種類が「期間累計」の目標は、改善の方向を「多い（高い）ほどよい」、"
                    "目標値を0より大きい数にしてください。"
                ),
            ),
            models.CheckConstraint(
                condition=Q(baseline__isnull=True, baseline_kind="")
                | (Q(baseline__isnull=False) & ~Q(baseline_kind="")),
                name="%(class)s_baseline_has_a_kind",
                violation_error_message=(
                    "基準値と基準値の種類は、両方入力するか、両方空欄にしてください。"
                ),
            ),
        ]

    @property
    def is_confirmed(self) -> bool:
        """Whether a person confirmed the reading; otherwise the listing is not judged."""
        return self.confirmed_at is not None

    @property
    def awaits_target(self) -> bool:
        """Whether nobody has typed sentence and target yet; only in a plan that is 作成中."""
        return awaits_target(self.kind, self.relation, self.sentence)

    def clean_fields(self, exclude: Any = None) -> None:
        """Check the fields; TARGET_AWAITED is among no choices, because nobody chooses it."""
        left_out = {"relation"} if self.relation == TARGET_AWAITED else set()
        super().clean_fields(exclude={*(exclude or ()), *left_out})


def awaits_target(kind: str, relation: str, sentence: str) -> bool:
    """Return whether a listing with these fields has no sentence and target yet.

    A 参考指標 has none at all and awaits none.
    """
    return relation == TARGET_AWAITED or (kind == Kind.DESCRIBED and not sentence)


def await_target(said: ListedTarget) -> None:
    """Take sentence and target from a listing until somebody types them; kind and side stay."""
    said.sentence, said.target, said.upper, said.target_year = "", None, None, None
    said.reference = said.confirmed_by = said.confirmed_at = None
    said.relation = "" if said.kind in KINDS_WITHOUT_NUMBER else TARGET_AWAITED


class Listing(InForce, ListedTarget):
    """How a plan lists an indicator: the official sentence and its reading.

    The base of goals.NumericTarget and kpis.KPI. A subclass has a foreign key to its place (`goal`
    or `measure`), a property `strategy` and a related name `yearly_targets`. `plan_path` is the
    lookup of its strategy in a query, `place_paths` those of the parts of its place (see
    indicators/listing_rows.py).
    """

    plan_path: str
    place_paths: dict[str, str]

    position = models.PositiveSmallIntegerField("番号", validators=[MinValueValidator(1)])
    part = models.CharField(
        "番号の枝",
        max_length=1,
        blank=True,
        validators=[
            RegexValidator(r"^[a-z]$", "番号の枝は、半角の「a」「b」のように入力してください。")
        ],
        help_text="「45社、3,200人」のように、一つの文言に数が二つある目標だけ。同じ番号で、"
        "一つ目の数の指標を「a」、二つ目を「b」とします。",
    )
    indicator = models.ForeignKey(
        Indicator, verbose_name="指標", on_delete=models.PROTECT, related_name="%(class)ss"
    )
    replaced_by = models.ForeignKey(
        "self",
        verbose_name="代わりの指標",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="replaces",
    )

    class Meta(ListedTarget.Meta):
        abstract = True
        ordering = ["position", "part"]

    def __str__(self) -> str:
        return f"{self.place_label} {self.name}"

    @property
    def number(self) -> str:
        """The number within the goal or measure: 2, or 2a where a sentence has two numbers."""
        return f"{self.position}{self.part}"

    @property
    def strategy(self) -> Any:
        """The plan that lists the indicator."""
        raise NotImplementedError

    @property
    def has_place(self) -> bool:
        """Whether the goal or measure above is set; a faulty form leaves it out."""
        above = self.plan_path.split("__")[0]
        return getattr(self, f"{above}_id") is not None

    @property
    def place_label(self) -> str:
        """The place in the plan, such as 数値目標1-2 or KPI1-ア-1-2."""
        raise NotImplementedError

    def _check_part(self) -> None:
        """Raise ValidationError if a number stands both with and without parts."""
        above = f"{self.plan_path.split('__')[0]}_id"
        parent = getattr(self, above)
        if parent is None or self.position is None:
            return
        same = type(self)._default_manager.filter(**{above: parent}, position=self.position)
        for other in same.exclude(pk=self.pk):
            if bool(other.part) != bool(self.part):
                raise ValidationError(
                    {
                        "part": f"番号{self.position}には「{other.name}」が"
                        f"{f'枝「{other.part}」で' if other.part else '枝なしで'}あります。"
                        "枝を付けるか外して揃えるか、別の番号にしてください。"
                    }
                )

    def validate_constraints(self, exclude: Any = None) -> None:
        """Check the constraints, and that parts of one number are not mixed with one without."""
        super().validate_constraints(exclude)
        self._check_part()

    def _settle_awaiting(self) -> None:
        """Let the listing of a draft wait for its target as long as none of it is filled in."""
        is_said = any(getattr(self, name) not in (None, "") for name in _SAID_OF_TARGET)
        if self.relation == TARGET_AWAITED and is_said:
            self.relation = ""
        elif not (self.relation or is_said or self.kind in KINDS_WITHOUT_NUMBER):
            self.relation = TARGET_AWAITED if self.strategy.is_draft else ""

    def clean(self) -> None:
        """Check the reading by the rules of progress, field by field."""
        if self.indicator_id is None or not (self.kind and self.direction and self.has_place):
            return  # a required field is missing and has its own message
        self._settle_awaiting()
        if self.awaits_target and (self.relation == TARGET_AWAITED or self.strategy.is_draft):
            check_awaiting(self)
        else:
            check_presence(self)
            check_reading(self, {})
        for field in ("target", "upper", "baseline", "tolerance"):
            value = getattr(self, field)
            if value is not None and needed_decimals(value) > self.indicator.decimals:
                label = cast(models.Field, self._meta.get_field(field)).verbose_name
                raise ValidationError(
                    {
                        field: f"{label}「{plain(value)}」の小数点以下の桁数が多すぎます。"
                        f"この指標は小数点以下{self.indicator.decimals}桁までです。"
                    }
                )


def check_presence(said: ListedTarget) -> None:
    """Raise ValidationError if sentence or target is missing, or if a kind cannot have the target.

    A 参考指標 has no target at all, a 記述目標 only words and a year.
    """
    errors = {}
    lacks_number = said.kind in KINDS_WITHOUT_NUMBER
    word = Kind(said.kind).label if lacks_number else ""
    if lacks_number and said.relation:
        what = "目標" if said.kind == Kind.MONITOR else "比べる値"
        errors["relation"] = (
            f"種類「{word}」には{what}がありません。「比べる値」を空欄にするか、"
            "種類を選び直してください。"
        )
    elif lacks_number and said.reference_id is not None:
        errors["reference"] = (
            f"種類「{word}」には比べる値がありません。「比べる指標」を空欄にするか、"
            "種類を選び直してください。"
        )
    if lacks_number:
        for name in ("target", "upper", *(("target_year",) if said.kind == Kind.MONITOR else ())):
            if getattr(said, name) is not None:
                label = cast(models.Field, said._meta.get_field(name)).verbose_name
                errors[name] = (
                    f"種類「{word}」には{label}がありません。"
                    f"{label}を空欄にするか、種類を選び直してください"
                    f"（入力値：{plain(Decimal(getattr(said, name)))}）。"
                )
    else:
        if said.relation and said.target is not None:
            errors["target"] = (
                f"{_compared(said)}の値と比べる目標には、目標値がありません。目標値か「比べる値」を"
                f"空欄にしてください（入力値：{plain(said.target)}）。"
            )
        if said.target is None and not said.relation:
            errors["target"] = (
                f"目標値を入力してください。目標値のない指標は、種類で「{Kind.MONITOR.label}」を"
                "選んでください。目標が数でなく言葉であれば、"
                f"「{Kind.DESCRIBED.label}」を選んでください。"
            )
    if said.kind != Kind.MONITOR and not said.sentence:
        errors["sentence"] = "目標の文言を入力してください。"
    if errors:
        raise ValidationError(errors)


_SAID_OF_TARGET = ("sentence", "target", "upper", "target_year", "reference")


def check_awaiting(listing: Listing) -> None:
    """Raise ValidationError if a listing cannot wait for its target.

    It can in a plan that is 作成中, as long as no field of the target is filled in.
    """
    if not listing.strategy.is_draft:
        raise ValidationError(
            {
                "target": f"{TARGET_NOT_TYPED}の指標は、作成中の計画にだけ置けます。"
                "目標の文言と目標値を入力してください。目標のない指標は、"
                f"種類で「{Kind.MONITOR.label}」を選んでください。"
            }
        )
    if listing.kind in KINDS_WITHOUT_NUMBER:
        for name in ("target", "upper", "relation"):
            if getattr(listing, name) not in (None, ""):
                check_presence(listing)


def _compared(said: ListedTarget) -> str:
    return "別の指標" if said.relation in WITH_REFERENCE else "前年度"


def doubts_in(text: str) -> list[str]:
    """Return the doubts in a text with one per line."""
    return [line for line in text.splitlines() if line.strip()]


def target_spec(
    listing: Any,
    yearly_targets: Mapping[int, Decimal],
    targets: Mapping[int, Decimal] | None = None,
    grades: Mapping[int, ChosenGrade] | None = None,
) -> TargetSpec:
    """Return the input of judgement.py for a listing.

    Takes a Listing or an object with its fields, such as a node of the tree, and the 年度別目標値
    and, for a 記述目標, the grades by year. Only a measured baseline starts a path; none leads into
    a range.
    """
    starts_path = listing.baseline_kind == BaselineKind.MEASURED and listing.upper is None
    return TargetSpec(
        kind=listing.kind,
        direction=listing.direction,
        target=Decimal(0) if listing.target is None else listing.target,
        baseline=listing.baseline if starts_path else None,
        tolerance=listing.tolerance,
        decimals=listing.indicator.decimals,
        unit=listing.indicator.unit,
        carry_years=listing.indicator.carry_years,
        running_total=listing.indicator.running_total,
        yearly_targets=yearly_targets,
        target_year=listing.target_year,
        shown_unit=listing.indicator.shown_unit,
        shown_factor=listing.indicator.display_factor,
        lower=None if listing.upper is None else listing.target,
        upper=listing.upper,
        relation="" if listing.relation == TARGET_AWAITED else listing.relation,
        reference=_reference(listing),
        targets=targets or {},
        grades=grades or {},
    )


def _reference(listing: Any) -> Reference | None:
    """Return the indicator that a target is compared with."""
    other, own = listing.reference, listing.indicator
    if other is None:
        return None
    return Reference(other.name, other.unit, other.running_total, is_own=other.code == own.code)


def aim_in_words(said: Any) -> str:
    """Return what a relative target asks for: 前年度の値を上回る; "" for another target.

    Takes a Listing, a version or an object with their fields.
    """
    if not said.relation or said.relation == TARGET_AWAITED:
        return ""
    compared = said.reference.name if said.reference else PREVIOUS_YEAR
    return relation_in_words(said.relation, said.direction, compared)


def check_reading(
    listing: Any, yearly_targets: Mapping[int, Decimal], period: Period | None = None
) -> None:
    """Raise ValidationError, by field, if the reading breaks a rule (docs/progress.md).

    `listing` is a Listing or an earlier version; `period` is the plan's (None: the newest one).
    """
    period = period or period_of(listing)
    if listing.awaits_target:
        if yearly_targets:
            raise ValidationError(
                f"{TARGET_NOT_TYPED}の指標には、年度別目標値を置けません。目標の文言と目標値も"
                "入力してください。"
            )
        return
    problems = check_target(target_spec(listing, yearly_targets), period)
    if yearly_targets and listing.kind in KINDS_WITHOUT_NUMBER:
        problems.append(
            (
                "yearly_targets",
                f"種類「{Kind(listing.kind).label}」には年度別目標値がありません。"
                "年度別目標値を削除するか、種類を選び直してください。",
            )
        )
    problems += _yearly_problems(yearly_targets, period, listing.indicator.decimals)
    known = {field.name for field in listing._meta.get_fields()}
    errors: dict[str, list[str]] = {}
    for field, message in problems:
        errors.setdefault(field if field in known else "__all__", []).append(message)
    if errors:
        raise ValidationError(errors)


def period_of(listing: Any) -> Period:
    """Return the years of the plan in which it has a listing, to the end of the plan."""
    strategy = listing.strategy
    first = max(strategy.first_fiscal_year, listing.first_fiscal_year or 0)
    return Period(min(first, strategy.last_fiscal_year), strategy.last_fiscal_year)


def question_about_sums(listing: Listing, yearly_targets: dict[int, Decimal]) -> str:
    """Return what to ask about 年度別目標値 of a total that do not grow; "" for nothing."""
    spec = target_spec(listing, yearly_targets)
    years = years_that_add_nothing(spec, period_of(listing))
    if not years:
        return ""
    named = "、".join(f"{full_label(year)}「{plain(yearly_targets[year])}」" for year in years)
    return (
        f"年度別目標値が、前の年度と同じです（{named}）。期間累計の目標では、"
        f"その年度だけの数ではなく、{A_SUM}を入力します。"
    )


def contradictions(listing: Listing) -> list[tuple[str, str]]:
    """Return where a reading contradicts its sentence, as pairs of field and message.

    It may still be right if somebody writes the reason into `doubts`; then there are none.
    What the sentence itself leaves open is compared by its number only.
    """
    reading = read_sentence(listing.sentence, listing.name)
    if listing.awaits_target or set(doubts_in(listing.doubts)) - set(reading.doubts):
        return []
    found = []
    if listing.kind == Kind.DESCRIBED:
        return []  # its words may name numbers; a person judges them
    no_side = listing.kind == Kind.MONITOR or listing.upper is not None
    names = ("kind", "target") if no_side else ("kind", "direction", "target")
    for name in ("target",) if reading.doubts else names:
        read, stands = getattr(reading, name), getattr(listing, name)
        if read is None or read == stands:
            continue
        field = cast(models.Field, listing._meta.get_field(name))
        labels = dict(field.flatchoices)
        words = ["空欄" if one is None else labels.get(one) or plain(one) for one in (stands, read)]
        found.append(
            (
                name,
                f"{field.verbose_name}「{words[0]}」は、目標の文言「{listing.sentence}」から"
                f"読み取れる「{words[1]}」と違います。文言か{field.verbose_name}を直すか、"
                f"{_OR_A_REASON}",
            )
        )
    due, named = listing.target_year or period_of(listing).last, reading.target_year
    if named not in (None, due) and not reading.doubts:
        found.append(
            (
                "target_year",
                f"目標年度「{full_label(due)}」は、目標の文言「{listing.sentence}」から読み取れる"
                f"「{full_label(given(named))}」と違います。文言か目標年度を直すか、{_OR_A_REASON}",
            )
        )
    written = {number.value for number in find_numbers(listing.sentence)}
    for name, label in (("target", "目標値"), ("upper", "目標値の上限")):
        stands = getattr(listing, name)
        if reading.target is not None or not written or stands is None or stands in written:
            continue
        found.append(
            (
                name,
                f"{label}「{plain(stands)}」は、目標の文言「{listing.sentence}」にない数です。"
                f"文言か{label}を直すか、{_OR_A_REASON}",
            )
        )
    return found


def proposed_target_year(reading: Reading, plan: Any) -> int | None:
    """Return the target year that a sentence names; None if it is the plan's last or too early."""
    year = reading.target_year
    is_proposed = year is not None and year >= plan.first_fiscal_year
    return year if is_proposed and year != plan.last_fiscal_year else None


_OR_A_REASON = "違ってよい理由を「読み方の疑問点」に書いてください。"


def _yearly_problems(
    yearly_targets: Mapping[int, Decimal], period: Period, decimals: int
) -> list[tuple[str, str]]:
    """Return problems that check_target ignores: years outside the plan, too many decimals."""
    problems = []
    for year, value in yearly_targets.items():
        if year not in period:
            problems.append(
                f"{year}年度の年度別目標値は、計画の期間（{full_label(period.first)}から"
                f"{full_label(period.last)}まで）の外です。年度を直すか、削除してください。"
            )
        if needed_decimals(value) > decimals:
            problems.append(
                f"{year}年度の年度別目標値「{plain(value)}」の小数点以下の桁数が多すぎます。"
                f"この指標は小数点以下{decimals}桁までです。"
            )
    return [("yearly_targets", message) for message in problems]


class YearlyTarget(models.Model):
    """年度別目標値: the expected value of one year of a listing, instead of the linear path."""

    fiscal_year = models.PositiveSmallIntegerField("年度", help_text="西暦。")
    value = models.DecimalField("年度別目標値", **DIGITS)

    class Meta:
        abstract = True
        ordering = ["fiscal_year"]
        verbose_name = "年度別目標値"
        verbose_name_plural = "年度別目標値"

    def __str__(self) -> str:
        return f"{full_label(self.fiscal_year)} {plain(self.value)}"


class PlanningOutlook(models.Model):
    """企画の見込み: what planning itself expects of a listing, as of a year. No judgement uses it.

    A subclass has a foreign key `listing`.
    """

    fiscal_year = models.PositiveSmallIntegerField(
        "時点の年度", help_text="西暦。この年度までの実績で書いた見込み。"
    )
    value = models.DecimalField(
        "見込みの値",
        null=True,
        blank=True,
        help_text="目標年度の値（期間累計では、計画の初年度からの累計）。指標の単位で。",
        **DIGITS,
    )
    text = models.CharField("見込みの説明", max_length=300, blank=True)

    class Meta:
        abstract = True
        ordering = ["fiscal_year"]
        verbose_name = "企画の見込み"
        verbose_name_plural = "企画の見込み"

    def __str__(self) -> str:
        return f"{full_label(self.fiscal_year)}時点の企画の見込み"

    def clean(self) -> None:
        """Check that it says something, of a year of the plan, with the indicator's decimals."""
        if self.value is None and not self.text.strip():
            raise ValidationError(
                "企画の見込みは、見込みの値か見込みの説明を入力してください。"
                "不要であれば、行を削除してください。"
            )
        listing: Listing = self.listing  # type: ignore[attr-defined]  # of the subclass
        if listing.indicator_id is None:
            return
        if self.fiscal_year is not None and self.fiscal_year not in period_of(listing):
            period = period_of(listing)
            raise ValidationError(
                {
                    "fiscal_year": f"時点の年度「{self.fiscal_year}」は、計画の期間"
                    f"（{full_label(period.first)}から{full_label(period.last)}まで）の外です。"
                    "計画の期間の年度を西暦で入力してください。"
                }
            )
        decimals = listing.indicator.decimals
        if self.value is not None and needed_decimals(self.value) > decimals + 1:
            raise ValidationError(
                {
                    "value": f"見込みの値「{plain(self.value)}」の小数点以下の桁数が多すぎます。"
                    f"この指標の見込みは小数点以下{decimals + 1}桁までです。"
                }
            )
