"""Every page of the admin, as planning: its Japanese is natural, and it leads back to the site."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils.html import escape

from accounts.models import Section
from accounts.roles import Role
from goals.models import Grant
from indicators.models import FiscalYear
from nemuro_strategy.admin_order import WORK
from tests.admin_addresses import add_page, page_of
from tests.factories import (
    make_actual,
    make_kpi,
    make_numeric_target,
    make_project,
    make_revision,
    make_section,
    make_user,
)
from tests.html import form_data
from tests.natural_japanese import texts_of, unnatural
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

models = pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)

CRUMBS = re.compile(r'(?s)<nav class="crumbs wrap".*?</nav>')


@pytest.fixture
def planning(client):
    user = make_user(Role.PLANNING, full_name="企画 花子")
    client.force_login(user)
    return user


@pytest.fixture
def one_of_each(planning):
    kpi = make_kpi(measure=make_project().measure)
    Grant.objects.create(strategy=kpi.strategy, number=1, name="港の交付金")
    make_actual(kpi.indicator, by=planning)
    make_revision(2018, kpi, make_numeric_target(kpi.measure.group.goal))
    Event.objects.create(kind="export", subject="試験", by=planning)
    kpi.indicator.name = "別の指標"
    kpi.indicator.save()
    return kpi


def name_of(model):
    return f"admin:{model._meta.app_label}_{model._meta.model_name}"


def look_at(response):
    """Return a page whose texts are all natural."""
    assert response.status_code == 200, response
    page = response.content.decode()
    found = {text: unnatural(text) for text in texts_of(page) if unnatural(text)}
    assert found == {}, response.request["PATH_INFO"]
    return page


def said(response):
    """Return all that a page says, in one line; its Japanese is natural."""
    return " ".join(texts_of(look_at(response)))


def test_what_is_unnatural_is_found():
    for text in (
        "変更する 指標 を選択",
        "指標 を追加",
        "“港” を変更しました。",
        "48個の内ひとつも選択されていません",
        "パスワード(確認用)",
        "履歴 History",
        "False",
        "フィルター",
        "操作:",
        "12 担当課",
    ):
        assert unnatural(text), text
    for text in (
        "指標の一覧",
        "見本 花子",
        "KPI（重要業績評価指標）",
        "令和元年度（2019）",
        "12:30まで",
    ):
        assert not unnatural(text), text
    page = '<a title="Add">＋</a><script>var all</script><input type="submit" value="Go">'
    assert texts_of(page) == ["Add", "＋", "Go"]


@models
def test_lists_and_pages_of_a_model(client, one_of_each, model):
    thing = model._default_manager.first()
    name = name_of(model)
    site = admin.site._registry[model]
    request = client.get(reverse("admin:index")).wsgi_request
    changelist = reverse(f"{name}_changelist")
    addresses = [changelist, changelist + "?_popup=1"]
    if site.search_fields:
        addresses.append(changelist + "?q=nowhere")
    addresses += [page_of(thing), reverse(f"{name}_history", args=[thing.pk])]
    if hasattr(model, "history"):
        addresses.append(
            reverse(f"{name}_simple_history", args=[thing.pk, thing.history.first().pk])
        )
    if site.has_add_permission(request):
        addresses += [add_page(model), add_page(model) + "?_popup=1"]
    if site.has_delete_permission(request):
        addresses.append(reverse(f"{name}_delete", args=[thing.pk]))
    if hasattr(site, "has_import_permission"):
        addresses += [reverse(f"{name}_import"), reverse(f"{name}_export")]
    for address in addresses:
        page = look_at(client.get(address))
        assert ("該当するものはありません。" in page) == ("nowhere" in address)
        if "_popup" not in address:
            [crumbs] = CRUMBS.findall(page)
            assert '<a href="/">最初の画面</a>' in crumbs
            assert '<a href="/admin/">管理</a>' in crumbs
            assert escape(model._meta.verbose_name_plural) in crumbs
            assert 'action="/strategies/' in page
            assert "主な画面" in page
    gone = client.get(reverse(f"{name}_change", args=[999_999]), follow=True)
    assert f"その{model._meta.verbose_name}はありません。" in said(gone)


@models
def test_filtered_lists_and_what_is_refused(client, one_of_each, model):
    changelist = reverse(f"{name_of(model)}_changelist")
    page = client.get(changelist).content.decode()
    one_of_each_kind = {
        link.partition("=")[0]: link for link in re.findall(r'href="(\?[^"]+)"', page)
    }
    for link in one_of_each_kind.values():
        look_at(client.get(changelist + link.replace("&amp;", "&")))
    site = admin.site._registry[model]
    if site.has_add_permission(client.get(changelist).wsgi_request):
        page = client.get(add_page(model)).content.decode()
        empty = dict.fromkeys(form_data(page), "")
        kept = {key: text for key, text in form_data(page).items() if key.endswith("_FORMS")}
        assert "入力に誤りがあります" in look_at(client.post(add_page(model), empty | kept))
        look_at(client.post(add_page(model), form_data(page) | {"number": "x", "position": "x"}))


@models
def test_actions(client, one_of_each, model):
    changelist = reverse(f"{name_of(model)}_changelist")
    site = admin.site._registry[model]
    pk = model._default_manager.first().pk
    for action in site.get_actions(client.get(changelist).wsgi_request):
        for chosen in ([], [pk]):
            data = {"action": action, "_selected_action": chosen}
            look_at(client.post(changelist, data, follow=True))
        if action == "delete_selected":
            answer = client.post(changelist, data | {"post": "yes"}, follow=True)
            assert "削除" in look_at(answer)
    if site.get_actions(client.get(changelist).wsgi_request):
        look_at(client.post(changelist, {"action": "", "_selected_action": [pk]}, follow=True))


def test_messages_after_each_way_of_saving(client, planning):
    url = add_page(Section)
    for number, (button, told) in enumerate(
        (
            ("_save", "担当課「課0」を追加しました。"),
            ("_continue", "担当課「課1」を追加しました。続けて編集できます。"),
            ("_addanother", "担当課「課2」を追加しました。続けて別の担当課を追加できます。"),
        )
    ):
        data = form_data(client.get(url).content.decode()) | {"name": f"課{number}", button: "1"}
        assert told in said(client.post(url, data, follow=True)).replace(" ", "")
    section = make_section("水産課")
    for number, (button, told) in enumerate(
        (
            ("_save", "を変更しました。"),
            ("_continue", "を変更しました。続けて編集できます。"),
            ("_addanother", "を変更しました。続けて別の担当課を追加できます。"),
        )
    ):
        data = form_data(client.get(page_of(section)).content.decode())
        data |= {"department": f"部{number}", button: "1"}
        answer = client.post(page_of(section), data, follow=True)
        assert f"担当課「水産課」{told}" in said(answer).replace(" ", "")


def test_a_name_that_is_taken_is_refused_in_words(client, planning):
    FiscalYear.objects.create(year=2016)
    url = add_page(FiscalYear)
    data = form_data(client.get(url).content.decode()) | {"year": "2016"}
    assert "同じ年度の年度が、すでに登録されています。" in said(client.post(url, data))


def test_the_history_tells_values_in_words(client, planning):
    section = make_section("水産課")
    section.is_active = False
    section.save()
    page = look_at(client.get(reverse("admin:accounts_section_history", args=[section.pk])))
    assert "：はい → いいえ" in page


def test_passwords_of_others(client, planning):
    clerk = make_user(Role.CLERK)
    url = reverse("admin:auth_user_password_change", args=[clerk.pk])
    look_at(client.get(url))
    look_at(client.post(url, {"password1": "a", "password2": "b", "usable_password": "true"}))


def test_the_index_has_every_list_once_in_the_order_of_the_work(client, one_of_each):
    page = look_at(client.get(reverse("admin:index")))
    groups = re.findall(r"<caption>(.+?)</caption>", page)
    assert groups == list(WORK)
    labels = [label for group in WORK.values() for label in group]
    assert sorted(labels) == sorted(model._meta.label for model in admin.site._registry)
    found = re.findall(r'<th scope="row"><a href="/admin/(\w+)/(\w+)/"', page)
    assert found == [tuple(label.lower().split(".")) for label in labels]
    names = re.findall(r'<th scope="row"><a [^>]+>(.+?)</a>', page)
    assert len(set(names)) == len(names)


def test_a_page_of_an_app_leads_to_the_index(client, planning):
    answer = client.get(reverse("admin:app_list", args=["goals"]))
    assert (answer.status_code, answer.url) == (302, reverse("admin:index"))


def test_users_see_only_the_groups_with_something_for_them(client):
    client.force_login(make_user(Role.CLERK))
    page = look_at(client.get(reverse("admin:index")))
    assert "組織と利用者" not in page
    assert "指標と実績" in page
