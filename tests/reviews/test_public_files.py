"""The public files of an edition: no person, nothing unconfirmed, nothing 秘匿 in any of them."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from unittest.mock import patch
from zipfile import ZipFile, is_zipfile

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from indicators.models import Actual, Indicator
from plans.tree import read_tree
from reviews.editions.confirmed import confirmed_only
from reviews.editions.differences import proposed_differences
from reviews.editions.freezing import Decision, fix, public_kinds, said_of_plan
from reviews.editions.public_data import NoPublicData, public_data
from reviews.editions.telling_texts import telling_in
from reviews.editions.withholding import public_tree
from reviews.models import (
    Council,
    CouncilMember,
    Edition,
    GoalReview,
    KPIReview,
    MeasureReview,
    Opinion,
    ProjectYear,
    Publication,
)
from reviews.public_site.content import edition_content
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_measure,
    make_project,
    make_section,
    make_user,
)
from tests.formula_evaluation import evaluated
from tests.recalculation import formulas

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

YEAR = 2017
FEW, DRAFT, LATER = 735_173, 555_666, 444_777
NOW = datetime(2019, 1, 20, 3, 0, tzinfo=UTC)
LABEL = "秘匿（人数が少ないため公表しません）"


class City:
    """A plan with a withheld value of 2016, with drafts, staff, members of the council."""

    def __init__(self) -> None:
        section = make_section("水産課")
        self.clerk = make_user(Role.CLERK, section, full_name="浜中 一郎")
        self.planning = make_user(Role.PLANNING, full_name="企画 花子")
        self.measure = make_measure(title="漁業の振興")
        self.total = make_indicator(section, name="移住した人")
        self.level = make_indicator(section, name="相談した人")
        total = make_kpi(self.measure, self.total)
        make_kpi(self.measure, self.level, kind="level", target=Decimal(900_000), sentence="増やす")
        for year, value in ((2015, 1_000), (2016, FEW), (YEAR, 20)):
            self._confirmed(self.total, year, value)
        self._confirmed(self.level, YEAR, 800_111)
        make_actual(self.level, 2018, DRAFT, by=self.clerk, remarks="下書きの備考")
        self._confirmed(self.total, 2018, LATER)
        marked = Actual.objects.filter(indicator=self.total, fiscal_year=2016)
        marked.update(withheld=True, remarks="一世帯だけの備考")
        self._write_reviews(total)

    def _confirmed(self, indicator, year, value) -> None:
        actual = make_actual(indicator, year, value, by=self.clerk)
        Actual.objects.filter(pk=actual.pk).update(state="confirmed")

    def _write_reviews(self, kpi) -> None:
        about = {"fiscal_year_id": YEAR, "entered_by": self.clerk}
        review = MeasureReview.objects.create(
            measure=self.measure, results="港の成果。", state="confirmed", **about
        )
        KPIReview.objects.create(review=review, kpi=kpi, comment="一世帯が来た所見")
        for name, state in (("確かな事業", "confirmed"), ("途中の事業", "draft")):
            project = make_project(self.measure, name=name)
            done = f"{name}の実施内容"
            ProjectYear.objects.create(
                project=project, done=done, settlement=1_234_000, state=state, **about
            )
        council = Council.objects.create(
            strategy=self.measure.strategy, fiscal_year_id=YEAR, number=1, name="推進会議",
            held_on=date(2018, 10, 20), minutes="委員 太郎から発言。",
        )  # fmt: skip
        CouncilMember.objects.create(
            council=council, position=1, name="委員 太郎", post="漁協組合長", field="industry"
        )
        Opinion.objects.create(
            council=council, number=1, measure=self.measure, text="もっと知らせて。",
            answer="広報します。", response="next_year",
        )  # fmt: skip

    def fix(self) -> Edition:
        left_open = (("確認していない実績値", ("移住した人（水産課）",)),)
        decision = Decision(
            date(2019, 1, 10), "根総政第1号", self.planning, left_open, "急ぐため。"
        )
        tree = read_tree(self.measure.strategy.code, YEAR)
        with patch.object(timezone, "now", lambda: NOW):
            return fix(tree, make_fiscal_year(YEAR), decision)


@pytest.fixture
def city(db) -> City:
    return City()


def files_of(edition: Edition) -> dict[str, bytes]:
    return {one.kind: bytes(one.content) for one in edition.files.all()}


def texts_of(content: bytes) -> str:
    """Return all text of a file, of a workbook that of its parts."""
    if not is_zipfile(BytesIO(content)):
        return content.decode()
    with ZipFile(BytesIO(content)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


SECRETS = (
    "浜中", "花子", "太郎", "漁協組合長", "委員 ",  # persons
    str(LATER), str(DRAFT), "下書き", "途中の事業の実施", "急ぐため",  # not confirmed, inside
    str(FEW), f"{FEW:,}", str(1_000 + FEW), str(1_020 + FEW), "一世帯",  # 秘匿, and its sums
)  # fmt: skip


def test_no_public_file_has_a_person_a_draft_or_a_withheld_value(city):
    files = files_of(city.fix())
    assert set(public_kinds()) < set(files)
    inside = texts_of(files["json"]) + texts_of(files["xlsx"])
    found = [secret for secret in SECRETS if secret in inside]
    assert {str(FEW), "太郎", "一世帯", "急ぐため"} <= set(found), "inside, they are known"
    for kind in public_kinds():
        said = texts_of(files[kind])
        assert [secret for secret in SECRETS if secret in said] == [], kind
    for name in ("浜中", "花子", str(DRAFT)):
        assert name not in texts_of(files["xlsx"]), "not inside, either"


def test_public_files_are_the_same_whatever_the_withheld_value_is_and_made_twice(city):
    made = []
    for few in (FEW, FEW, 3):
        with transaction.atomic():
            Actual.objects.filter(withheld=True).update(value=few)
            made.append(files_of(city.fix()))
            transaction.set_rollback(True)
    first, again, other = made
    assert first == again
    assert first["xlsx"] != other["xlsx"]
    assert {kind: first[kind] for kind in public_kinds()} == {
        kind: other[kind] for kind in public_kinds()
    }


def test_public_data_name_what_is_withheld_and_keep_the_rest(city):
    edition = city.fix()
    said = public_data(edition)
    assert (said["number"], said["decided_on"]) == (1, "2019-01-10")
    assert edition.sha256 not in json.dumps(said), "a guess of the value could be confirmed by it"
    assert said["withheld"] == [{"listing": "1-ア-1-1", "fiscal_year": 2016}]
    assert said["counts"]["plan"]["withheld"] == 1
    assert said["counts"]["plan"]["sentence"].endswith(
        "このうち1件は、人数が少ないため公表しません。"
    )
    total, level = said["plan"]["goals"][0]["measure_groups"][0]["measures"][0]["kpis"]
    assert total["actuals"]["2016"]["availability"] == "withheld"
    assert total["actuals"]["2017"]["value"] == "20"
    assert total["assessment"]["label"] == LABEL
    assert level["assessment"]["value"] == "800111"
    [review] = said["measure_reviews"]
    assert (review["results"], review["kpis"]) == ("港の成果。", [])
    [project] = said["project_years"]
    assert project["done"] == "確かな事業の実施内容"
    [council] = said["councils"]
    assert council["fields"] == [{"field": "industry", "members": 1, "attended": 1}]
    assert council["opinions"][0]["answer"] == "広報します。"


def test_a_value_in_an_earlier_edition_is_left_out_once_it_is_withheld(city):
    Actual.objects.filter(withheld=True).update(withheld=False)
    city.fix()
    few = Actual.objects.filter(indicator=city.total, fiscal_year=2016)
    few.update(withheld=True, value=FEW + 1)
    Actual.objects.filter(indicator=city.level, fiscal_year=YEAR).update(value=800_112)
    make_fiscal_year(2018)
    Actual.objects.filter(fiscal_year=2018).update(state="confirmed", value=1)
    tree = read_tree(city.measure.strategy.code, 2018)
    confirmed = confirmed_only(tree)
    proposed = proposed_differences(confirmed, said_of_plan(confirmed))
    decision = Decision(
        date(2020, 1, 10), "根総政第2号", city.planning, differences=tuple(proposed)
    )
    assert len(proposed) > 1, "the one of the withheld value is among them"
    said = public_data(fix(tree, make_fiscal_year(2018), decision))
    assert [(one["name"], one["before"], one["now"]) for one in said["differences"]] == [
        ("相談した人", "800,111人", "800,112人")
    ]


def test_the_formulas_of_the_public_workbook_find_what_it_shows(city):
    content = files_of(city.fix())["pubxlsx"]
    stored, computed = formulas(content), evaluated(content)
    assert len(stored) > 100, "most of it is live"
    assert "秘匿の1件は「判定なし」に数えます。" in texts_of(content)
    differing = {at: (one.result, computed[at].result) for at, one in stored.items()
                 if one.result != computed[at].result}  # fmt: skip
    assert differing == {}


def test_texts_that_tell_a_withheld_value_or_a_person_are_named_before_a_year_is_fixed(
    city, client
):
    client.force_login(city.planning)
    url = f"/strategies/{city.measure.strategy.code}/reviews/editions/fix/?year={YEAR}"
    page = client.get(url).content.decode()
    assert "公表する前に確かめる文" not in page
    assert "文章は、書かれたまま載ります。" in page
    MeasureReview.objects.update(results=f"前年度は７３５１７３{city.total.unit}が来た。")
    GoalReview.objects.create(
        goal=city.measure.group.goal, fiscal_year_id=YEAR, verdict="有効",
        summary=f"累計{1_020 + FEW:,}{city.total.unit}である。",
    )  # fmt: skip
    Opinion.objects.update(answer="浜中さんが広報します。")
    Actual.objects.filter(indicator=city.level, fiscal_year=YEAR).update(remarks="浜中 一郎調べ")
    page = client.get(url).content.decode()
    assert f"内部評価の文「前年度は７３５１７３{city.total.unit}が来た。」に、秘匿の値" in page
    total = f"{1_020 + FEW:,}{city.total.unit}"
    assert f"外部評価の文「累計{total}である。」に、秘匿の値「{total}」があります。" in page
    assert "有識者会議の文「浜中さんが広報します。」に、氏名「浜中 一郎」があります。" in page
    assert "実績値の備考の文「浜中 一郎調べ」に、氏名" in page
    ticks = re.findall(r'name="(text-[0-9a-f]{12})"', page)
    sent = {"decided_on": "2019-01-10", "document_number": "1", "reason": "待たない。"}
    some = client.post(url, sent | dict.fromkeys(ticks[1:], "on")).content.decode()
    assert some.count("印を付けてください。</p>") == 1
    assert not Edition.objects.exists()
    client.post(url, sent | dict.fromkeys(ticks, "on"))
    edition = Edition.objects.get()
    assert f"確かめて載せた文：{len(ticks)}件" in edition.seal.history.get().history_change_reason
    # Before it is published, too: what is 秘匿 today may not have been then.
    url = f"/strategies/{city.measure.strategy.code}/reviews/editions/1/publish/"
    sent = {"published_on": "2019-02-01"}
    client.post(url, sent)
    assert not Publication.objects.exists()
    client.post(url, sent | dict.fromkeys(ticks, "on"))
    assert Publication.objects.exists()


def telling(tree, text: str) -> list[str]:
    """Return what a text reveals, without the text itself."""
    return [
        one.partition("に、")[2] for one in telling_in(tree, public_tree(tree), [("所見", text)])
    ]


def test_a_withheld_value_in_kanji_and_a_family_name_with_a_title_are_found(city):
    Actual.objects.filter(withheld=True).update(value=2)
    tree = confirmed_only(read_tree(city.measure.strategy.code, YEAR))
    unit = city.total.unit
    for text, what in (
        (f"二{unit}が来た。", f"秘匿の値「2{unit}」"),
        ("2名が来た。", f"秘匿の値「2{unit}」"),
        ("浜中係長", "氏名「浜中 一郎」"),
    ):
        assert telling(tree, text) == [f"{what}があります。"]
    for text in (f"十二{unit}が来た。", f"2.5{unit}", "浜中の漁港", "二回", f"2{unit}部屋"):
        assert telling(tree, text) == []


def test_the_difference_to_what_is_known_tells_a_withheld_value(city):
    """The target is 50, and 1,000 came the year before."""
    Actual.objects.filter(withheld=True).update(value=14)
    tree = confirmed_only(read_tree(city.measure.strategy.code, YEAR))
    [target] = {one.target for one in tree.listings if one.indicator.pk == city.total.pk}
    gap = f"{target - 14:,.0f}"
    tells = "秘匿の値「14人」が分かる差"
    for text, amount in (
        (f"目標まで{gap}人。", f"{gap}人"),
        (f"あと{gap}名だった。", f"{gap}人"),
        (f"{gap}人届かなかった。", f"{gap}人"),
        ("前年より九百八十六人の減", "986人"),
    ):
        assert telling(tree, text) == [f"{tells}「{amount}」があります。"]
    assert telling(tree, f"{gap}人が集まった。目標は、翌年に見直す。") == []


def test_a_withheld_rate_is_found_in_words_and_rounded(city):
    Indicator.objects.filter(pk=city.level.pk).update(unit="％", decimals=1)
    few = Actual.objects.filter(indicator=city.level, fiscal_year=YEAR)
    few.update(value=Decimal("38.5"), withheld=True)
    tree = confirmed_only(read_tree(city.measure.strategy.code, YEAR))
    for text in ("三割八分五厘", "三割八分", "約39％", "38.5パーセント"):
        assert "秘匿の値「38.5％」があります。" in telling(tree, text)
    for text in ("四割", "37％", "三割八分四厘", "39人"):
        assert telling(tree, text) == []


def test_a_grade_that_reveals_a_withheld_judgement_is_left_out(city, client):
    """Another grade than the proposed one needs a reason: one without it tells the judgement."""
    reason = "一隻の船による。"
    MeasureReview.objects.update(
        grade="評価甲", proposed_grade="評価乙", grade_reason=reason, policy="継続"
    )
    client.force_login(city.planning)

    def fixed() -> tuple[dict, str, dict[str, str]]:
        edition = city.fix()
        [review] = public_data(edition)["measure_reviews"]
        page = edition_content(edition.pk, edition.sha256).measure_reviews["1-ア-1"]["grade"]
        files = files_of(edition)
        url = f"/strategies/{city.measure.strategy.code}/reviews/editions/{edition.number}/print/"
        paper = client.get(f"{url}public/").content.decode()
        return review, page, {k: texts_of(files[k]) for k in public_kinds()} | {"paper": paper}

    Actual.objects.update(withheld=False)
    with transaction.atomic():
        review, page, said = fixed()
        assert (review["grade"], review["grade_withheld"], page) == ("評価甲", False, "評価甲")
        assert {kind for kind, text in said.items() if "評価甲" in text} >= {"pubxlsx", "paper"}
        transaction.set_rollback(True)
    edition_content.cache_clear()
    Actual.objects.filter(indicator=city.level, fiscal_year=YEAR).update(withheld=True)
    review, page, said = fixed()
    assert (review["grade"], review["grade_reason"], review["policy"]) == ("", "", "継続")
    assert (review["grade_withheld"], page) == (True, LABEL)
    telling = ("評価甲", "評価乙", reason)
    assert {kind for kind, text in said.items() if any(one in text for one in telling)} == set()
    assert f"<dt>評価</dt><dd>{LABEL}" in said["paper"].replace("\n", "")


def test_an_edition_without_public_files_has_no_public_data(city):
    edition = Edition.objects.create(
        strategy=city.measure.strategy, fiscal_year_id=YEAR, number=1, data="{}",
        decided_on=date(2019, 1, 10), document_number="1", sha256="0" * 64,
        fixed_by=User.objects.first(),
    )  # fmt: skip
    with pytest.raises(NoPublicData):
        public_data(edition)


def test_a_withheld_value_of_three_digits_is_found_without_its_unit(city):
    Actual.objects.filter(withheld=True).update(value=Decimal(2340))
    tree = confirmed_only(read_tree(city.measure.strategy.code, YEAR))
    found = [f"秘匿の値「2,340{city.total.unit}」があります。"]
    assert telling(tree, "女性は２，３４０でした。") == found
    assert telling(tree, "2340年度") == telling(tree, "12,340回") == []
