"""The form to choose a report (year, goal, section, as-of day), and the reports on offer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from indicators.choice_field import OneOf
from indicators.plan_words import Words
from indicators.typed_fields import DayField
from japanese.calendar_days import day_label, not_after
from japanese.fiscal_years import full_label
from plans.narrowing import NotInPlan, narrow, section_named, sections_in
from plans.nodes import GoalNode, StrategyTree
from plans.tree import StrategyNotYetThere, read_tree

ALL = "すべて"
SCOPE = ("as_of", "goal", "section")


class ReportChoice(forms.Form):
    """The scope of the report. Empty fields mean the newest year, today, all goals and sections."""

    year = OneOf(label="対象年度", coerce=int, empty_value=None)
    goal = forms.CharField(required=False, widget=forms.Select)
    section = forms.CharField(label="担当課", required=False, widget=forms.Select)
    as_of = DayField(
        label="いつの時点のデータか",
        required=False,
        help_text="例：2018-06-30、平成30年6月30日。空欄のときは、今のデータです。",
    )

    def __init__(
        self, asked: QueryDict, code: str, words: Mapping[str, str], *, drafts: bool = False
    ) -> None:
        """Raises StrategyNotFound for an unknown code; that of a draft is known with `drafts`."""
        self._read = partial(read_tree, code, words=words, drafts=drafts)
        self.tree = self._whole = self._read()
        years = [(str(year), full_label(year)) for year in self._whole.whole_period]
        data = asked.copy()
        if not data.get("year", "").strip():
            data["year"] = str(self._whole.fiscal_year)
        super().__init__(data, use_required_attribute=False)
        plan_words = self._whole.words
        self.fields["goal"].label = plan_words.goal
        about = "担当する指標、実績値を入力する指標と、その{}を載せます。"
        self.fields["section"].help_text = about.format(plan_words.measure_short)
        cast(forms.ChoiceField, self.fields["year"]).choices = list(years)
        self.is_valid()
        self._offer("year", years)
        self._offer(
            "goal",
            [("", ALL), *((str(goal.position), _goal_label(goal)) for goal in self._whole.goals)],
        )
        self._offer("section", [("", ALL), *sections_in(self._whole).items()])

    def clean_as_of(self) -> date | None:
        day = self.cleaned_data["as_of"]
        try:
            return day and not_after(day, timezone.localdate())
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        if (data["year"], data["as_of"]) != (self._whole.fiscal_year, None):
            try:
                self._whole = self._read(data["year"], as_of=data["as_of"])
            except StrategyNotYetThere as error:
                self.add_error("as_of", _not_yet(data["as_of"], error.since))
                return data
        try:
            goal = int(data["goal"]) if data["goal"] else None
            self.tree = narrow(
                self._whole, goal=goal, section=section_named(self._whole, data["section"])
            )
        except NotInPlan as error:
            self.add_error("section" if data["section"] else "goal", f"{error}選び直してください。")
        except ValueError:
            word = self._whole.words.goal
            self.add_error("goal", f"{word}を一覧から選び直してください。")
        return data

    def query(self) -> str:
        """Return a valid choice as the query string for the address of a file."""
        data = self.cleaned_data
        asked = {"year": self.tree.fiscal_year, **{name: data[name] for name in SCOPE}}
        return "?" + urlencode({name: value for name, value in asked.items() if value})

    def _offer(self, name: str, options: list[tuple[str, str]]) -> None:
        """Set the options of a field; a requested value that is not among them is added."""
        asked = self.data.get(name, "").strip()
        if asked and asked not in dict(options):
            options.append((asked, asked))
        cast(forms.Select, self.fields[name].widget).choices = options


@dataclass(frozen=True)
class Offer:
    """A paper or file: its purpose, and its formats, each with the name of its URL pattern.

    An `internal` one also has what nobody has confirmed yet: readers do not see it.
    """

    name: str
    purpose: str
    forms: tuple[tuple[str, str], ...]
    internal: bool = False


EXCEL, PAGE = "Excelで受け取る", "印刷用の画面を開く"

OFFERS = (  # {0} are the words of the plan
    Offer(
        "検証報告書",
        "監査と検証に使います。目安値、率、判定が計算式で入り、だれがいつ入力し、何を変えたかまで、一つのブックでたどれます。",
        (("year_workbook", EXCEL),),
    ),
    Offer(
        "評価シート",
        "内部評価に使います。{0.goal}の{0.numeric_target}と、{0.measure}ごとに1枚で、自己評価、有識者会議の意見、次年度の方針を書き込めます。印刷用で、書いたものは取り込めません。",
        (("measures_xlsx", EXCEL),),
    ),
    Offer(
        "有識者会議資料",
        "外部評価の会議で配ります。{0.goal}ごとの一覧表で、すべての指標の値、判定、説明を載せます（A3横）。",
        (("council_paper", PAGE), ("council_xlsx", EXCEL)),
    ),
    Offer(
        "議会資料",
        "議会への説明に使います。{0.goal}ごとにページを改め、件数、{0.numeric_target}、遅れている指標とその理由、進んだ指標を載せます（A4縦）。",
        (("assembly_paper", PAGE), ("assembly_xlsx", EXCEL)),
    ),
    Offer(
        "主要な施策の成果を説明する書類",
        "決算を議会の認定に付すときに使います（地方自治法第233条第5項）。{0.measure}ごとに、{0.project}の予算額、決算額、財源内訳と成果、{0.kpi_short}、内部評価を載せます。確認したものだけを載せます（A4縦）。",
        (("settlement_paper", PAGE), ("settlement_xlsx", EXCEL)),
    ),
    Offer(
        "検証調書（案）",
        "検証調書を確定する前の決裁に使います。確定すると載るものを、「案」と示して、同じ形で載せます（A4縦）。確定した号は、「検証調書」の画面から印刷します。",
        (("review_edition_draft_paper", PAGE), ("review_edition_draft_xlsx", EXCEL)),
        internal=True,
    ),
    Offer(
        "交付金の検証",
        "国への報告に使います。交付金ごとに、事業、交付額、{0.kpi_short}の目標と実績、効果、今後の方針、外部有識者の意見を載せます（画面はA4縦、ExcelはA3横）。",
        (("review_grants_paper", PAGE), ("review_grants_xlsx", EXCEL)),
        internal=True,
    ),
    Offer(
        "図表集",
        "資料に図を添えるときに使います。すべての指標の推移の図を、{0.goal}ごとに、目標の文言、判定とともに載せます（A4縦、1ページに4つから6つ）。",
        (("chart_collection", PAGE),),
    ),
    Offer(
        "説明用の画面",
        "推進本部や有識者会議で映して説明します。件数、{0.goal}ごとの{0.numeric_target}、遅れている指標とその理由、改善した指標を、1ページずつ大きな文字で示します（A4横に印刷できます）。",
        (("slides", "画面を開く"),),
    ),
    Offer(
        "データ",
        "集計やほかのシステムに使います。一つの値が一行で、基準値、目標値、目安値、実績値と判定を載せます。一式には、実績値（全年度）と説明も入ります。",
        (
            ("data_csv", "CSVで受け取る"),
            ("data_xlsx", EXCEL),
            ("data_json", "JSONで受け取る"),
            ("data_zip", "一式をZIPで受け取る"),
        ),
    ),
    Offer(
        "実績値（全年度）",
        "推移の分析に使います。指標ごと、年度ごとに一行です。計画期間の外の値も載せます。",
        (("actuals_csv", "CSVで受け取る"), ("actuals_xlsx", EXCEL)),
    ),
)


def offers_in(words: Words, *, internal: bool = True) -> list[Offer]:
    """Return what is on offer, in the words of a plan; internal papers only with permission."""
    return [
        replace(offer, purpose=offer.purpose.format(words))
        for offer in OFFERS
        if internal or not offer.internal
    ]


OFFERED = frozenset(address for offer in OFFERS for address, _ in offer.forms)
OF_A_YEAR = {"data_csv", "data_xlsx", "data_json", "data_zip"}
"""Names of URL patterns that have the year in their path."""

FIXED = (
    ("data_csv", "データ（CSV）"),
    ("data_json", "データ（JSON）"),
    ("actuals_csv", "実績値（全年度、CSV）"),
    ("data_codes", "コード表（CSV）"),
    ("data_metadata", "メタデータ（CSV）：列と指標の定義、算出方法、出典、文字コード、更新履歴"),
    ("data_zip", "データ一式（ZIP）：CSV、JSONと、その説明"),
    (
        "data_package",
        "データの説明（datapackage.json）：表の定義、時点、範囲、利用条件",
    ),
    ("data_schema", "JSONの定義（JSON Schema）"),
)


def address(name: str, tree: StrategyTree) -> str:
    """Return the address of a file or paper of a tree, without the query string."""
    year = [tree.fiscal_year] if name in OF_A_YEAR else []
    return reverse(name, args=[tree.code, *year])


def _goal_label(goal: GoalNode) -> str:
    return f"{goal.label} {goal.title}"


def _not_yet(day: date, since: date) -> str:
    return (
        f"{day_label(day)}には、この総合戦略はまだ登録されていませんでした。"
        f"登録された{day_label(since)}以後の日を入力してください。"
    )
