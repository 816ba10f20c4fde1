"""A bulk table says when a revision added or ended a row, and changes neither."""

import pytest

from accounts.roles import Role
from kpis.models import KPI
from measures.models import Project
from tests.factories import make_kpi, make_measure, make_project, make_user
from tests.importing import confirm, exported_rows, text_of, upload

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.mark.parametrize(("model", "make"), [(KPI, make_kpi), (Project, make_project)])
def test_an_end_is_seen_in_the_bulk_table_and_not_changed_by_it(client, model, make):
    client.force_login(make_user(Role.PLANNING))
    make(first_fiscal_year=2016, last_fiscal_year=2017, ending_reason="統合のため")
    header, row = exported_rows(client, model)
    assert header[-2:] == ["追加した年度（参考）", "終了した年度（参考）"]
    assert row[-2:] == ["2016", "2017"]
    for last in ("2017", "2018", ""):
        preview = upload(client, model, [header, [*row[:-1], last]])
        assert "登録されている内容と同じです（1行）。" in text_of(preview)


def test_a_new_row_holds_for_the_years_of_the_part_above_it(client):
    client.force_login(make_user(Role.PLANNING))
    measure = make_measure(first_fiscal_year=2016, last_fiscal_year=2017, ending_reason="統合")
    make_project(measure)
    header, row = exported_rows(client, Project)
    place = header.index("順番")
    new = [*row[:place], "2", *row[place + 1 :]]
    confirm(client, Project, upload(client, Project, [header, row, new]))
    added = Project.objects.get(position=2)
    assert (added.first_fiscal_year, added.last_fiscal_year) == (2016, 2017)
