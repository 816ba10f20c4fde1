"""Users through bulk import: roles and sections by name, never passwords."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.resources import UserResource
from accounts.roles import Role
from tables.table import read_table
from tables.uploads import accept
from tests.factories import make_section, make_user
from tests.importing import confirm, csv_file, exported_rows, text_of, upload, xlsx_file
from trail.events import Event

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HEADERS = ["職員番号", "氏名", "メールアドレス", "役割", "担当課", "有効"]


@pytest.fixture(autouse=True)
def planning(client):
    user = make_user(Role.PLANNING, username="00001", full_name="企画 花子")
    client.force_login(user)
    return user


def test_a_new_user_has_roles_and_sections_and_no_password(client, planning):
    make_section("水産課")
    make_section("商工課")
    rows = [["00123", "水産 太郎", "", "担当者、課長", "水産課、商工課", "はい"]]
    preview = upload(client, User, [HEADERS, *rows], reason="人事異動")
    page = text_of(confirm(client, User, preview))
    assert "利用者を取り込みました" in page
    user = User.objects.get(username="00123")
    assert not user.has_usable_password()
    assert {group.name for group in user.groups.all()} == {"担当者", "課長"}
    assert {section.name for section in user.sections.all()} == {"水産課", "商工課"}
    kinds = list(Event.objects.about(user).values_list("kind", "door", "by"))
    assert sorted(kinds) == [
        ("account", "import", planning.pk),
        ("roles", "import", planning.pk),
        ("sections", "import", planning.pk),
    ]


def test_a_transfer_keeps_the_password_and_is_logged(client):
    user = make_user(Role.CLERK, make_section("水産課"), username="00123")
    user.set_password("kani-to-sanma-2015")
    user.save()
    make_section("商工課")
    header, *rows = exported_rows(client, User)
    assert "パスワード" not in "".join(header)
    row = next(row for row in rows if row[0] == "00123")
    row[header.index("担当課")] = "商工課"
    preview = upload(client, User, [header, row])
    assert "担当課 水産課 商工課" in text_of(preview)
    assert user.sections.get().name == "水産課"
    confirm(client, User, preview)
    user.refresh_from_db()
    assert user.sections.get().name == "商工課"
    assert user.check_password("kani-to-sanma-2015")
    details = set(
        Event.objects.filter(kind="sections", door="import").values_list("detail", flat=1)
    )
    assert details == {"追加：商工課", "解除：水産課"}


def test_the_order_of_names_does_not_matter(client):
    make_user(Role.CLERK, make_section("水産課"), make_section("商工課"), username="00123")
    header, *rows = exported_rows(client, User)
    for row in rows:
        row[header.index("担当課")] = "、".join(reversed(row[header.index("担当課")].split("、")))
    assert "登録されている内容と同じです（2行）" in text_of(upload(client, User, [header, *rows]))


def test_a_staff_number_that_lost_its_zeros_creates_no_user(client):
    make_user(Role.CLERK, username="00123")
    page = text_of(upload(client, User, [HEADERS, ["123", "水産 太郎", "", "", "", "はい"]]))
    assert "先頭の0が消えていませんか。「00123」のことなら、そう入力してください。" in page


def test_a_number_cell_that_may_have_lost_its_zeros_is_refused(client):
    rows = [[201, "水産 太郎", "", "", "", "はい"]]
    page = text_of(upload(client, User, xlsx_file([HEADERS, *rows]), name="利用者.xlsx"))
    assert "先頭の0が消えていませんか。ほかの職員番号には、0で始まる「00001」があります。" in page
    assert not User.objects.filter(username="201").exists()


def test_numbers_that_may_have_lost_their_zeros_are_named(client):
    rows = [[100201, "水産 太郎", "", "", "", "はい"]]
    page = text_of(upload(client, User, xlsx_file([HEADERS, *rows]), name="利用者.xlsx"))
    assert "確かめてください（1件）" in page
    assert "2行目、水産 太郎（100201）：職員番号が数値のセルです。" in page
    page = text_of(upload(client, User, [HEADERS, ["201", "水産 太郎", "", "", "", "はい"]]))
    assert "0で始まる「00001」があります。先頭の0が消えていないか確かめてください。" in page
    page = text_of(upload(client, User, [HEADERS, ["00201", "水産 太郎", "", "", "", "はい"]]))
    assert "確かめてください" not in page


def test_two_people_whose_numbers_differ_in_width_only_are_refused(client):
    rows = [
        ["９１２３４５", "水産 太郎", "", "", "", "はい"],
        ["912345", "農林 花子", "", "", "", "はい"],
    ]
    page = text_of(upload(client, User, [HEADERS, *rows]))
    assert "3行目と同じものを指しています。一つにしてください。" in page
    assert "2行目と同じものを指しています。一つにしてください。" in page
    assert not User.objects.filter(username="912345").exists()


def test_unknown_roles_and_sections_are_named(client):
    row = ["00123", "水産 太郎", "", "係長", "水産科", "はい"]
    page = text_of(upload(client, User, [HEADERS, row]))
    assert "役割「係長」はありません。" in page
    assert "「企画担当」" in page
    assert "担当課「水産科」はありません。" in page


def test_nobody_takes_planning_from_or_deactivates_themselves(client, planning):
    header, row = exported_rows(client, User)
    row[header.index("役割")] = "閲覧者"
    page = text_of(upload(client, User, [header, row]))
    assert "自分自身から企画担当の役割を外すことはできません。" in page
    row[header.index("役割")] = "企画担当"
    row[header.index("有効")] = "いいえ"
    page = text_of(upload(client, User, [header, row]))
    assert "自分自身を無効にすることはできません。" in page


def test_all_errors_of_a_row_are_reported_at_once_in_the_words_of_the_columns(client):
    make_section("水産課")
    make_section("農林課")
    row = ["9003 03", "水産 太郎", "", "担当者", "水産課・農林課", "はい"]
    page = text_of(upload(client, User, [HEADERS, row]))
    assert "「9003 03」は使えません。空白を入れずに、半角の英数字で入力してください。" in page
    assert "二つ以上は「水産課、農林課」のように「、」で区切ってください。" in page
    assert "ユーザー名" not in page
    row = ["900303", "水産 太郎", "", "担当者", "漁港課", "はい"]
    page = text_of(upload(client, User, [HEADERS, row]))
    assert "「漁港課」はありません。「水産課」「農林課」のどれかを入力してください。" in page
    assert "二つ以上は「、」で区切ってください。" in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("writing", "lock"), [(False, "UPDATE"), (True, "KEY SHARE")])
def test_nobody_waits_for_users_that_are_taken_in(client, planning, monkeypatch, writing, lock):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite locks the whole database.")
    tried = []

    def as_others_do(*args, **kwargs):
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute(f"SELECT id FROM accounts_user FOR {lock} NOWAIT")
                tried.append(cursor.fetchall())
        finally:
            other.close()

    monkeypatch.setattr(UserResource, "finish", as_others_do)
    table = read_table(accept("a.csv", csv_file([HEADERS[:2], ["00123", "水産 太郎"]])))
    UserResource(user=planning).compare([table], writing=writing)
    assert tried == [[(planning.pk,)]]
    assert User.objects.filter(username="00123").exists() == writing


def test_more_people_than_a_request_can_take_in_are_refused(client):
    rows = [[f"{number:05}", "見本"] for number in range(2, 2_003)]
    preview = text_of(upload(client, User, [HEADERS[:2], *rows]))
    assert "2,001行あります。利用者は、一度に2,000行までです。行を分けて" in preview


def test_a_preview_costs_few_queries_for_each_new_person(client, planning):
    def queries(number):
        rows = [[f"1{one:04}", "見本", "担当者"] for one in range(number)]
        table = read_table(accept("a.csv", csv_file([[*HEADERS[:2], HEADERS[3]], *rows])))
        with CaptureQueriesContext(connection) as captured:
            UserResource(user=planning).compare([table])
        return len(captured)

    assert queries(6) - queries(1) == 5 * 3  # a savepoint, its release, and whether it is new
