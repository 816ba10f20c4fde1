"""Who may do what at which address: the data of a test and of docs/access.md.

accounts/access.py decides; this table has the results. A new address gets a place in RULES, a new
action of an admin list one in ACTIONS; tests/accounts/test_access_table.py demands them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache


class Person(StrEnum):
    """The user of a request. その課 is the section that enters the indicator at the address."""

    STRANGER = "ログインなし"
    NO_ROLE = "役割なし"
    CLERK = "担当者（その課）"
    OTHER_CLERK = "担当者（ほかの課）"
    HEAD = "課長（その課）"
    OTHER_HEAD = "課長（ほかの課）"
    PLANNING = "企画担当"
    READER = "閲覧者"
    AUDITOR = "監査担当"


class Answer(StrEnum):
    """The result of a request."""

    OPEN = "open"
    REFUSED = "refused (403)"
    LOG_IN = "asked to log in"
    NOT_FOUND = "not found (404)"
    NO_METHOD = "method not allowed (405)"


People = frozenset[Person]

EVERYBODY: People = frozenset(Person)
LOGGED_IN = EVERYBODY - {Person.STRANGER}
READERS = LOGGED_IN - {Person.NO_ROLE}
ADMIN = READERS - {Person.READER}
ENTERING = ADMIN - {Person.AUDITOR}
OWN_SECTION = ENTERING - {Person.OTHER_CLERK, Person.OTHER_HEAD}
CHECKING: People = frozenset({Person.PLANNING, Person.AUDITOR})
PLANNING: People = frozenset({Person.PLANNING})
NOBODY: People = frozenset()


@dataclass(frozen=True)
class Reply:
    """The answers for these users. Others are refused; anonymous users are asked to log in."""

    people: People
    answer: Answer = Answer.OPEN

    def to(self, person: Person) -> Answer:
        if person in self.people:
            return self.answer
        return Answer.LOG_IN if person == Person.STRANGER else Answer.REFUSED


def no_method(people: People) -> Reply:
    return Reply(people, Answer.NO_METHOD)


def not_found(people: People) -> Reply:
    return Reply(people, Answer.NOT_FOUND)


@dataclass(frozen=True)
class Rule:
    """Addresses (names of URL patterns; * matches anything) with the same answers.

    `writes`: whether a POST that is open changes anything there.
    """

    what: str
    addresses: tuple[str, ...]
    get: Reply
    post: Reply
    writes: bool = True

    def covers(self, address: str) -> bool:
        return any(fnmatchcase(address, pattern) for pattern in self.addresses)


@dataclass(frozen=True)
class ActionRule:
    """Actions of lists in the admin (app_model.action) and who is offered them."""

    what: str
    actions: tuple[str, ...]
    people: People


def pages(page: str, models: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses of one kind of admin page for models (app_model)."""
    return tuple(f"admin:{model}_{page}" for model in models)


UNNAMED = {"<path:object_id>/": "object", "(?P<url>.*)$": "anything_else"}
"""What this table calls patterns to which Django's admin gives no name."""

PLAN = (
    "goals_strategy",
    "goals_revision",
    "goals_basicgoal",
    "goals_grant",
    "goals_numerictarget",
    "measures_measuregroup",
    "measures_measure",
    "measures_project",
    "kpis_kpi",
)
VERSION = ("goals_numerictargetversion", "kpis_kpiversion")
INDICATOR = ("indicators_indicator",)
YEAR = ("indicators_fiscalyear",)
VALUE = ("indicators_actual",)
SECTION = ("accounts_section",)
USER = ("accounts_user",)
EVENT = ("accounts_event",)
ENTERED = (*PLAN, *VERSION, *INDICATOR, *YEAR, *VALUE)

RULES = (
    Rule("動作の確認（監視用）", ("healthz", "readyz"), Reply(EVERYBODY), no_method(EVERYBODY)),
    Rule("公表の最初の画面（PUBLIC_PAGESをonにしたとき）", ("public_pages",),
         Reply(EVERYBODY), no_method(EVERYBODY)),
    Rule("公表の画面とファイル（公表した検証調書だけ。ほかは404）", ("public_page",),
         not_found(EVERYBODY), no_method(EVERYBODY)),
    Rule("最初の管理者の登録（利用者が一人もいないときだけ）", ("first_administrator",),
         not_found(EVERYBODY), not_found(EVERYBODY)),
    Rule("ログイン", ("login",), Reply(EVERYBODY), Reply(EVERYBODY)),
    Rule("ログアウト", ("logout",), no_method(EVERYBODY), Reply(EVERYBODY)),
    Rule("自分のパスワードの変更", ("password_change",), Reply(LOGGED_IN), Reply(LOGGED_IN)),
    Rule("パスワードを変更した", ("password_changed",), Reply(LOGGED_IN), no_method(LOGGED_IN)),
    Rule("認証コードの入力、認証アプリの登録", ("second_factor", "second_factor_set_up"),
         Reply(LOGGED_IN), Reply(LOGGED_IN)),
    Rule("予備のコードを作り直す", ("second_factor_codes",), Reply(LOGGED_IN), Reply(LOGGED_IN)),
    Rule("自分のアカウント", ("account",), Reply(LOGGED_IN), no_method(LOGGED_IN)),
    Rule("自分のほかの端末のログインを終える", ("account_sessions",),
         no_method(LOGGED_IN), Reply(LOGGED_IN)),
    Rule("利用者の開いているログインを見る、終える", ("user_sessions",),
         Reply(PLANNING), Reply(PLANNING)),
    Rule(
        "進捗の画面",
        ("home", "overview", "listings", "plan_list", "goal", "measure", "projects", "target",
         "kpi", "target_value", "kpi_value", "search", "year_document", "revisions", "revision",
         "target_figure", "kpi_figure", "slides", "two_years", "sections",
         "section"),
        Reply(READERS),
        no_method(LOGGED_IN),
    ),
    Rule("次期計画を作る", ("next_plan",), Reply(PLANNING), Reply(PLANNING)),
    Rule("計画を登録する（計画様式）：内容の確認", ("plan_workbook",),
         Reply(PLANNING), Reply(PLANNING), writes=False),
    Rule("計画を登録する（計画様式）：登録", ("plan_workbook_apply",),
         no_method(LOGGED_IN), Reply(PLANNING)),
    Rule("計画様式：誤りに印を付けた様式、一覧の文字から作った様式",
         ("plan_workbook_marked", "plan_form_from_text"),
         no_method(LOGGED_IN), Reply(PLANNING), writes=False),
    Rule("計画様式の受取り", ("plan_form",), Reply(PLANNING), no_method(LOGGED_IN)),
    Rule("年度の一覧、回答状況、照会、実績報告書（決裁用）",
         ("entry_years", "entry_status", "entry_inquiry", "entry_report"),
         Reply(ADMIN), no_method(LOGGED_IN)),
    Rule("評価の進み具合、有識者会議、検証調書とそのファイル、交付金の検証の様式",
         ("reviews", "review_grants", "review_grants_*", "review_council", "review_edition*"),
         Reply(ADMIN), no_method(LOGGED_IN)),
    Rule("内部評価と事業の実績の一覧（次に進めるのは、自分の課のもの、役割に応じて）",
         ("review_measures", "review_projects"),
         Reply(ADMIN), Reply(ENTERING)),
    Rule("公表した値との違い、評価と検証調書の経過", ("review_published",),
         Reply(CHECKING), no_method(LOGGED_IN)),
    Rule("推進本部の決定、有識者会議の会議、外部評価、意見の登録、検証調書の確定、公表、取下げ、正誤",
         ("review_meeting", "review_verdicts", "review_opinion_add", "review_fix",
          "review_publish", "review_withdraw", "review_erratum",
          "review_choices", "review_grant", "review_decisions"),
         Reply(PLANNING), Reply(PLANNING)),
    Rule("有識者会議の意見への回答（自分の課に割り当てられた意見）", ("review_opinion",),
         Reply(OWN_SECTION), Reply(OWN_SECTION)),
    Rule("内部評価、事業の実績（自分の課の施策と事業、役割に応じて）",
         ("review_measure", "review_project"),
         Reply(ADMIN), Reply(OWN_SECTION)),
    Rule("評価シートの受取り（自分の課の施策）", ("review_sheets_form",),
         Reply(ENTERING), no_method(LOGGED_IN)),
    Rule("評価シートの取込み：内容の確認（自分の課の施策）", ("review_sheets",),
         Reply(ENTERING), Reply(ENTERING), writes=False),
    Rule("評価シートの取込み：登録", ("review_sheets_apply",),
         no_method(LOGGED_IN), Reply(ENTERING)),
    Rule("評価シート：誤りに印を付けたファイル", ("review_sheets_marked",),
         no_method(LOGGED_IN), Reply(ENTERING), writes=False),
    Rule("事業の実績の一覧入力（自分の課の事業だけ）", ("review_project_grid",),
         Reply(ENTERING), Reply(ENTERING)),
    Rule("事業の実績：入力中の内容の保管と破棄",
         ("review_project_kept", "review_project_discard"),
         no_method(LOGGED_IN), Reply(ENTERING)),
    Rule("事業の実績：Excel様式の受取り（自分の課の事業）", ("review_project_form",),
         Reply(ENTERING), no_method(LOGGED_IN)),
    Rule("事業の実績：Excel様式の取込み：内容の確認（自分の課の事業）",
         ("review_project_import",), Reply(ENTERING), Reply(ENTERING), writes=False),
    Rule("事業の実績：Excel様式の取込み：登録", ("review_project_import_apply",),
         no_method(LOGGED_IN), Reply(ENTERING)),
    Rule("事業の実績：Excel様式の取込み：誤りに印を付けた様式",
         ("review_project_import_marked",), no_method(LOGGED_IN), Reply(ENTERING), writes=False),
    Rule("回答と確認（自分の課の値、役割に応じて）", ("entry_answer",),
         Reply(ADMIN), Reply(ENTERING)),
    Rule("Excel様式の受取り（自分の課の指標）", ("entry_form",),
         Reply(ENTERING), no_method(LOGGED_IN)),
    Rule("Excel様式の取込み：内容の確認（自分の課の指標）", ("entry_import",),
         Reply(ENTERING), Reply(ENTERING), writes=False),
    Rule("Excel様式の取込み：登録", ("entry_import_apply",),
         no_method(LOGGED_IN), Reply(ENTERING)),
    Rule("Excel様式の取込み：誤りに印を付けた様式", ("entry_import_marked",),
         no_method(LOGGED_IN), Reply(ENTERING), writes=False),
    Rule("年度を作る、日程、入力の受付の開始と終了",
         ("entry_year_add", "entry_year", "entry_open", "entry_end"),
         Reply(PLANNING), Reply(PLANNING)),
    Rule("導入のはじめに", ("start",), Reply(PLANNING), no_method(LOGGED_IN)),
    Rule("市町村と企画担当", ("start_city",), Reply(PLANNING), Reply(PLANNING)),
    Rule("担当課と利用者の取込み：内容の確認", ("start_staff",),
         Reply(PLANNING), Reply(PLANNING), writes=False),
    Rule("担当課と利用者の取込み：登録、例の計画の読込みと削除",
         ("start_staff_apply", "start_example", "start_example_remove"),
         no_method(LOGGED_IN), Reply(PLANNING)),
    Rule("担当課と利用者の様式の受取り", ("start_staff_form",),
         Reply(PLANNING), no_method(LOGGED_IN)),
    Rule("初回のパスワードを付けて、紙を示す", ("start_passwords",),
         Reply(PLANNING), Reply(PLANNING)),
    Rule("秘匿の印（自分の課の値、役割に応じて）", ("entry_withheld",),
         Reply(OWN_SECTION), Reply(OWN_SECTION)),
    Rule("根拠資料", ("entry_evidence",),
         Reply(OWN_SECTION | {Person.AUDITOR}), Reply(OWN_SECTION)),
    Rule("根拠資料を受け取る", ("entry_evidence_file",),
         Reply(OWN_SECTION | {Person.AUDITOR}), no_method(LOGGED_IN)),
    Rule("根拠資料を取り下げる", ("entry_evidence_remove",),
         Reply(OWN_SECTION), Reply(OWN_SECTION)),
    Rule("変更の検索とその出力", ("changes*", "moves*"), Reply(CHECKING), no_method(LOGGED_IN)),
    Rule("報告書の画面、Excel・CSV・JSONの出力",
         ("target_svg", "kpi_svg", "chart_collection",
          "reports", "report_choice", "year_workbook", "measures_*", "council_*",
          "assembly_*", "settlement_*", "data_*", "actuals_*", "revision_xlsx"),
         Reply(READERS), no_method(LOGGED_IN)),
    Rule("実績の一覧入力（自分の課の指標だけ）", ("entry_grid",), Reply(ENTERING), Reply(ENTERING)),
    Rule("入力中の内容の保管と破棄", ("entry_kept", "entry_kept_discard"),
         no_method(LOGGED_IN), Reply(ENTERING)),
    Rule(
        "管理：最初の画面",
        ("admin:index", "admin:object"),
        Reply(ADMIN),
        Reply(ADMIN),
        writes=False,
    ),
    Rule(
        "管理：候補の検索、画面の部品",
        ("admin:autocomplete", "admin:jsi18n"),
        Reply(ADMIN),
        no_method(ADMIN),
    ),
    Rule("管理：サイト上の表示、その他",
         ("admin:view_on_site", "admin:app_list", "admin:anything_else"),
         not_found(ADMIN), not_found(ADMIN)),
    Rule("管理：ログイン（共通のログインへ）", ("admin:login",), Reply(NOBODY), Reply(NOBODY)),
    Rule("管理：ログアウト", ("admin:logout",), no_method(ADMIN), Reply(ADMIN)),
    Rule("管理：自分のパスワード（共通の画面へ）",
         ("admin:password_change", "admin:password_change_done"), Reply(ADMIN), Reply(ADMIN),
         writes=False),
    Rule("管理：計画・指標・年度・実績値の一覧と履歴",
         pages("changelist", ENTERED) + pages("history", ENTERED), Reply(ADMIN), Reply(ADMIN),
         writes=False),
    Rule("管理：計画（目標、施策、事業、KPI）", pages("change", PLAN),
         Reply(ADMIN), Reply(PLANNING)),
    Rule("管理：改訂前の内容（登録の訂正だけ）", pages("change", VERSION),
         Reply(ADMIN), Reply(PLANNING)),
    Rule("管理：判定の決め方", ("admin:goals_strategy_judging",),
         Reply(PLANNING), Reply(PLANNING)),
    Rule("管理：指標とその実績値", pages("change", INDICATOR), Reply(ADMIN), Reply(OWN_SECTION)),
    Rule("管理：年度とその実績値（自分の課の指標だけ）", pages("change", YEAR),
         Reply(ADMIN), Reply(ENTERING)),
    Rule("管理：実績値（見るだけ）", pages("change", VALUE), Reply(ADMIN), Reply(NOBODY)),
    Rule("管理：計画・指標・年度の追加", pages("add", (*PLAN, *INDICATOR, *YEAR)),
         Reply(PLANNING), Reply(PLANNING)),
    Rule("管理：計画・指標の削除", pages("delete", (*PLAN, *INDICATOR)),
         Reply(PLANNING), Reply(PLANNING)),
    Rule("管理：以前の内容", pages("simple_history", ENTERED), Reply(ADMIN), no_method(ADMIN)),
    Rule("管理：担当課の以前の内容", pages("simple_history", SECTION),
         Reply(CHECKING), no_method(ADMIN)),
    Rule("管理：利用者・担当課・操作の記録の一覧と履歴",
         pages("changelist", (*SECTION, *USER, *EVENT))
         + pages("history", (*SECTION, *USER, *EVENT)), Reply(CHECKING), Reply(CHECKING),
         writes=False),
    Rule("管理：利用者・担当課", pages("change", (*SECTION, *USER)),
         Reply(CHECKING), Reply(PLANNING)),
    Rule("管理：担当課の統合・分割・改称・廃止", ("admin:accounts_section_reorganise",),
         Reply(PLANNING), Reply(PLANNING)),
    Rule("管理：利用者・担当課の追加、利用者のパスワードの設定",
         (*pages("add", (*SECTION, *USER)), "admin:auth_user_password_change"),
         Reply(PLANNING), Reply(PLANNING)),
    Rule("管理：操作の記録（見るだけ）", pages("change", EVENT), Reply(CHECKING), Reply(NOBODY)),
    Rule("管理：実績値、記録、改訂前の内容の追加、それらに関わるものの削除（だれもできない）",
         pages("add", (*VALUE, *EVENT, *VERSION))
         + pages("delete", (*VERSION, *YEAR, *VALUE, *SECTION, *USER, *EVENT)),
         Reply(NOBODY), Reply(NOBODY)),
    Rule("管理：一括取込", ("admin:*_import", "admin:*_process_import"),
         Reply(PLANNING), Reply(PLANNING)),
    Rule("管理：一括出力", ("admin:*_export",), Reply(PLANNING), Reply(PLANNING)),
)  # fmt: skip

ACTIONS = (
    ActionRule(
        "選んだものを削除する",
        tuple(f"{model}.delete_selected" for model in (*PLAN, *INDICATOR)),
        PLANNING,
    ),
    ActionRule(
        "読み方を確認した",
        ("goals_numerictarget.confirm_readings", "kpis_kpi.confirm_readings"),
        PLANNING,
    ),
    ActionRule("担当課・入力する課を移す", ("indicators_indicator.move_to_section",), PLANNING),
    ActionRule(
        "入力の受付を開始する・終了する",
        ("indicators_fiscalyear.open_entry", "indicators_fiscalyear.end_entry"),
        PLANNING,
    ),
    ActionRule(
        "課長に確認を依頼する・回答する・内容を確認した（値ごとに、課と役割で判断）",
        (
            "indicators_actual.move_to_submitted",
            "indicators_actual.move_to_answered",
            "indicators_actual.move_to_confirmed",
        ),
        ENTERING,
    ),
    ActionRule(
        "ロックを解除する・初回のパスワードを付け直す・ログインを終える・二段階認証の登録を取り消す・無効にする",
        (
            "accounts_user.lift_lock_out",
            "accounts_user.give_first_passwords",
            "accounts_user.end_sessions",
            "accounts_user.reset_second_factor",
            "accounts_user.deactivate",
        ),
        PLANNING,
    ),
)


@cache
def rules_for(address: str) -> tuple[Rule, ...]:
    """Return the rules that cover an address: one, where the table is right."""
    return tuple(rule for rule in RULES if rule.covers(address))
