"""Every form of the site as somebody fills it in."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Section, User
from accounts.roles import Role
from accounts.second_factor import new_app
from entry.models import KeptInput
from goals.models import BasicGoal, Grant, Strategy
from indicators.models import FiscalYear
from indicators.recording import move
from japanese.calendar_days import era_day
from measures.models import Measure, Project
from reviews.editions.public_data import PUBLIC_JSON
from reviews.models import (
    Council,
    Edition,
    EditionFile,
    MeasureReview,
    Opinion,
    ProjectYear,
    Publication,
    State,
)
from start.example import load_example
from tests.entry.city import City
from tests.entry.excel_forms import Paper, form_for
from tests.factories import PDF, make_evidence, make_project, make_strategy
from tests.html import form_data
from tests.importing import address, upload
from tests.plans.workbook.books import slim
from tests.plans.workbook.green_city import green_city
from tests.reviews.empty_edition import empty_edition, empty_public_data
from tests.reviews.office import WRITTEN
from tests.row_counts import NOTES, row_counts
from trail.history import Change

PASSWORD = "kani-to-sanma-2015"


KEPT = re.compile(r'name="keep"\s+value="([\w-]+)"')
"""The check boxes of what a next plan carries over."""


@dataclass
class Form:
    """A form that is sent twice: its address, its fields, who sends it, what the page then says."""

    by: User
    url: str
    data: dict[str, Any]
    says: str
    files: Callable[[], dict[str, Any]] = field(default=dict)


def stored_rows() -> dict[str, int]:
    """Return the number of rows of each table, except those that log requests or note writes."""
    return row_counts(left_out=NOTES)


def grid(city: City, by: User, button: str, **texts: str) -> Form:
    client = Client()
    client.force_login(by)
    data = form_data(client.get("/entry/2017/").content.decode())
    data |= {f"r{city.visitors.pk}-{name}": text for name, text in texts.items()}
    return Form(by, "/entry/2017/", data | {button: "1"}, "")


def save(city: City) -> Form:
    form = grid(city, city.clerk, "save", value="１，２３４", remarks="確かめた。")
    form.says = "1件の値を保存しました。"
    return form


def save_change(city: City) -> Form:
    city.store(city.visitors, 45)
    form = grid(city, city.clerk, "save", value="46")
    form.says = "1件の値を保存しました。"
    return form


def withdraw(city: City) -> Form:
    city.store(city.visitors, 45)
    form = grid(city, city.clerk, "save", availability="withdraw", value="")
    form.says = "1件を未入力に戻しました。"
    return form


def submit(city: City) -> Form:
    city.store(city.sales, 1000)
    form = grid(city, city.clerk, "step", value="45")
    form.says = "課長に依頼しました。"
    return form


def keep(city: City) -> Form:
    form = grid(city, city.clerk, "save", value="45")
    form.url = "/entry/2017/kept/"
    form.says = "kept_at"
    return form


def discard(city: City) -> Form:
    KeptInput.objects.create(user=city.clerk, fiscal_year_id=2017, typed={"r1-value": "45"})
    return Form(city.clerk, "/entry/2017/kept/discard/", {}, "捨てました。")


def step(city: City, by: User, key: str, *before: tuple[str, User], **fields: str) -> Form:
    actual = city.store(city.visitors, 45)
    for state, person in before:
        [actual] = move({actual.pk: actual.version}, state, Change(by=person))
    data = {"step": key, "value": f"{actual.pk}:{actual.version}"} | fields
    return Form(by, f"/entry/2017/answer/?state={actual.state}", data, "1件を「")


def ask(city: City) -> Form:
    return step(city, city.clerk, "ask")


def answer(city: City) -> Form:
    return step(city, city.head, "answer", ("submitted", city.clerk))


def hand_back(city: City) -> Form:
    return step(city, city.head, "return", ("submitted", city.clerk), reason="確かめて")


def decide_on_paper(city: City) -> Form:
    today = era_day(timezone.localdate())
    return step(city, city.clerk, "paper", decided_on=today, document="水第12号")


def confirm_value(city: City) -> Form:
    return step(city, city.planning, "confirm", ("submitted", city.clerk), ("answered", city.head))


def preview_form(city: City) -> Form:
    content = Paper(form_for(city.clerk)).fill("来館者数", VALUE=46).saved()
    files = lambda: {"file": SimpleUploadedFile("様式.xlsx", content)}  # noqa: E731
    return Form(city.clerk, "/entry/2017/import/", {}, "46人", files)


def import_form(city: City) -> Form:
    client = Client()
    client.force_login(city.clerk)
    asked = preview_form(city)
    data = form_data(client.post(asked.url, asked.files()).content.decode())
    ticket = {"ticket": data["ticket"], "confirm": ""}
    return Form(city.clerk, "/entry/2017/import/apply/", ticket, "取り込みました")


def bulk_import(city: City) -> Form:
    client = Client()
    client.force_login(city.planning)
    rows = [["職員番号", "氏名", "役割", "担当課"], ["00123", "水産 次郎", "担当者", "水産課"]]
    preview = upload(client, User, rows)
    ticket = {"ticket": form_data(preview.content.decode())["ticket"], "confirm": ""}
    return Form(city.planning, address(User, "process_import"), ticket, "取り込みました")


def staff_file(city: City) -> dict[str, SimpleUploadedFile]:
    """Return the workbook of sections and users with one new user."""
    book = openpyxl.Workbook()
    book.active.title = "利用者"
    book.active.append(["職員番号", "氏名", "役割", "担当課"])
    book.active.append(["00123", "水産 次郎", "担当者", "水産課"])
    stream = BytesIO()
    book.save(stream)
    return {"file": SimpleUploadedFile("担当課と利用者.xlsx", stream.getvalue())}


def preview_staff(city: City) -> Form:
    return Form(city.planning, "/start/staff/", {}, "新規1行", lambda: staff_file(city))


def import_staff(city: City) -> Form:
    client = Client()
    client.force_login(city.planning)
    page = client.post("/start/staff/", staff_file(city)).content.decode()
    ticket = {"ticket": form_data(page)["ticket"], "confirm": ""}
    return Form(city.planning, "/start/staff/apply/", ticket, "取り込みました")


def print_slips(city: City) -> Form:
    client = Client()
    client.force_login(city.planning)
    data = form_data(client.get("/start/passwords/").content.decode())
    data["user"] = str(city.clerk.pk)
    return Form(city.planning, "/start/passwords/", data, "初回のパスワード")


def store_city(city: City) -> Form:
    data = {"city": "○○市", "city_code": "011002", "planning_office": "企画課"}
    return Form(city.planning, "/start/city/", data, "○○市、企画課を登録しました")


def take_example(city: City) -> Form:
    Strategy.objects.all().delete()
    return Form(city.planning, "/start/example/", {}, "例の計画を読み込みました")


def remove_example(city: City) -> Form:
    Strategy.objects.all().delete()
    load_example(city.planning)
    return Form(city.planning, "/start/example/remove/", {}, "例の計画")


def attach(city: City) -> Form:
    files = lambda: {"files": SimpleUploadedFile("調査票.pdf", PDF)}  # noqa: E731
    return Form(city.clerk, "/entry/2017/visitors/evidence/", {}, "添付し", files)


def remove(city: City) -> Form:
    evidence = make_evidence(city.visitors, by=city.clerk)
    url = f"/entry/2017/visitors/evidence/{evidence.pk}/remove/"
    return Form(city.clerk, url, {"reason": "違う資料"}, "取り下げました。")


def add_year(city: City) -> Form:
    return Form(city.planning, "/entry/new/", {"year": "2018"}, "作")


def dates(city: City) -> Form:
    client = Client()
    client.force_login(city.planning)
    data = form_data(client.get("/entry/2017/year/").content.decode())
    return Form(
        city.planning, "/entry/2017/year/", data | {"due_date": "2018-06-30"}, "保存しました。"
    )


def open_year(city: City) -> Form:
    FiscalYear.objects.filter(pk=2017).update(entry_is_open=False)
    return Form(city.planning, "/entry/2017/open/", {}, "開始しました。")


def withhold(city: City) -> Form:
    actual = city.store(city.visitors, 3)
    data = {"mark": "set", "version": actual.version, "reason": "3人だけのため。"}
    return Form(city.clerk, "/entry/2017/visitors/withheld/", data, "秘匿にしました。")


def end_year(city: City) -> Form:
    return Form(city.planning, "/entry/2017/end/", {}, "終了しました。")


def change_password(city: City) -> Form:
    city.clerk.set_password(PASSWORD)
    city.clerk.save()
    new = "sanma-to-kani-2016"
    client = Client()
    client.force_login(city.clerk)
    data = form_data(client.get("/password/").content.decode())
    data |= {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    return Form(city.clerk, "/password/", data, "変更しました")


def log_in(city: City) -> Form:
    city.clerk.set_password(PASSWORD)
    city.clerk.save()
    data = {"username": city.clerk.username, "password": PASSWORD, "next": "/entry/2017/"}
    return Form(city.clerk, "/login/", data, "実績の入力")


def log_out(city: City) -> Form:
    return Form(city.clerk, "/logout/", {}, "ログイン")


def end_own_sessions(city: City) -> Form:
    Client().force_login(city.clerk)
    return Form(city.clerk, "/account/sessions/", {"session": "every"}, "ログインしている端末")


def end_sessions(city: City) -> Form:
    Client().force_login(city.clerk)
    url = f"/users/{city.clerk.pk}/sessions/"
    return Form(city.planning, url, {"session": "every"}, "開いているログイン")


def register_app(city: City) -> Form:
    city.clerk.set_password(PASSWORD)
    city.clerk.save()
    client = Client()
    client.force_login(city.clerk)
    data = form_data(client.get("/second-factor/app/").content.decode())
    key = new_app(city.clerk, data["key"]).key
    data |= code_of(key) | {"password": PASSWORD}
    return Form(city.clerk, "/second-factor/app/", data, "予備のコード")


def give_code(city: City) -> Form:
    key = new_app(city.clerk).key
    TOTPDevice.objects.create(user=city.clerk, key=key)
    data = {"next": "/entry/2017/"} | code_of(key)
    return Form(city.clerk, "/second-factor/", data, "実績の入力")


def make_backup_codes(city: City) -> Form:
    return Form(city.clerk, "/second-factor/codes/", {}, "認証アプリの登録")


def code_of(key: str) -> dict[str, str]:
    return {"one_time_password": f"{totp(bytes.fromhex(key)):06}"}


def make_next_plan(city: City) -> Form:
    url = f"/strategies/{city.visitors.kpis.get().strategy.code}/next/"
    client = Client()
    client.force_login(city.planning)
    page = client.get(url).content.decode()
    data = form_data(page) | {"keep": KEPT.findall(page)}
    preview = form_data(client.post(url, data).content.decode())
    sent = preview | {"keep": data["keep"], "confirm": ""}
    return Form(city.planning, url, sent, f"{preview['title']}の概要")


def plan_file() -> dict[str, SimpleUploadedFile]:
    """Return the workbook of a small plan."""
    return {"file": SimpleUploadedFile("計画様式.xlsx", slim(green_city()))}


def preview_plan(city: City) -> Form:
    return Form(city.planning, "/plan-workbook/", {}, "取り込んだ後の計画", plan_file)


def import_plan(city: City) -> Form:
    client = Client()
    client.force_login(city.planning)
    page = client.post("/plan-workbook/", plan_file()).content.decode()
    ticket = {"ticket": form_data(page)["ticket"], "confirm": ""}
    return Form(city.planning, "/plan-workbook/apply/", ticket, "取り込みました")


def adding(model: type[Model], **typed: Any) -> Callable[[City], Form]:
    """Return what prepares the add form of a model in the admin, as planning fills it in."""

    def prepare(city: City) -> Form:
        client = Client()
        client.force_login(city.planning)
        url = address(model, "add")
        data = form_data(client.get(url).content.decode())
        texts = {name: text(city) if callable(text) else text for name, text in typed.items()}
        return Form(city.planning, url, data | texts | {"_save": "1"}, "")

    prepare.__name__ = f"add_{model._meta.model_name}"
    return prepare


def reviewed(city: City, path: str, says: str, **data: Any) -> Form:
    """Return a form of the year's end that planning sends; the year has a value."""
    if city.stored(city.visitors) is None:
        city.store(city.visitors, 45)
    code = Strategy.objects.get().code
    url = iri_to_uri(f"/strategies/{code}/reviews/{path}?year=2017")
    return Form(city.planning, url, data, says)


def review_choices(city: City) -> Form:
    return reviewed(city, "choices/", "選択肢を保存しました。", grades="A\nB")


def review_measure(city: City) -> Form:
    return reviewed(city, "measures/1-ア-1/", "保存しました。", seen="0", results="増えた。")


def review_project(city: City) -> Form:
    project = make_project(Measure.objects.get())
    return reviewed(city, f"projects/{project.pk}/", "保存しました。", seen="0", done="行った。")


def ask_of_a_measure(city: City) -> Form:
    """Return the form with which a clerk sends an evaluation on, together with a new text."""
    measure = Measure.objects.get()
    stored = MeasureReview.objects.create(measure=measure, fiscal_year=city.year, **WRITTEN)
    sent = WRITTEN | {"seen": "1", "results": "減った。", "step": "ask", "value": f"{stored.pk}:1"}
    form = reviewed(city, "measures/1-ア-1/", "1件を「課長確認待ち」にしました。", **sent)
    return replace(form, by=city.clerk)


def review_grant(city: City) -> Form:
    Grant.objects.create(strategy=Strategy.objects.get(), number=1, name="港の交付金")
    return reviewed(city, "grants/1/", "保存しました。", effect="very")


def review_meeting(city: City) -> Form:
    rows = {"member-TOTAL_FORMS": "1", "member-INITIAL_FORMS": "0", "member-0-name": "浜田 一"}
    sent = {"number": "1", "name": "推進会議", "held_on": "2018-10-20", **rows}
    return reviewed(city, "council/0/", "会議を保存しました。", **sent)


def review_verdicts(city: City) -> Form:
    said = {"goal-1-seen": "", "goal-1-verdict": "有効であった", "goal-1-summary": "よい。"}
    return reviewed(city, "council/goals/", "外部評価を保存しました。", **said)


def _meeting(city: City) -> Council:
    return Council.objects.create(
        strategy=Strategy.objects.get(), fiscal_year=city.year, number=1, name="推進会議",
        held_on=date(2018, 10, 20),
    )  # fmt: skip


def review_opinion_add(city: City) -> Form:
    _meeting(city)
    about = f"measure-{Measure.objects.get().pk}"
    return reviewed(
        city, "council/1/add/", "意見1を登録しました。", proposed="1", about=about, text="もっと。"
    )


def review_opinion(city: City) -> Form:
    measure = Measure.objects.get()
    Opinion.objects.create(council=_meeting(city), number=1, measure=measure, text="もっと。")
    sent = {"about": f"measure-{measure.pk}", "text": "もっと多く。"}
    return reviewed(city, "council/1/1/", "意見を保存しました。", **sent)


def review_fix(city: City) -> Form:
    sent = {"decided_on": "2019-01-10", "document_number": "1", "reason": "待たない。"}
    return reviewed(city, "editions/fix/", "第1号を確定しました。", **sent)


def _fixed(city: City, path: str, says: str, **data: Any) -> Form:
    form = reviewed(city, path, says, **data)
    edition = Edition.objects.create(
        strategy=Strategy.objects.get(), fiscal_year=city.year, number=1,
        decided_on=date(2019, 1, 10), document_number="1", sha256="0" * 64,
        data=empty_edition(2017),
    )  # fmt: skip
    EditionFile.objects.create(
        edition=edition, kind=PUBLIC_JSON, name="x.json", content=empty_public_data(2017)
    )
    return form


def review_publish(city: City) -> Form:
    says = "第1号（平成29年度（2017）実績）を公表しました。"
    return _fixed(city, "editions/1/publish/", says, published_on="2019-01-20")


def correct_publication(city: City) -> Form:
    sent = {"was": "2019-01-20", "published_on": "2019-01-25", "reason": "日の誤記"}
    form = _fixed(city, "editions/1/publish/", "公表日を平成31年1月25日に直しました。", **sent)
    Publication.objects.create(edition=Edition.objects.get(), published_on=date(2019, 1, 20))
    return form


def review_measures(city: City) -> Form:
    form = reviewed(city, "measures/", "1件を「確認済み」にしました。")
    row = MeasureReview.objects.create(
        measure=Measure.objects.get(), fiscal_year=city.year, state="answered", **WRITTEN
    )
    data = {"step": "confirm", "value": f"{row.pk}:1"}
    return replace(form, url=form.url.replace("year=2017", "state=answered"), data=data)


def review_projects(city: City) -> Form:
    form = reviewed(city, "projects/", "1件を「確認済み」にしました。")
    row = ProjectYear.objects.create(
        project=make_project(Measure.objects.get()),
        fiscal_year=city.year,
        state="answered",
        done="放流した。",
        settlement=0,
        policy="継続",
    )
    data = {"step": "confirm", "value": f"{row.pk}:1"}
    return replace(form, url=form.url.replace("year=2017", "state=answered"), data=data)


def review_withdraw(city: City) -> Form:
    return _fixed(city, "editions/1/withdraw/", "取下げを申し出ました。", reason="集計の誤り。")


def review_erratum(city: City) -> Form:
    sent = {"place": "3ページ", "wrong": "45", "right": "54", "entered_on": "2019-02-01"}
    says = "正誤1を登録しました。"
    return _fixed(city, "editions/1/erratum/", says, **sent, reason="誤記")


def _filled_sheets(city: City) -> bytes:
    """Return 評価シート with a text in the first measure's 取組と成果."""
    client = Client()
    client.force_login(city.planning)
    address = review_measure(city).url.split("measures/")[0] + "sheets/form.xlsx?year=2017"
    book = openpyxl.load_workbook(BytesIO(b"".join(client.get(address))))
    page = book.worksheets[0]
    row = next(r for r in range(1, page.max_row + 1) if page.cell(r, 1).value == "取組と成果")
    page.cell(row, 2).value = "取り込む文"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def preview_sheets(city: City) -> Form:
    content = _filled_sheets(city)
    url = review_measure(city).url.split("measures/")[0] + "sheets/?year=2017"
    files = lambda: {"file": SimpleUploadedFile("評価シート.xlsx", content)}  # noqa: E731
    return Form(city.planning, url, {}, "取り込む文", files)


def import_sheets(city: City) -> Form:
    client = Client()
    client.force_login(city.planning)
    asked = preview_sheets(city)
    data = form_data(client.post(asked.url, asked.files()).content.decode())
    url = asked.url.replace("sheets/", "sheets/apply/")
    ticket = {"ticket": data["ticket"], "confirm": ""}
    return Form(city.planning, url, ticket, "評価シートを取り込みました")


def _projects_url(city: City, path: str) -> str:
    """Return an address below that of the results of projects, of which one is stored."""
    make_project(Measure.objects.get(), name="種苗放流")
    return reviewed(city, f"projects/{path}", "").url


def _project_grid(city: City) -> Form:
    client = Client()
    client.force_login(city.planning)
    url = _projects_url(city, "grid/")
    pk = Project.objects.get(name="種苗放流").pk
    data = form_data(client.get(url).content.decode()) | {f"r{pk}-done": "放流した。"}
    return Form(city.planning, url, data, "")


def save_projects(city: City) -> Form:
    form = _project_grid(city)
    return replace(form, data=form.data | {"save": "1"}, says="1件の事業を保存しました。")


def keep_projects(city: City) -> Form:
    form = _project_grid(city)
    url = form.url.replace("grid/", "kept/")
    return replace(form, url=url, data=form.data | {"save": "1"}, says="kept_at")


def discard_projects(city: City) -> Form:
    form = keep_projects(city)
    client = Client()
    client.force_login(form.by)
    client.post(form.url, form.data)
    return replace(
        form, url=form.url.replace("kept/", "kept/discard/"), data={}, says="捨てました。"
    )


def preview_projects(city: City) -> Form:
    client = Client()
    client.force_login(city.planning)
    url = _projects_url(city, "form/")
    response = client.get(url)
    content = b"".join(getattr(response, "streaming_content", None) or [response.content])
    book = openpyxl.load_workbook(BytesIO(content))
    [done] = [
        sheet.cell(name.row, head.column)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for name in row
        if name.value == "種苗放流"
        for head in next(
            cells for cells in sheet.iter_rows() if "実施内容" in {one.value for one in cells}
        )
        if head.value == "実施内容"
    ]
    done.value = "放流した。"
    stream = BytesIO()
    book.save(stream)
    files = lambda: {"file": SimpleUploadedFile("様式.xlsx", stream.getvalue())}  # noqa: E731
    return Form(city.planning, url.replace("form/", "import/"), {}, "放流した。", files)


def import_projects(city: City) -> Form:
    client = Client()
    client.force_login(city.planning)
    asked = preview_projects(city)
    data = form_data(client.post(asked.url, asked.files()).content.decode())
    url = asked.url.replace("import/", "import/apply/")
    ticket = {"ticket": data["ticket"], "confirm": ""}
    return Form(city.planning, url, ticket, "取り込みました")


def review_decisions(city: City) -> Form:
    stored = MeasureReview.objects.create(
        measure=Measure.objects.get(), fiscal_year_id=2017, state=State.CONFIRMED
    )
    sent = {"pick": f"{stored.pk}:1", "decided_on": "2018-08-01", "common": "決定する。"}
    return reviewed(city, "decisions/", "決定を記録しました。", **sent)


FORMS = {
    "review_decisions": [review_decisions],
    "review_sheets": [preview_sheets],
    "review_sheets_apply": [import_sheets],
    "review_project_grid": [save_projects],
    "review_project_kept": [keep_projects],
    "review_project_discard": [discard_projects],
    "review_project_import": [preview_projects],
    "review_project_import_apply": [import_projects],
    "review_choices": [review_choices],
    "review_measure": [review_measure, ask_of_a_measure],
    "review_project": [review_project],
    "review_grant": [review_grant],
    "review_meeting": [review_meeting],
    "review_verdicts": [review_verdicts],
    "review_opinion_add": [review_opinion_add],
    "review_opinion": [review_opinion],
    "review_fix": [review_fix],
    "review_publish": [review_publish, correct_publication],
    "review_measures": [review_measures],
    "review_projects": [review_projects],
    "review_withdraw": [review_withdraw],
    "review_erratum": [review_erratum],
    "entry_grid": [save, save_change, withdraw, submit],
    "entry_kept": [keep],
    "entry_kept_discard": [discard],
    "entry_answer": [ask, answer, hand_back, decide_on_paper, confirm_value],
    "entry_import": [preview_form],
    "entry_import_apply": [import_form],
    "entry_withheld": [withhold],
    "entry_evidence": [attach],
    "entry_evidence_remove": [remove],
    "entry_year_add": [add_year],
    "entry_year": [dates],
    "entry_open": [open_year],
    "entry_end": [end_year],
    "next_plan": [make_next_plan],
    "plan_workbook": [preview_plan],
    "plan_workbook_apply": [import_plan],
    "start_city": [store_city],
    "start_example": [take_example],
    "start_example_remove": [remove_example],
    "start_staff": [preview_staff],
    "start_staff_apply": [import_staff],
    "start_passwords": [print_slips],
    "password_change": [change_password],
    "login": [log_in],
    "logout": [log_out],
    "account_sessions": [end_own_sessions],
    "second_factor": [give_code],
    "second_factor_set_up": [register_app],
    "second_factor_codes": [make_backup_codes],
    "user_sessions": [end_sessions],
}
WITHOUT_EFFECT = {
    "entry_import_marked", "plan_workbook_marked", "plan_form_from_text", "review_sheets_marked",
    "review_project_import_marked",
}  # fmt: skip
"""Hands out a file; sent twice, it hands out two."""

ADDED = [
    adding(Section, name="水道課"),
    adding(
        BasicGoal,
        strategy=lambda city: make_strategy().pk,
        position="7",
        title="目標",
        change_reason="登録漏れ",
    ),
    adding(FiscalYear, year="2031"),
    adding(
        User,
        username="K-77",
        full_name="新しい人",
        role=Role.READER,
        password1=PASSWORD,
        password2=PASSWORD,
    ),
]
OF_THE_ADMIN = [bulk_import, *ADDED]
