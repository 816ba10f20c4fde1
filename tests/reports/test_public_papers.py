"""Papers that leave the office: nothing 秘匿 in them, and nothing that would reveal it."""

from datetime import date

import pytest
from django.db import transaction
from django.urls import reverse

from goals.models import Grant
from indicators.models import Actual
from kpis.models import KPI
from plans.figures import withheld_in
from plans.tree import read_tree
from reviews.editions.differences import Difference
from reviews.editions.editions_of_plan import ChangedValue
from reviews.editions.freezing import Decision, fix
from reviews.models import Edition, MeasureReview
from tests.factories import (
    make_fiscal_year,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
)
from tests.pages import text_of
from tests.reviews.empty_edition import empty_edition
from tests.reviews.test_public_files import FEW, LABEL, YEAR, City, texts_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.files]

OUTSIDE = (
    "council_paper", "council_xlsx", "assembly_paper", "assembly_xlsx", "settlement_paper",
    "settlement_xlsx", "review_edition_public_paper", "review_edition_public_xlsx",
    "review_grants_paper", "review_grants_xlsx", "chart_collection", "slides",
)  # fmt: skip
INSIDE = (
    "review_edition_paper", "review_edition_xlsx", "review_edition_draft_paper",
    "review_edition_draft_xlsx",
)  # fmt: skip
TELLING = (str(FEW), f"{FEW:,}", f"{1_000 + FEW:,}", f"{1_020 + FEW:,}", str(1_020 + FEW), "一世帯")


@pytest.fixture
def city(db, client) -> City:
    city = City()
    client.force_login(city.planning)
    Grant.objects.create(strategy=city.measure.strategy, number=1, name="港の交付金")
    KPI.objects.update(grants=[1])
    # What the judgements propose rests on the withheld value; the section thinks otherwise.
    MeasureReview.objects.update(
        grade="Ｂ評価", proposed_grade="案はＡ", grade_reason="相談が増えたため。"
    )
    return city


def asked(city: City, client, names: tuple[str, ...]) -> dict[str, str]:
    """Return the texts of papers by the names of their addresses."""
    code, said = city.measure.strategy.code, {}
    for name in names:
        number = [1] if name.startswith("review_edition") and "draft" not in name else []
        response = client.get(reverse(name, args=[code, *number]), {"year": YEAR})
        assert response.status_code == 200, name
        if not name.endswith("xlsx"):
            said[name] = text_of(response)
        else:
            said[name] = texts_of(response.getvalue())
    return said


def test_no_public_paper_shows_a_withheld_value_or_what_reveals_it(city, client):
    made = []
    for few in (FEW, 3):
        with transaction.atomic():
            Actual.objects.filter(withheld=True).update(value=few)
            city.fix()
            made.append(asked(city, client, OUTSIDE))
            transaction.set_rollback(True)
    for name, text in made[0].items():
        assert [one for one in (*TELLING, "案はＡ", "Ｂ評価") if one in text] == [], name
        # The state's form has values but no judgements, and slides count what is not judged.
        said = {"review_grants_xlsx": "累計は秘匿", "slides": "判定していないものが1件"}
        assert said.get(name, LABEL) in text, name
        # Marked or not, when a file was made follows from the newest change of a value.
        assert text == made[1][name], name


def test_a_paper_with_withheld_values_is_marked_as_one_for_inside(city, client):
    edition = city.fix()
    for name, text in asked(city, client, INSIDE).items():
        assert "庁内用" in text, name
        assert "案はＡ" in text, name
    texts = asked(city, client, OUTSIDE)
    for name in ("review_edition_public_paper", "review_edition_public_xlsx"):
        assert "検証調書 第1号（公表用）" in texts[name]
        for secret in ("太郎", "漁協組合長", "急ぐため", edition.sha256):
            assert secret not in texts[name]
        assert "産（産業界） 1人（委員1人）" in texts[name].replace("　", " ")
    Actual.objects.update(withheld=False)
    draft = asked(city, client, INSIDE[2:])
    assert not any("庁内用" in text for text in draft.values())


def test_the_printed_differences_are_those_that_were_frozen_and_before_that_marked_as_proposed(
    city, client
):
    city.fix()
    changed = Actual.objects.filter(indicator=city.level, fiscal_year=YEAR)
    changed.update(value=800_112, change_kind="")
    make_fiscal_year(2018)
    Actual.objects.filter(fiscal_year=2018).update(state="confirmed", value=1)
    code = city.measure.strategy.code
    page = reverse("review_edition_draft_paper", args=[code])
    draft = text_of(client.get(page, {"year": 2018}))
    for said in ("種類（案）", "種類と理由は案です", "800,112人"):
        assert said in draft
    name, fiscal_year = "相談した人", YEAR
    difference = Difference(
        ChangedValue(name, fiscal_year, "800,111人", "800,112人", city.level.code),
        "訂正",
        "相談票の数え誤り",
    )
    decision = Decision(date(2020, 1, 10), "根総政第2号", city.planning, differences=(difference,))
    fix(read_tree(code, 2018), make_fiscal_year(2018), decision)
    changed.update(value=800_113)
    for name in ("review_edition_paper", "review_edition_public_paper"):
        text = text_of(client.get(reverse(name, args=[code, 2])))
        for said in ("実績値", "訂正", "理由：相談票の数え誤り", "800,112人"):
            assert said in text, name
        for said in ("（案）", "800,113"):
            assert said not in text


def test_a_draft_of_a_part_does_not_say_that_the_rest_of_the_plan_is_gone(city, client):
    other = make_measure(city.measure.group.goal, title="別の課の施策")
    make_kpi(other, make_indicator(make_section("税務課"), name="納税した人"))
    city.fix()
    make_fiscal_year(2018)
    code = city.measure.strategy.code
    section = city.level.section_id
    page = reverse("review_edition_draft_paper", args=[code])
    text = text_of(client.get(page, {"year": 2018, "section": section}))
    assert "別の課の施策" not in text
    assert "掲載なし" not in text


def test_an_edition_without_public_data_has_no_public_paper(city, client):
    Edition.objects.create(
        strategy=city.measure.strategy, fiscal_year_id=YEAR, number=1, data=empty_edition(YEAR),
        decided_on=date(2019, 1, 10), document_number="1", sha256="0" * 64,
    )  # fmt: skip
    address = reverse("review_edition_public_paper", args=[city.measure.strategy.code, 1])
    response = client.get(address)
    assert response.status_code == 409
    assert "公表用の内容がありません" in text_of(response)


@pytest.mark.parametrize(
    "name", ["report_choice", "council_paper", "assembly_paper", "settlement_paper",
             "review_grants_paper"],
)  # fmt: skip
def test_a_paper_for_outside_warns_of_texts_that_reveal_too_much(city, client, name):
    url = reverse(name, args=[city.measure.strategy.code])
    assert "市の外に出す前に確かめる文" not in text_of(client.get(url, {"year": YEAR}))
    MeasureReview.objects.update(results=f"移住は{FEW}{city.total.unit}だった。")
    page = text_of(client.get(url, {"year": YEAR}))
    assert "市の外に出す前に確かめる文（1件）" in page
    assert f"秘匿の値「{FEW:,}" in page


def test_a_figure_with_a_withheld_value_says_that_it_stays_inside(city, client):
    code = city.measure.strategy.code
    tree = read_tree(code, YEAR)
    for listing in tree.listings:
        lines = " ".join(withheld_in(tree, listing))
        marked = any(one.withheld for one in listing.indicator.actuals.values())
        assert ("市の外に出さない" in lines) == marked
