"""What was typed and not saved survives: kept on the server, for one person and year."""

import re

import pytest
from django.db import DatabaseError

from accounts import idle
from accounts.roles import Role
from entry.models import KeptInput
from indicators.models import Actual
from tests.factories import (
    make_actual,
    make_fiscal_year,
    make_goal,
    make_indicator,
    make_kpi,
    make_measure,
    make_section,
    make_strategy,
    make_user,
)
from tests.html import form_data
from tests.pages import read_page, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.stories]

GRID, KEPT = "/entry/2017/", "/entry/2017/kept/"
PASSWORD = "kani-to-sanma-2015"


@pytest.fixture
def section():
    return make_section("水産課")


@pytest.fixture
def measure():
    return make_measure(make_goal(make_strategy()))


@pytest.fixture
def indicator(section, measure):
    make_fiscal_year(2017)
    indicator = make_indicator(section, name="来館者数")
    make_kpi(measure, indicator, kind="level")
    return indicator


@pytest.fixture
def clerk(section):
    return make_user(Role.CLERK, section, password=PASSWORD)


@pytest.fixture
def page(client, clerk, indicator):
    """The fields of the grid, as a logged-in clerk has them."""
    log_in(client, clerk)
    return form_data(client.get(GRID).content.decode())


def log_in(client, user):
    client.post("/login/", {"username": user.username, "password": PASSWORD})


def drop_kept(client, shown, number=0):
    """Press one of the page's buttons that drop a kept row."""
    row = re.findall(r'<button[^>]* name="row" value="([^"]*)"', shown)[number]
    client.post("/entry/2017/kept/discard/", {"row": row})


def typed(page, indicator, **texts):
    return page | {f"r{indicator.pk}-{name}": text for name, text in texts.items()}


@pytest.fixture
def hours_later(monkeypatch):
    """Return a function that lets hours pass without a click."""
    start = idle.now()

    def pass_hours(hours):
        monkeypatch.setattr(idle, "now", lambda: start + hours * 3600)

    return pass_hours


def test_what_is_typed_is_kept_and_how_it_was_read_is_returned(client, page, indicator):
    answer = client.post(KEPT, typed(page, indicator, value="１，２３４")).json()
    assert answer["kept_at"]
    told = answer["rows"][str(indicator.pk)]
    assert (told["text"], told["faults"], told["doubts"]) == ("1,234人", [], [])
    assert not Actual.objects.exists()
    assert KeptInput.objects.get().typed[f"r{indicator.pk}-value"] == "１，２３４"


def test_the_judgement_and_the_sum_with_what_is_typed_are_returned(
    client, measure, section, indicator
):
    total = make_indicator(section, unit="件")
    make_kpi(measure, total, kind="total")  # 200 within the plan
    make_actual(total, 2016, 150)
    make_fiscal_year(2017)
    log_in(client, make_user(Role.CLERK, section, password=PASSWORD))
    fields = form_data(client.get(GRID).content.decode())
    rows = client.post(KEPT, typed(fields, total, value="50")).json()["rows"]
    judgement = rows[str(total.pk)]["judgement"]
    assert (judgement["total"], judgement["label"]) == ("累計 200件", "◎ 達成")
    rows = client.post(KEPT, typed(fields, total, value="5x")).json()["rows"]
    assert rows[str(total.pk)]["judgement"] is None
    assert not Actual.objects.filter(fiscal_year=2017).exists()


def test_errors_and_doubts_are_worded_as_when_saving(client, page, indicator):
    rows = client.post(KEPT, typed(page, indicator, value="12..3")).json()["rows"]
    assert rows[str(indicator.pk)]["faults"] == [
        "実績値「12..3」は数として読めません。「12.3」のように入力してください。"
    ]
    make_actual(indicator, 2016, 12)
    rows = client.post(KEPT, typed(page, indicator, value="120")).json()["rows"]
    [doubt] = rows[str(indicator.pk)]["doubts"]
    response = client.post(GRID, typed(page, indicator, value="120") | {"save": "1"})
    assert doubt in text_of(response)


@pytest.mark.parametrize(
    ("texts", "is_filled"),
    [
        ({"value": "13"}, True),
        ({"value": "13x"}, False),
        ({"value": "未公表"}, True),
        ({"availability": "not_computable"}, True),
        ({"availability": "withdraw"}, False),
        ({"remarks": "照会中"}, False),
        ({"value": "120"}, False),
        ({"value": "120", "remarks": "施設が増えた"}, True),
        ({}, False),
    ],
)
def test_what_can_be_saved_is_counted_as_filled(client, page, indicator, texts, is_filled):
    make_actual(indicator, 2016, 12)
    assert "1件のうち0件入力済み" in text_of(client.get(GRID))
    answer = client.post(KEPT, typed(page, indicator, **texts)).json()
    assert answer["filled"] == {str(indicator.pk): is_filled}


@pytest.mark.parametrize(
    ("state", "texts", "is_filled"),
    [
        ("draft", {}, True),
        ("draft", {"value": "13x"}, True),
        ("draft", {"value": ""}, True),
        ("draft", {"value": "", "availability": "withdraw"}, False),
        ("returned", {}, False),
        ("returned", {"value": "13x"}, False),
        ("returned", {"value": "13"}, True),
        ("returned", {"remarks": "数え直した"}, True),
    ],
)
def test_a_stored_value_counts_until_it_is_withdrawn_or_handed_back(
    client, clerk, indicator, state, texts, is_filled
):
    make_actual(indicator, 2017, 12, by=clerk)
    Actual.objects.update(state=state, return_reason="再確認" if state == "returned" else "")
    log_in(client, clerk)
    page = form_data(client.get(GRID).content.decode())
    answer = client.post(KEPT, typed(page, indicator, **texts)).json()
    assert answer["filled"] == {str(indicator.pk): is_filled}


@pytest.mark.both_databases
def test_it_is_offered_with_its_time_and_used_or_thrown_away(client, page, indicator):
    client.post(KEPT, typed(page, indicator, value="45", remarks="途中"))
    text = text_of(client.get(GRID))
    assert "に入力した内容（1件）を保管しています。" in text
    assert "この内容を使う" in text
    data = form_data(client.get(f"{GRID}?kept=1").content.decode())
    assert (data[f"r{indicator.pk}-value"], data[f"r{indicator.pk}-remarks"]) == ("45", "途中")
    client.post(GRID, data | {"save": "1"})
    assert Actual.objects.get().value == 45
    assert not KeptInput.objects.exists()


CONFIRMED = "企画担当が確認したため、もう入力できません。"
CLOSED = "この年度には、もう入力できません。"


@pytest.mark.parametrize("reason", [CONFIRMED, CLOSED])
def test_what_its_row_takes_no_more_is_shown_to_be_copied(client, page, indicator, reason):
    client.post(KEPT, typed(page, indicator, value="45", provisional="on", remarks="途中"))
    make_actual(indicator, 2017, 46, remarks="途中")
    if reason == CONFIRMED:
        Actual.objects.update(state="confirmed")
    else:
        make_fiscal_year(2017, is_open=False)
    for address in (GRID, f"{GRID}?kept=1"):
        shown = client.get(address).content.decode()
        assert reason in shown
        assert "<dt>実績値</dt><dd>45</dd>\n<dt>速報値</dt><dd>印を付けた</dd>\n</dl>" in shown
        assert "この内容を使う" not in shown
    drop_kept(client, shown)
    assert not KeptInput.objects.exists()


def test_it_is_thrown_away_by_a_button_only(client, page, indicator):
    client.post(KEPT, typed(page, indicator, value="45"))
    assert client.get("/entry/2017/kept/discard/").status_code == 405
    assert client.post("/entry/2017/kept/discard/").url == GRID
    assert not KeptInput.objects.exists()


def test_afterwards_the_focus_is_on_the_first_row_to_fill_in(
    client, page, clerk, indicator, measure, section
):
    make_kpi(measure, second := make_indicator(section, name="相談件数"), kind="level")
    make_actual(indicator, 2017, 5, by=clerk)
    client.post(KEPT, typed(page, indicator, value="45"))
    answer = client.post("/entry/2017/kept/discard/", follow=True)
    html = answer.content.decode()
    [focused] = [tag for tag in re.findall(r"<input[^>]*>", html) if "autofocus" in tag]
    assert f'id="r{second.pk}-value"' in focused
    # The message is where it can be seen from there, and is not said twice.
    assert (
        '<p class="state" id="grid-state" aria-live="polite">保管していた入力を捨てました。' in html
    )
    assert html.count("捨てました") == 1


def test_after_that_with_every_row_filled_the_page_says_so_above(client, page, clerk, indicator):
    make_actual(indicator, 2017, 5, by=clerk)
    answer = client.post("/entry/2017/kept/discard/", follow=True)
    assert "autofocus" not in answer.content.decode()
    assert read_page(answer).main.lstrip().startswith("保管していた入力を捨てました。")


def test_there_is_nothing_to_discard_for_an_impossible_year(client, page):
    assert client.post(f"/entry/{10**30}/kept/discard/").status_code == 404


def test_it_is_for_one_person_and_year_alone(client, page, section, indicator, measure):
    client.post(KEPT, typed(page, indicator, value="45"))
    make_fiscal_year(2018)
    assert "この内容を使う" not in text_of(client.get("/entry/2018/"))
    client.force_login(make_user(Role.CLERK, section))
    assert "この内容を使う" not in text_of(client.get(GRID))
    assert form_data(client.get(f"{GRID}?kept=1").content.decode())[f"r{indicator.pk}-value"] == ""


def test_a_row_typed_back_is_forgotten_and_other_rows_stay(
    client, page, section, measure, indicator
):
    make_kpi(measure, other := make_indicator(section), kind="level")
    page = form_data(client.get(GRID).content.decode())
    client.post(KEPT, typed(typed(page, indicator, value="45"), other, value="7"))
    start = f"r{other.pk}-"
    only_first = {name: text for name, text in page.items() if not name.startswith(start)}
    client.post(KEPT, only_first)
    assert [name for name in KeptInput.objects.get().typed if name.endswith("value")] == [
        f"r{other.pk}-value"
    ]


def test_nothing_but_fields_of_the_grid_is_kept(client, page, indicator, measure):
    foreign = make_indicator(make_section("農林課"))
    make_kpi(measure, foreign)
    sent = typed(page, indicator, value="45", secret="x")
    sent |= {f"r{foreign.pk}-seen": ":x", f"r{foreign.pk}-value": "9", "password": "x"}
    client.post(KEPT, sent)
    assert set(KeptInput.objects.get().typed) == {
        f"r{indicator.pk}-{name}"
        for name in ("numerator", "denominator", "value", "availability", "expected_month",
                     "provisional", "remarks", "seen", "page")
    }  # fmt: skip


def test_what_comes_after_it_was_saved_is_not_kept(client, page, indicator):
    client.post(GRID, typed(page, indicator, value="45") | {"save": "1"})
    client.post(KEPT, typed(page, indicator, value="45"))
    assert not KeptInput.objects.exists()


def test_a_year_that_is_not_made_keeps_nothing(client, page, indicator):
    answer = client.post("/entry/2018/kept/", typed(page, indicator, value="45")).json()
    assert answer == {"kept_at": "", "rows": {}, "confirmed": [], "kept": [], "filled": {}}


def test_nothing_is_offered_where_nothing_can_be_entered(client, page, indicator):
    client.post(KEPT, typed(page, indicator, value="45"))
    make_fiscal_year(2017, is_open=False)
    assert "この内容を使う" not in text_of(client.get(GRID))


class TestSeveralPages:
    """What one page keeps of a row stays beside what another one, which did not show it, keeps."""

    @pytest.fixture
    def opened_again(self, client, page, indicator):
        """The fields of a page that was opened after another one had kept something."""
        client.post(KEPT, typed(page, indicator, value="45", remarks="朝に聞いた値"))
        return form_data(client.get(GRID).content.decode())

    @pytest.mark.both_databases
    def test_typing_on_leaves_what_was_kept_before(self, client, opened_again, indicator):
        for value in ("4", "46"):
            client.post(KEPT, typed(opened_again, indicator, value=value))
        shown = client.get(GRID).content.decode()
        assert "（2件）を保管しています" in shown
        assert "この入力より後に、別の画面で、同じ行に入力しています。" in shown
        assert "<dt>実績値</dt><dd>45</dd>\n<dt>備考</dt><dd>朝に聞いた値</dd>" in shown
        used = client.get(f"{GRID}?kept=1").content.decode()
        assert form_data(used)[f"r{indicator.pk}-value"] == "46"
        assert "朝に聞いた値" in used  # still there to be copied
        drop_kept(client, used)
        assert "朝に聞いた値" not in client.get(GRID).content.decode()
        assert KeptInput.objects.get().typed[f"r{indicator.pk}-value"] == "46"

    def test_saving_leaves_what_was_kept_before(self, client, opened_again, indicator):
        client.post(GRID, typed(opened_again, indicator, value="46") | {"save": "1"})
        assert Actual.objects.get().value == 46
        used = form_data(client.get(f"{GRID}?kept=1").content.decode())
        assert used[f"r{indicator.pk}-remarks"] == "朝に聞いた値"
        asked = client.post(GRID, used | {"save": "1"})
        assert "残す内容を選んでください。" in text_of(asked)

    def test_saving_the_same_drops_it(self, client, opened_again, indicator):
        sent = typed(opened_again, indicator, value="45", remarks="朝に聞いた値")
        client.post(GRID, sent | {"save": "1"})
        assert not KeptInput.objects.exists()

    def test_the_page_that_shows_it_takes_its_place(self, client, page, opened_again, indicator):
        used = form_data(client.get(f"{GRID}?kept=1").content.decode())
        client.post(KEPT, typed(used, indicator, value="47"))
        [kept] = KeptInput.objects.all()
        assert (kept.typed[f"r{indicator.pk}-value"], kept.earlier) == ("47", [])
        # The first window is still open, and shows something else.
        client.post(KEPT, typed(page, indicator, value="45", remarks="聞き直す"))
        [kept] = KeptInput.objects.all()
        assert kept.typed[f"r{indicator.pk}-value"] == "45"
        assert [one[f"r{indicator.pk}-value"] for one in kept.earlier] == ["47"]

    def test_typing_back_drops_only_what_this_page_kept(self, client, opened_again, indicator):
        client.post(KEPT, typed(opened_again, indicator, value="46"))
        client.post(KEPT, opened_again)
        [kept] = KeptInput.objects.all()
        assert (kept.typed[f"r{indicator.pk}-value"], kept.earlier) == ("45", [])

    def test_an_answer_with_errors_is_still_the_page_that_was_sent(self, client, page, indicator):
        answer = client.post(GRID, typed(page, indicator, value="4..6") | {"save": "1"})
        corrected = form_data(answer.content.decode())
        client.post(GRID, typed(corrected, indicator, value="46") | {"save": "1"})
        assert not KeptInput.objects.exists()

    def test_a_choice_between_two_contents_is_of_the_page_that_was_sent(
        self, client, page, section, indicator
    ):
        make_actual(indicator, 2017, 50, by=make_user(Role.CLERK, section))
        asked = client.post(GRID, typed(page, indicator, value="45") | {"save": "1"})
        decided = form_data(asked.content.decode())
        client.post(GRID, decided | {f"r{indicator.pk}-choice-value": "mine:1", "save": "1"})
        assert Actual.objects.get().value == 45
        assert not KeptInput.objects.exists()


class TestRefusedSaves:
    @pytest.fixture
    def others(self, section, measure, indicator):
        found = [make_indicator(section) for _ in range(5)]
        for other in found:
            make_kpi(measure, other, kind="level")
        return found

    def test_every_touched_row_of_a_refused_form_is_kept(self, client, page, indicator, others):
        page = form_data(client.get(GRID).content.decode())
        data = typed(page, indicator, value="12..3")
        for number, other in enumerate(others):
            data = typed(data, other, value=str(number))
        assert "まだ保存していません" in text_of(client.post(GRID, data | {"step": "1"}))
        data = form_data(client.get(f"{GRID}?kept=1").content.decode())
        assert [data[f"r{row.pk}-value"] for row in (indicator, *others)] == [
            "12..3", "0", "1", "2", "3", "4",
        ]  # fmt: skip

    def test_what_waits_for_a_choice_between_two_values_is_kept(
        self, client, page, section, indicator
    ):
        make_actual(indicator, 2017, 50, by=make_user(Role.CLERK, section))
        client.post(GRID, typed(page, indicator, value="45") | {"save": "1"})
        assert "この内容を使う" in text_of(client.get(GRID))

    @pytest.mark.both_databases
    @pytest.mark.parametrize("error", [DatabaseError("locked"), RuntimeError("killed")])
    def test_what_met_an_error_is_kept(self, client, page, indicator, monkeypatch, error):
        def fail(*args, **kwargs):
            raise error

        monkeypatch.setattr("entry.views.grid.save", fail)
        client.raise_request_exception = False
        client.post(GRID, typed(page, indicator, value="45") | {"save": "1"})
        monkeypatch.undo()
        data = form_data(client.get(f"{GRID}?kept=1").content.decode())
        assert data[f"r{indicator.pk}-value"] == "45"

    def test_saving_in_one_window_leaves_what_another_one_keeps(
        self, client, page, indicator, others
    ):
        page = form_data(client.get(GRID).content.decode())
        client.post(KEPT, typed(page, indicator, value="45"))
        client.post(GRID, typed(page, others[0], value="7") | {"save": "1"})
        assert KeptInput.objects.get().typed[f"r{indicator.pk}-value"] == "45"

    @pytest.mark.both_databases
    def test_what_was_saved_in_other_words_is_not_kept_by_a_request_that_comes_late(
        self, client, page, indicator
    ):
        sent = typed(page, indicator, value="１，２３４", remarks=" 途中 ")
        client.post(GRID, sent | {"save": "1"})
        answer = client.post(KEPT, sent).json()
        assert (answer["confirmed"], answer["kept"]) == ([indicator.pk], [])
        assert not KeptInput.objects.exists()


class TestConfirmation:
    def test_the_browser_learns_which_rows_are_kept_and_which_are_saved(
        self, client, page, section, measure, indicator
    ):
        make_kpi(measure, saved := make_indicator(section), kind="level")
        page = form_data(client.get(GRID).content.decode())
        client.post(GRID, typed(page, saved, value="7") | {"save": "1"})
        sent = typed(typed(page, indicator, value="45"), saved, value="7")
        answer = client.post(KEPT, sent).json()
        assert set(answer["confirmed"]) == {indicator.pk, saved.pk}
        assert answer["kept"] == [indicator.pk]

    def test_a_row_that_the_user_never_entered_is_not_confirmed(
        self, client, page, indicator, measure
    ):
        make_kpi(measure, foreign := make_indicator(make_section("農林課")))
        sent = page | {f"r{foreign.pk}-seen": ":x", f"r{foreign.pk}-value": "9"}
        assert client.post(KEPT, sent).json()["confirmed"] == [indicator.pk]


class TestExpiredSessions:
    @pytest.mark.both_databases
    @pytest.mark.parametrize("address", [GRID, KEPT])
    def test_a_grid_that_comes_too_late_is_kept_and_offered_after_the_log_in(
        self, client, clerk, page, indicator, hours_later, address
    ):
        hours_later(2)
        response = client.post(address, typed(page, indicator, value="45") | {"save": "1"})
        assert response.url == f"/login/?next={address}&ended=idle&form=kept"
        text = text_of(client.get(response.url))
        assert "最後に送信した内容は、保管してあります。" in text
        assert not Actual.objects.exists()
        log_in(client, clerk)
        data = form_data(client.get(f"{GRID}?kept=1").content.decode())
        assert data[f"r{indicator.pk}-value"] == "45"

    def test_an_untouched_grid_keeps_nothing(self, client, page, hours_later):
        hours_later(2)
        assert "まだ保存していません" in text_of(client.post(GRID, page))
        assert not KeptInput.objects.exists()

    def test_an_earlier_input_does_not_pass_for_the_one_that_came_too_late(
        self, client, page, indicator, hours_later
    ):
        client.post(KEPT, typed(page, indicator, value="45"))
        hours_later(2)
        response = client.post(GRID, page | {"save": "1"})
        assert "まだ保存していません" in text_of(response)
        assert KeptInput.objects.get().typed[f"r{indicator.pk}-value"] == "45"

    def test_nothing_is_kept_without_any_session(self, client, page, indicator):
        client.cookies.clear()
        response = client.post(GRID, typed(page, indicator, value="45"))
        assert response.url == "/login/?next=/entry/2017/&ended=out&form=unsaved"
        assert not KeptInput.objects.exists()

    def test_other_pages_keep_nothing(self, client, page, hours_later):
        hours_later(2)
        response = client.post("/password/", {"old_password": PASSWORD})
        assert response.url == "/login/?next=/password/&ended=idle&form=unsaved"
        assert not KeptInput.objects.exists()

    def test_nothing_is_kept_for_users_who_no_longer_enter_values(
        self, client, clerk, page, indicator, hours_later
    ):
        clerk.sections.clear()
        hours_later(2)
        client.post(GRID, typed(page, indicator, value="45"))
        assert not KeptInput.objects.exists()

    def test_a_form_without_its_token_is_refused_and_not_kept(
        self, client, page, indicator, hours_later
    ):
        hours_later(2)
        client.handler.enforce_csrf_checks = True
        sent = typed(page, indicator, value="45") | {"csrfmiddlewaretoken": "x" * 32}
        assert client.post(GRID, sent).status_code == 403
        assert not KeptInput.objects.exists()

    @pytest.mark.both_databases
    def test_a_kept_value_that_another_user_changed_is_a_choice(
        self, client, clerk, page, section, indicator, hours_later
    ):
        hours_later(2)
        client.post(GRID, typed(page, indicator, value="45"))
        make_actual(indicator, 2017, 50, by=make_user(Role.CLERK, section))
        log_in(client, clerk)
        data = form_data(client.get(f"{GRID}?kept=1").content.decode())
        response = client.post(GRID, data | {"save": "1"})
        assert "残す内容を選んでください。" in text_of(response)


def test_what_is_used_again_counts_as_filled_where_it_can_be_saved(
    client, page, indicator, measure, section
):
    other = make_indicator(section, name="漁船数")
    make_kpi(measure, other, kind="level")
    page = form_data(client.get(GRID).content.decode())
    sent = typed(page, indicator, value="12") | {f"r{other.pk}-value": "x"}
    client.post(KEPT, sent)
    assert "2件のうち1件入力済み" in text_of(client.get(f"{GRID}?kept=1"))
