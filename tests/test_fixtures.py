"""The two strategies in fixtures/: their shape, and the real one word for word as its source."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
NAMES = ("nemuro_2015", "shiraho_2020")
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"

STRATEGY_KEYS = [
    "code",
    "title",
    "city",
    "city_code",
    "first_fiscal_year",
    "last_fiscal_year",
    "scale",
    "note",
    "invented",
]
SCALE_KEYS = ["on_track", "mostly_on_track", "slightly_behind", "labels", "marks"]
GOAL_KEYS = ["position", "title", "numeric_targets", "measure_groups"]
GROUP_KEYS = ["symbol", "title", "measures"]
MEASURE_KEYS = ["position", "title", "kpis", "projects"]
PROJECT_KEYS = ["position", "category", "name", "content", "implementer", "relisted_from"]
HOME_KEYS = ["goal", "group", "measure", "position"]
LISTING_KEYS = [
    "position",
    "name",
    "sentence",
    "indicator",
    "kind",
    "direction",
    "target",
    "target_year",
    "baseline",
    "tolerance",
    "yearly_targets",
    "confirmed",
    "doubts",
    "actuals",
    "assessment",
]
INDICATOR_KEYS = [
    "code",
    "name",
    "unit",
    "decimals",
    "display_unit",
    "minimum",
    "maximum",
    "moment",
    "ratio",
    "running_total",
    "carry_years",
    "section",
    "entered_by",
    "method",
    "source",
]
BASELINE_KEYS = ["value", "fiscal_year", "kind"]

STATUSES = [
    "achieved",
    "at_target",
    "on_track",
    "mostly_on_track",
    "mostly_achieved",
    "slightly_behind",
    "behind",
    "worsened",
    "not_achieved",
    "not_realised",
    "not_reported",
    "no_judgement",
]
MOMENTS = [
    "fiscal_year_total",
    "fiscal_year_end",
    "april_1",
    "october_1",
    "calendar_year",
    "survey_month",
]


def path_of(name: str) -> Path:
    return ROOT / "fixtures" / f"{name}.json"


def load(name: str) -> dict:
    return json.loads(path_of(name).read_text(encoding="utf-8"))


def without_white_space(text: str) -> str:
    return re.sub(r"\s+", "", text)


def measures_of(document: dict) -> Iterator[tuple[dict, dict, dict]]:
    for goal in document["goals"]:
        for group in goal["measure_groups"]:
            for measure in group["measures"]:
                yield goal, group, measure


def numeric_targets_of(document: dict) -> dict[str, dict]:
    """The 数値目標 by their place as in readings.csv, e.g. 1-①."""
    return {
        f"{goal['position']}-{CIRCLED[listing['position'] - 1]}": listing
        for goal in document["goals"]
        for listing in goal["numeric_targets"]
    }


def kpis_of(document: dict) -> dict[str, dict]:
    """The KPIs by their place as in readings.csv, e.g. 1-ア①-2."""
    return {
        f"{goal['position']}-{group['symbol']}{CIRCLED[measure['position'] - 1]}"
        f"-{kpi['position']}": kpi
        for goal, group, measure in measures_of(document)
        for kpi in measure["kpis"]
    }


def listings_of(document: dict) -> dict[str, dict]:
    return numeric_targets_of(document) | kpis_of(document)


def projects_of(document: dict) -> dict[tuple[int, str, int, int], dict]:
    return {
        (goal["position"], group["symbol"], measure["position"], project["position"]): project
        for goal, group, measure in measures_of(document)
        for project in measure["projects"]
    }


@pytest.fixture(params=NAMES)
def document(request) -> dict:
    return load(request.param)


@pytest.fixture
def nemuro() -> dict:
    return load("nemuro_2015")


@pytest.fixture
def shiraho() -> dict:
    return load("shiraho_2020")


@pytest.fixture
def source() -> str:
    return (ROOT / "fixtures" / "nemuro_2015_list.txt").read_text(encoding="utf-8")


# Shape: both files


@pytest.mark.parametrize("name", NAMES)
def test_file_is_written_as_the_export_writes_it(name):
    text = path_of(name).read_bytes().decode("utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"


def test_keys_stand_in_the_documented_order(document):
    assert list(document) == ["strategy", "fiscal_year", "goals"]
    assert list(document["strategy"]) == STRATEGY_KEYS
    assert list(document["strategy"]["scale"]) == SCALE_KEYS
    for goal in document["goals"]:
        assert list(goal) == GOAL_KEYS
    for _, group, measure in measures_of(document):
        assert list(group) == GROUP_KEYS
        assert list(measure) == MEASURE_KEYS
    for project in projects_of(document).values():
        assert list(project) == PROJECT_KEYS
        if project["relisted_from"] is not None:
            assert list(project["relisted_from"]) == HOME_KEYS
    for listing in listings_of(document).values():
        assert list(listing) == LISTING_KEYS
        assert list(listing["indicator"]) == INDICATOR_KEYS
        if listing["baseline"] is not None:
            assert list(listing["baseline"]) == BASELINE_KEYS


def test_there_are_no_actuals_and_no_assessments(document):
    assert document["fiscal_year"] is None
    for listing in listings_of(document).values():
        assert listing["actuals"] == {}
        assert listing["assessment"] is None


def test_positions_count_from_one_without_gaps(document):
    rows = [document["goals"]]
    rows += [goal["numeric_targets"] for goal in document["goals"]]
    rows += [group["measures"] for goal in document["goals"] for group in goal["measure_groups"]]
    for _, _, measure in measures_of(document):
        rows += [measure["kpis"], measure["projects"]]
    for siblings in rows:
        assert [row["position"] for row in siblings] == list(range(1, len(siblings) + 1))
    for goal in document["goals"]:
        symbols = "".join(group["symbol"] for group in goal["measure_groups"])
        assert symbols
        assert "アイウエオ".startswith(symbols)


def test_decimal_amounts_are_strings_with_the_decimals_of_the_indicator(document):
    for place, listing in listings_of(document).items():
        indicator = listing["indicator"]
        amounts = [listing["target"], listing["tolerance"], *listing["yearly_targets"].values()]
        amounts += [indicator["minimum"], indicator["maximum"]]
        if listing["baseline"] is not None:
            amounts.append(listing["baseline"]["value"])
        decimals = rf"\.\d{{{indicator['decimals']}}}" if indicator["decimals"] else ""
        for amount in amounts:
            assert amount is None or re.fullmatch(r"-?(0|[1-9]\d*)" + decimals, amount), place
        assert listing["target"] is not None
        assert Decimal(listing["tolerance"]) >= 0


def test_the_scale_falls_and_has_one_decimal(document):
    scale = document["strategy"]["scale"]
    bounds = [scale["on_track"], scale["mostly_on_track"], scale["slightly_behind"]]
    assert all(re.fullmatch(r"\d+\.\d", bound) for bound in bounds)
    assert sorted(bounds, key=Decimal, reverse=True) == bounds
    assert len(set(bounds)) == 3
    assert set(scale["labels"]) <= set(STATUSES)
    assert set(scale["marks"]) <= {"good", "fair", "caution", "bad", "open"}


def test_numbers_flags_and_choices_have_their_types(document):
    strategy = document["strategy"]
    assert type(strategy["first_fiscal_year"]) is int
    assert type(strategy["last_fiscal_year"]) is int
    assert type(strategy["invented"]) is bool
    assert re.fullmatch(r"\d{6}", strategy["city_code"])
    for listing in listings_of(document).values():
        assert listing["kind"] in ("level", "total", "every_year", "milestone", "restraint")
        assert listing["direction"] in ("up", "down")
        assert type(listing["confirmed"]) is bool
        assert listing["confirmed"] is (listing["doubts"] == [])
        if listing["baseline"] is not None:
            assert listing["baseline"]["kind"] in ("measured", "projection", "previous_period")
            year = listing["baseline"]["fiscal_year"]
            assert year is None or type(year) is int
        indicator = listing["indicator"]
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", indicator["code"])
        assert type(indicator["decimals"]) is int
        assert type(indicator["carry_years"]) is int
        assert type(indicator["ratio"]) is bool
        assert type(indicator["running_total"]) is bool
        assert indicator["moment"] in MOMENTS
        assert indicator["display_unit"] in (None, "千円", "百万円", "億円")
        assert indicator["display_unit"] is None or indicator["unit"] == "円"
        assert indicator["section"]
        assert indicator["entered_by"]
        assert "" not in (indicator["unit"], indicator["method"], indicator["source"])


def test_an_indicator_is_described_alike_wherever_it_is_listed(document):
    seen = {}
    for listing in listings_of(document).values():
        indicator = listing["indicator"]
        assert seen.setdefault(indicator["code"], indicator) == indicator
    assert len({indicator["name"] for indicator in seen.values()}) == len(seen)


def test_values_lie_within_what_the_indicator_allows(document):
    for place, listing in listings_of(document).items():
        indicator = listing["indicator"]
        values = [listing["target"]]
        if listing["baseline"] is not None:
            values.append(listing["baseline"]["value"])
        for value in map(Decimal, values):
            assert indicator["minimum"] is None or value >= Decimal(indicator["minimum"]), place
            assert indicator["maximum"] is None or value <= Decimal(indicator["maximum"]), place
        if indicator["unit"] == "％":
            assert Decimal(indicator["maximum"]) == 100, place
        if indicator["ratio"]:
            assert indicator["unit"] == "％", place


def test_targets_fit_their_kind(document):
    for place, listing in listings_of(document).items():
        target = Decimal(listing["target"])
        better = 1 if listing["direction"] == "up" else -1
        if listing["kind"] == "total":
            assert better == 1, place
            assert target > 0, place
        if listing["baseline"] is None:
            continue
        gain = (target - Decimal(listing["baseline"]["value"])) * better
        if listing["kind"] == "level":
            assert gain > 0, place
        if listing["kind"] == "restraint" and listing["baseline"]["kind"] == "measured":
            assert gain <= 0, place


def test_yearly_targets_fit_the_target(document):
    strategy = document["strategy"]
    years = range(strategy["first_fiscal_year"], strategy["last_fiscal_year"] + 1)
    for place, listing in listings_of(document).items():
        yearly = {int(year): Decimal(v) for year, v in listing["yearly_targets"].items()}
        target = Decimal(listing["target"])
        better = 1 if listing["direction"] == "up" else -1
        assert list(yearly) == sorted(yearly), place
        assert set(yearly) <= set(years), place
        if yearly:
            assert listing["kind"] in ("level", "total", "restraint"), place
            assert yearly.get(strategy["last_fiscal_year"], target) == target, place
        if listing["kind"] == "total":
            assert all(value >= 0 for value in yearly.values()), place
        if listing["kind"] == "restraint":
            assert all((value - target) * better >= 0 for value in yearly.values()), place


def test_relistings_point_at_a_home_of_the_same_name_in_another_measure(document):
    projects = projects_of(document)
    for place, project in projects.items():
        if project["relisted_from"] is None:
            continue
        home_place = tuple(project["relisted_from"].values())
        home = projects[home_place]
        assert home["name"] == project["name"]
        assert home["relisted_from"] is None
        assert home_place[:3] != place[:3]


def test_categories_are_those_of_the_plan_and_the_mark_of_a_relisting_is_no_part_of_a_name(
    document,
):
    for project in projects_of(document).values():
        assert project["category"] in ("", "新規", "拡充", "民間等")
        assert "再掲" not in project["name"]
        assert "/" not in project["content"] + (project["implementer"] or "")
        assert project["content"]
        assert project["implementer"] != ""


def test_the_two_cities_share_no_indicator():
    codes = [
        {listing["indicator"]["code"] for listing in listings_of(load(name)).values()}
        for name in NAMES
    ]
    assert not codes[0] & codes[1]


# The real strategy


def test_nemuro_has_the_counts_of_the_plan(nemuro):
    assert len(nemuro["goals"]) == 3
    assert len(numeric_targets_of(nemuro)) == 10
    assert sum(len(goal["measure_groups"]) for goal in nemuro["goals"]) == 6
    assert len(list(measures_of(nemuro))) == 16
    assert len(kpis_of(nemuro)) == 39
    projects = projects_of(nemuro).values()
    assert len(projects) == 96
    assert sum(project["relisted_from"] is not None for project in projects) == 8


def test_nemuro_has_49_listings_of_48_indicators(nemuro):
    places = {}
    for place, listing in listings_of(nemuro).items():
        places.setdefault(listing["indicator"]["code"], []).append(place)
    assert sum(map(len, places.values())) == 49
    assert len(places) == 48
    assert [shared for shared in places.values() if len(shared) > 1] == [["2-①", "3-③"]]


def test_nemuro_keeps_the_two_kinds_of_waiting_children_apart(nemuro):
    listings = listings_of(nemuro)
    assert listings["1-③"]["indicator"]["code"] != listings["1-ア③-1"]["indicator"]["code"]


def test_nemuro_is_the_real_city_and_not_invented(nemuro):
    strategy = nemuro["strategy"]
    assert strategy["code"] == "nemuro-2015"
    assert strategy["city"] == "根室市"
    assert strategy["city_code"] == "012238"
    assert (strategy["first_fiscal_year"], strategy["last_fiscal_year"]) == (2015, 2019)
    assert strategy["invented"] is False


def test_nemuro_marks_every_assumed_method_and_source(nemuro):
    for listing in listings_of(nemuro).values():
        for key in ("method", "source"):
            text = listing["indicator"][key]
            assert text is None or text.endswith("（想定）")
    assert "（想定）" in nemuro["strategy"]["note"]


def test_nemuro_same_named_rows_without_the_mark_are_separate_rows(nemuro):
    homes = Counter(
        project["name"]
        for project in projects_of(nemuro).values()
        if project["relisted_from"] is None
    )
    assert {name: count for name, count in homes.items() if count > 1} == {
        "市有地分譲事業": 2,
        "地域おこし協力隊推進事業": 3,
        "産学官連携研究開発事業": 3,
    }


def test_nemuro_says_the_source_word_for_word_and_in_its_order(nemuro, source):
    """The whole document, put together again from the fixture, differs in white space only."""
    parts = ["根室市創生総合戦略 基本目標、施策等一覧"]
    for goal in nemuro["goals"]:
        parts += [f"基本目標 {goal['position']}. {goal['title']}", "数値目標"]
        for target in goal["numeric_targets"]:
            parts += [CIRCLED[target["position"] - 1], target["name"], target["sentence"]]
        for group in goal["measure_groups"]:
            for measure in group["measures"]:
                parts += ["具体的施策", f"（{group['symbol']}）{group['title']}"]
                parts += [CIRCLED[measure["position"] - 1], measure["title"]]
                parts.append("重要業績評価指標（ＫＰＩ）")
                parts += [f"{kpi['name']} ⇒ {kpi['sentence']}" for kpi in measure["kpis"]]
                parts += ["具体的事業", "区分 事業名 内容"]
                for project in measure["projects"]:
                    parts += [project["category"], project["name"]]
                    parts += ["（再掲）"] if project["relisted_from"] else []
                    parts.append(project["content"])
                    parts += ["/", project["implementer"]] if project["implementer"] else []
    repeated_heading = re.compile("具体的事業(?!区分事業名内容)")
    expected, repeats = repeated_heading.subn("", without_white_space(source))
    assert repeats == 1
    assert without_white_space("".join(parts)) == expected


def test_nemuro_joins_the_lines_of_a_table_cell_and_keeps_the_blanks_inside_a_line(nemuro, source):
    """Only names and contents that the PDF broke over two lines are absent from the raw text."""
    texts = [goal["title"] for goal in nemuro["goals"]]
    for _, group, measure in measures_of(nemuro):
        texts += [group["title"], measure["title"]]
    for listing in listings_of(nemuro).values():
        texts += [listing["name"], listing["sentence"]]
    for project in projects_of(nemuro).values():
        texts += [project["name"], project["content"], project["implementer"] or ""]
    assert all(text == text.strip() for text in texts)
    lines = [line for line in source.splitlines() if line.strip()]
    broken = [text for text in texts if not any(text in line for line in lines)]
    assert broken == [
        "根釧酪農生産基盤強化推進事業・輝ける北の大地で羽ばたく根釧酪農チャレンジング事業",
        "大地みらい信用金庫札幌オフィス「みらいカフェ COCORO」運営事業",
        "観光プロモーション・観光地域づくり推進法人（専門組織ＤＭＯ）育成",
        "ＩＣＴ、コミュニティ、ソーシャルビジネス等支援ネットワーク構築事業",
        "ＮＰＯ法人北海道ＮＰＯサポートセンター",
        "旧学校校舎等利活用に関する市民アイデア意見募集事業",
        "旧学校校舎等を活用した文化芸術教室等民間活用事業",
    ]
    assert "大地みらい信用金庫、根室釧路管内 18 市町村" in texts


def readings() -> dict[str, dict[str, str]]:
    with (DATA / "readings.csv").open(encoding="utf-8", newline="") as lines:
        return {row["place"]: row for row in csv.DictReader(lines)}


def test_nemuro_holds_the_49_readings(nemuro):
    expected = readings()
    listings = listings_of(nemuro)
    assert set(listings) == set(expected)
    for place, row in expected.items():
        listing = listings[place]
        indicator = listing["indicator"]
        for key in ("name", "sentence", "kind", "direction"):
            assert listing[key] == row[key], place
        assert Decimal(listing["target"]) == Decimal(row["target"]), place
        assert indicator["unit"] == (row["unit"] or None), place
        assert indicator["decimals"] == int(row["decimals"]), place
        assert listing["confirmed"] is (row["confirmed"] == "yes"), place
        assert listing["doubts"] == ([row["doubt"]] if row["doubt"] else []), place
        if row["baseline"]:
            assert Decimal(listing["baseline"]["value"]) == Decimal(row["baseline"]), place
            assert listing["baseline"]["kind"] == row["baseline_kind"], place
            assert listing["baseline"]["fiscal_year"] is None, place
        else:
            assert listing["baseline"] is None, place
        assert Decimal(listing["tolerance"]) == 0
        assert listing["yearly_targets"] == {}


def test_nemuro_leaves_ten_readings_unconfirmed(nemuro):
    unconfirmed = [place for place, item in listings_of(nemuro).items() if not item["confirmed"]]
    assert len(unconfirmed) == 10


# The imaginary strategy


def test_shiraho_says_that_it_is_imaginary(shiraho):
    assert shiraho["strategy"]["invented"] is True
    assert "架空" in shiraho["strategy"]["note"]
    assert shiraho["strategy"]["city_code"] == "990001"


def test_shiraho_runs_seven_years_on_a_scale_of_its_own(shiraho, nemuro):
    strategy = shiraho["strategy"]
    assert strategy["last_fiscal_year"] - strategy["first_fiscal_year"] + 1 == 7
    for key in SCALE_KEYS:
        assert strategy["scale"][key] != nemuro["strategy"]["scale"][key]


def test_shiraho_uses_what_the_real_strategy_does_not(shiraho):
    listings = listings_of(shiraho).values()
    indicators = [listing["indicator"] for listing in listings]
    kinds = Counter((listing["kind"], listing["direction"]) for listing in listings)
    assert {kind for kind, _ in kinds} == {
        "level",
        "total",
        "every_year",
        "milestone",
        "restraint",
    }
    assert {("level", "down"), ("every_year", "up"), ("restraint", "down")} <= set(kinds)
    assert {item["kind"] for item in listings if item["yearly_targets"]} == {
        "level",
        "total",
        "restraint",
    }
    assert any(Decimal(listing["tolerance"]) for listing in listings)
    assert any(listing["baseline"] and listing["baseline"]["fiscal_year"] for listing in listings)
    assert any(listing["kind"] == "level" and listing["baseline"] is None for listing in listings)
    assert any(indicator["carry_years"] == 1 for indicator in indicators)
    assert any(indicator["running_total"] for indicator in indicators)
    assert any(indicator["ratio"] for indicator in indicators)
    assert any(indicator["display_unit"] == "百万円" for indicator in indicators)
    assert len({indicator["code"] for indicator in indicators}) == len(listings) - 1


def test_running_totals_and_carried_values_stand_with_the_right_kinds(document):
    for place, listing in listings_of(document).items():
        indicator = listing["indicator"]
        assert not indicator["running_total"] or listing["kind"] == "total", place
        assert not indicator["carry_years"] or listing["kind"] != "total", place
