"""System checks of the installation: wrong and missing settings, each with a remedy.

Every `manage.py check` reports wrong values; `check --deploy` also reports what production needs.
"""

import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import ERROR, CheckMessage, Error, Tags, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured

from accounts.directory_groups import WrongGroups, read_groups
from backups.faults import BackupError
from backups.keys import read_key_file
from indicators.evidence.types import KINDS
from nemuro_strategy.environment import unknown_names
from nemuro_strategy.secret_key import GENERATED_PREFIX
from reports.licences import LICENCES

PUBLISHED = "change-me"
"""Part of each secret in .env.example."""

EXAMPLE_HOST = "city.example.lg.jp"
"""Part of each address in .env.example."""

SHORT, FEW = 50, 5
"""A key with fewer characters, or fewer different ones, is weak: as in Django's own check."""

SITE_URL_EXAMPLE = (
    "「https://kpi.city.example.lg.jp」のように、利用者が開く画面のアドレスを指定してください。"
)
LDAP_EXAMPLE = "「ldaps://ad1.city.local」のように指定してください。"


@register(Tags.security)
def check_environment(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each variable whose value could not be read."""
    return [
        Error(
            f"環境変数 {fault.name}：{fault.problem}", hint=fault.remedy, id="nemuro_strategy.E003"
        )
        for fault in settings.SETTING_FAULTS
    ]


@register(Tags.security)
def check_published_secrets(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each secret that is still the one of .env.example: everybody knows it."""
    secrets = {
        "SECRET_KEY": (settings.SECRET_KEY, "50文字以上の無作為な文字列"),
        "DATABASE_URL": (settings.DATABASES["default"].get("PASSWORD", ""), "実際のパスワード"),
        "EMAIL_HOST_PASSWORD": (settings.EMAIL_HOST_PASSWORD, "実際のパスワード"),
        "LDAP_BIND_PASSWORD": (settings.LDAP_BIND_PASSWORD, "実際のパスワード"),
        "S3_SECRET_KEY": (settings.S3_SECRET_KEY, "実際の鍵"),
    }
    return [
        Error(
            f"{name} に、公開されている .env.example の値を使っています。",
            hint=f"{name} に{wanted}を指定してください。",
            id="nemuro_strategy.E006",
        )
        for name, (secret, wanted) in secrets.items()
        if PUBLISHED in (secret or "")
    ]


@register(Tags.security, deploy=True)
def check_example_addresses(**kwargs: Any) -> list[CheckMessage]:
    """Return a warning for each setting that still has an address of .env.example."""
    named = {
        "ALLOWED_HOSTS": settings.ALLOWED_HOSTS,
        "CSRF_TRUSTED_ORIGINS": settings.CSRF_TRUSTED_ORIGINS,
        "EMAIL_HOST": [settings.EMAIL_HOST],
        "DEFAULT_FROM_EMAIL": [settings.DEFAULT_FROM_EMAIL],
        "SITE_URL": [settings.SITE_URL],
    }
    return [
        Warning(
            f"{name} に、.env.example の例（{EXAMPLE_HOST}）が残っています。",
            hint="実際のホスト名に直すか、使わないなら、その行を消してください。",
            id="nemuro_strategy.W007",
        )
        for name, values in named.items()
        if any(EXAMPLE_HOST in value for value in values)
    ]


def refuse_errors() -> None:
    """Raise ImproperlyConfigured if a check of ours finds an error.

    For the server, which does not run the checks by itself: it would start with defaults instead.
    """
    errors = [
        message
        for message in run_checks(tags=[Tags.security])
        if message.level >= ERROR and str(message.id).startswith("nemuro_strategy.")
    ]
    if errors:
        raise ImproperlyConfigured("\n".join(f"{one.msg}{one.hint or ''}" for one in errors))


@register(Tags.security)
def check_data_dir(**kwargs: Any) -> list[CheckMessage]:
    """Return an error where the data directory cannot be written to."""
    if os.access(settings.DATA_DIR, os.W_OK):
        return []
    return [
        Error(
            f"DATA_DIR（{settings.DATA_DIR}）に書き込めません。",
            hint="書き込めるディレクトリを DATA_DIR に指定するか、権限を直してください。",
            id="nemuro_strategy.E001",
        )
    ]


@register(Tags.security)
def check_files_storage(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each setting that a store of files lacks."""
    if settings.FILES_STORAGE != "s3":
        return []
    needed = ("S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY")
    faults = [
        (f"{name} がありません。", f"{name} を指定してください。")
        for name in needed
        if not getattr(settings, name)
    ]
    if settings.S3_ENDPOINT and not settings.S3_ENDPOINT.startswith(("http://", "https://")):
        faults.append(
            (
                f"S3_ENDPOINT（{settings.S3_ENDPOINT}）が http:// か https:// で始まりません。",
                "「https://store.city.example.lg.jp」のように指定してください。",
            )
        )
    faults += _faults_of_certificates("S3_CA_FILE")
    return [
        Error(
            f"ファイルの保存先（FILES_STORAGE=s3）：{fault}", hint=remedy, id="nemuro_strategy.E009"
        )
        for fault, remedy in faults
    ]


def _faults_of_certificates(name: str) -> list[tuple[str, str]]:
    """Return that the file with the city's certificates, which a setting names, is not readable."""
    path = getattr(settings, name)
    if not path or os.access(path, os.R_OK):
        return []
    remedy = "庁内の認証局の証明書（PEM形式）の場所と権限を確かめてください。"
    return [(f"{name}（{path}）を読めません。", remedy)]


@register(Tags.security)
def check_files_dir(**kwargs: Any) -> list[CheckMessage]:
    """Return an error where the folder that several servers share is not there or not ours."""
    is_used = settings.FILES_STORAGE == "folder" and settings.FILES_DIR != settings.DATA_DIR
    if not is_used or os.access(settings.FILES_DIR, os.W_OK):
        return []
    return [
        Error(
            f"FILES_DIR（{settings.FILES_DIR}）に書き込めません。",
            hint="共有フォルダーがつながっているか、権限があるかを確かめてください。",
            id="nemuro_strategy.E010",
        )
    ]


@register(Tags.security)
def check_key_file(**kwargs: Any) -> list[CheckMessage]:
    """Return a warning where backups cannot be made with the key that the settings name.

    No error: on a new server the file comes later than the settings, and `backup --new-key` makes
    it.
    """
    if not settings.BACKUP_KEY_FILE:
        return []
    try:
        read_key_file(Path(settings.BACKUP_KEY_FILE))
    except BackupError as error:
        return [
            Warning(
                f"BACKUP_KEY_FILE：{error}",
                hint="このままでは、バックアップを作れません。",
                id="nemuro_strategy.W008",
            )
        ]
    return []


HOST = re.compile(r"\*|\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]", re.IGNORECASE)


@register(Tags.security)
def check_hosts(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each allowed host that no browser can send, or if there is none."""
    faults = [
        f"ALLOWED_HOSTS の「{host}」は、ホスト名ではありません。"
        for host in settings.ALLOWED_HOSTS
        if not HOST.fullmatch(host)
    ]
    if not settings.ALLOWED_HOSTS and not settings.DEBUG:
        faults = ["ALLOWED_HOSTS に、ホスト名がありません。"]
    return [
        Error(
            fault,
            hint="「kpi.city.example.lg.jp」のように、https:// や / やポートを付けずに、"
            "ホスト名だけを指定してください。",
            id="nemuro_strategy.E011",
        )
        for fault in faults
    ]


@register(Tags.security)
def check_origins(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each trusted origin that has more or less than scheme and host."""
    return [
        Error(
            f"CSRF_TRUSTED_ORIGINS の「{origin}」は、"
            "http:// か https:// とホスト名だけの形ではありません。",
            hint="「https://kpi.city.example.lg.jp」のように、終わりに / を付けずに"
            "指定してください。",
            id="nemuro_strategy.E002",
        )
        for origin in settings.CSRF_TRUSTED_ORIGINS
        if not re.fullmatch(r"https?://[^/?#\s]+", origin)
    ]


@register(Tags.security)
def check_evidence_kinds(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each allowed type of 根拠資料 whose content we cannot check."""
    return [
        Error(
            f"EVIDENCE_KINDS の「{ending}」は、中身を確かめられない形式です。",
            hint=f"{'、'.join(KINDS)} の中から指定してください。",
            id="nemuro_strategy.E004",
        )
        for ending in settings.EVIDENCE_KINDS
        if ending not in KINDS
    ]


@register(Tags.security)
def check_data_licence(**kwargs: Any) -> list[CheckMessage]:
    """Return an error if the data files cannot name the licence of the data."""
    if not settings.DATA_LICENCE or settings.DATA_LICENCE in LICENCES:
        return []
    return [
        Error(
            f"DATA_LICENCE の「{settings.DATA_LICENCE}」という利用条件はありません。",
            hint=f"{'、'.join(LICENCES)} のどれかを指定するか、空にしてください。",
            id="nemuro_strategy.E007",
        )
    ]


@register(Tags.security)
def check_directory(**kwargs: Any) -> list[CheckMessage]:
    """Return what is missing or wrong in the settings of the city's directory, if it is used."""
    if not settings.LDAP_SERVERS:
        return []
    faults = [
        (f"LDAP_SERVERS の「{one}」が ldaps:// か ldap:// で始まりません。", LDAP_EXAMPLE)
        for one in settings.LDAP_SERVERS
        if not one.startswith(("ldaps://", "ldap://"))
    ]
    if not settings.LDAP_USER_BASE:
        faults.append(
            (
                "LDAP_USER_BASE がありません。",
                "利用者を探す場所を「OU=職員,DC=city,DC=local」のように指定してください。",
            )
        )
    faults += _faults_of_certificates("LDAP_CA_FILE")
    if settings.LDAP_GROUPS_FILE and not settings.LDAP_GROUP_BASE:
        faults.append(
            (
                "LDAP_GROUPS_FILE があるのに、LDAP_GROUP_BASE がありません。",
                "グループを探す場所を「OU=グループ,DC=city,DC=local」のように指定してください。",
            )
        )
    if settings.LDAP_GROUPS_FILE:
        try:
            read_groups(settings.LDAP_GROUPS_FILE)
        except WrongGroups as error:
            faults.append((f"LDAP_GROUPS_FILE：{error}", "ファイルを直してください。"))
    if "{dn}" not in settings.LDAP_GROUP_FILTER:
        faults.append(
            ("LDAP_GROUP_FILTER に {dn} がありません。", "「(member={dn})」のようにしてください。")
        )
    return [
        Error(f"ディレクトリの設定：{fault}", hint=remedy, id="nemuro_strategy.E008")
        for fault, remedy in faults
    ]


@register(Tags.security)
def check_site_url(**kwargs: Any) -> list[CheckMessage]:
    """Return an error if the address of the site is none that a browser could open."""
    if not settings.SITE_URL or re.match("https?://[^/]", settings.SITE_URL):
        return []
    return [
        Error(
            f"SITE_URL（{settings.SITE_URL}）が http:// か https:// で始まりません。",
            hint=SITE_URL_EXAMPLE,
            id="nemuro_strategy.E012",
        )
    ]


@register(Tags.security)
def check_mail(**kwargs: Any) -> list[CheckMessage]:
    """Return what is missing or contradictory if mail is only partly configured."""
    if not settings.EMAIL_HOST:
        named = [
            name
            for name in ("EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "DEFAULT_FROM_EMAIL")
            if getattr(settings, name)
        ]
        return _mail_without_host(named)
    faults = []
    if not settings.DEFAULT_FROM_EMAIL:
        faults.append(("DEFAULT_FROM_EMAIL がありません。", "差出人のアドレスを指定してください。"))
    if not settings.SITE_URL:
        faults.append(("SITE_URL がありません。", SITE_URL_EXAMPLE))
    if settings.EMAIL_USE_TLS and settings.EMAIL_USE_SSL:
        faults.append(
            (
                "EMAIL_USE_TLS と EMAIL_USE_SSL が両方 on です。",
                "一つだけ on にしてください。",
            )
        )
    if bool(settings.EMAIL_HOST_USER) != bool(settings.EMAIL_HOST_PASSWORD):
        faults.append(
            (
                "EMAIL_HOST_USER と EMAIL_HOST_PASSWORD の、片方だけがあります。",
                "両方指定するか、認証のいらないサーバーなら両方を消してください。",
            )
        )
    return [
        Error(f"メールの設定：{fault}", hint=remedy, id="nemuro_strategy.E005")
        for fault, remedy in faults
    ]


def _mail_without_host(named: list[str]) -> list[CheckMessage]:
    if not named:
        return []
    return [
        Warning(
            f"EMAIL_HOST がないため、{'、'.join(named)} は使われず、メールは送られません。",
            hint="メールを送るなら EMAIL_HOST を指定し、送らないなら、ほかの設定を消してください。",
            id="nemuro_strategy.W006",
        )
    ]


@register(Tags.security, deploy=True)
def check_names(**kwargs: Any) -> list[CheckMessage]:
    """Return a warning for each variable of the settings file that nothing reads."""
    messages: list[CheckMessage] = []
    for name in unknown_names(settings.BASE_DIR, settings.SETTING_NAMES):
        meant = get_close_matches(name, settings.SETTING_NAMES, n=1)
        remedy = f"{meant[0]} の誤りなら、直してください。" if meant else ""
        messages.append(
            Warning(
                f"設定のファイルの {name} は、このシステムの設定にない名前なので、使われません。",
                hint=f"{remedy}いらなければ、その行を消してください。",
                id="nemuro_strategy.W009",
            )
        )
    return messages


@register(Tags.security, deploy=True)
def check_production(**kwargs: Any) -> list[CheckMessage]:
    """Return a warning for each setting that a production installation still lacks."""
    messages: list[CheckMessage] = []
    if settings.SECRET_KEY.startswith(GENERATED_PREFIX):
        messages.append(
            Warning(
                "SECRET_KEY が指定されていないため、自動で作った鍵を使っています。",
                hint="50文字以上の無作為な文字列を環境変数 SECRET_KEY に指定してください。",
                id="nemuro_strategy.W001",
            )
        )
    elif len(settings.SECRET_KEY) < SHORT or len(set(settings.SECRET_KEY)) < FEW:
        messages.append(
            Warning(
                "SECRET_KEY が短いか、同じ文字の繰返しなので、推測されるおそれがあります。",
                hint="50文字以上の無作為な文字列にしてください。",
                id="nemuro_strategy.W010",
            )
        )
    if {"localhost", "127.0.0.1"} & set(settings.ALLOWED_HOSTS) or "*" in settings.ALLOWED_HOSTS:
        messages.append(
            Warning(
                f"ALLOWED_HOSTS（{', '.join(settings.ALLOWED_HOSTS)}）が本番用ではありません。",
                hint="利用者がブラウザーに入力するホスト名だけを指定してください。",
                id="nemuro_strategy.W002",
            )
        )
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        messages.append(
            Warning(
                "本番で SQLite を使う設定になっています。",
                hint="DATABASE_URL=postgres://利用者:パスワード@ホスト/データベース を"
                "指定してください。",
                id="nemuro_strategy.W003",
            )
        )
    if Path(settings.DATA_DIR) == settings.BASE_DIR / "var":
        messages.append(
            Warning(
                "DATA_DIR がプログラムと同じ場所にあります。",
                hint="更新しても消えず、控えを取っている場所を DATA_DIR に指定してください。",
                id="nemuro_strategy.W004",
            )
        )
    if settings.HTTPS and not settings.PROXY_COUNT:
        messages.append(
            Warning(
                "PROXY_COUNT が 0 のため、接続元としてプロキシのアドレスしか分かりません。",
                hint="X-Forwarded-For を付けるプロキシの数を PROXY_COUNT に指定してください。",
                id="nemuro_strategy.W005",
            )
        )
    return messages
