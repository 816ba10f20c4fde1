"""Projects in groups, and links between a project and its re-listings."""

from collections import Counter

import pytest

from plans.nodes import ProjectNode
from plans.project_groups import (
    CITY,
    By,
    Relisted,
    group_projects,
    implementers,
    project_rows,
    rows_of_measure,
)
from plans.tree import read_tree
from tests.factories import load_city

pytestmark = pytest.mark.one_database


def project(implementer="", category=""):
    return ProjectNode(1, "1-ア-1-1", 1, category, "窓口事業", "", implementer, None)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("", (CITY,)),
        ("商工会", ("商工会",)),
        ("信用金庫、北洋銀行、北海道銀行", ("信用金庫", "北洋銀行", "北海道銀行")),
        ("信用金庫、根室釧路管内 18 市町村", ("信用金庫", "根室釧路管内 18 市町村")),
        ("北海道大学産学・地域協働推進機構", ("北海道大学産学・地域協働推進機構",)),
        ("商工会（本所、支所）、漁協", ("商工会（本所、支所）", "漁協")),
        ("商工会、 漁協、商工会、", ("商工会", "漁協")),
    ],
)  # fmt: skip
def test_implementers_are_distinguished(written, names):
    assert implementers(project(written)) == names


def test_a_private_project_of_nobody_in_particular_is_not_the_citys():
    assert implementers(project(category="民間等")) == ("民間等（実施主体の記載なし）",)


class TestCity:
    @pytest.fixture
    def tree(self, db):
        return read_tree(load_city().code)

    def test_each_relisting_is_linked_with_its_home_both_ways(self, tree):
        rows = {row.project.place: row for row in project_rows(tree.measures)}
        relistings = [row for row in rows.values() if row.home]
        assert (len(rows), len(relistings)) == (96, 8)
        for row in relistings:
            home = rows[row.home.project.place]
            assert home.home is None
            assert row.project.place in [place.project.place for place in home.again]
        assert sum(len(row.again) for row in rows.values()) == 8

    def test_rows_of_one_name_without_a_link_are_rows_of_their_own(self, tree):
        own = [row for row in project_rows(tree.measures) if row.home is None]
        names = Counter(row.project.name for row in own)
        assert len(own) == 88
        assert names["市有地分譲事業"] == 2
        assert names["地域おこし協力隊推進事業"] == 3
        assert names["産学官連携研究開発事業"] == 3

    @pytest.mark.parametrize("by", [By.MEASURE, By.CATEGORY])
    @pytest.mark.parametrize(("relisted", "total"), [("everywhere", 96), ("once", 88)])
    def test_groups_add_up_to_the_whole(self, tree, by, relisted, total):
        groups = group_projects(tree, by, Relisted(relisted))
        assert sum(group.count.total for group in groups) == total
        assert sum(group.count.distinct for group in groups) == 88

    def test_a_project_of_several_is_listed_under_each_of_them(self, tree):
        groups = group_projects(tree, By.IMPLEMENTER, Relisted.ONCE)
        assert groups[0].name == CITY
        assert groups[-1].name == "民間等（実施主体の記載なし）"
        sizes = [group.count.total for group in groups[1:-1]]
        assert sizes == sorted(sizes, reverse=True)
        by_name = {group.name: group for group in groups}
        assert {"大地みらい信用金庫", "北洋銀行", "北海道銀行"} <= set(by_name)
        first, second = (
            {row.project.place for row in by_name[name].rows} for name in ("北洋銀行", "北海道銀行")
        )
        assert len(first & second) == 4

    def test_categories_are_in_order_and_the_blank_has_a_name(self, tree):
        groups = group_projects(tree, By.CATEGORY, Relisted.EVERYWHERE)
        assert [group.name for group in groups] == ["継続（空欄）", "新規", "拡充", "民間等"]

    def test_a_measure_shows_its_own_rows_and_where_else_they_are(self, tree):
        with_relisting = next(row for row in project_rows(tree.measures) if row.again)
        rows = rows_of_measure(tree, with_relisting.measure)
        assert len(rows) == len(with_relisting.measure.projects)
        assert with_relisting in rows
