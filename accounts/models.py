"""People, their sections, and the log of what happens around accounts."""

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts import access
from accounts.history import Door, tracked


class SectionQuerySet(models.QuerySet):
    def active(self) -> "SectionQuerySet":
        """Sections that exist today; abolished ones keep what they answered for."""
        return self.filter(is_active=True)


class Section(models.Model):
    """担当課: answers for indicators and enters their values."""

    name = models.CharField("名称", max_length=60, unique=True)
    department = models.CharField("部", max_length=60, blank=True, help_text="例：総務部")
    position = models.PositiveIntegerField("並び順", default=0)
    is_active = models.BooleanField(
        "使用中", default=True, help_text="廃止された課は、削除せずにこの印を外してください。"
    )
    history = tracked()
    objects = SectionQuerySet.as_manager()

    class Meta:
        verbose_name = "担当課"
        verbose_name_plural = "担当課"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class SectionFormerName(models.Model):
    """What a section was called up to a fiscal year; today's name is that of the section."""

    section = models.ForeignKey(
        Section, verbose_name="担当課", on_delete=models.CASCADE, related_name="former_names"
    )
    last_fiscal_year = models.PositiveSmallIntegerField(
        "この名称の最後の年度", help_text="西暦。この年度までは、この名称で示します。"
    )
    name = models.CharField("名称", max_length=60)
    history = tracked()

    class Meta:
        verbose_name = "以前の名称"
        verbose_name_plural = "以前の名称"
        ordering = ["-last_fiscal_year"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "last_fiscal_year"], name="former_name_once_per_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.last_fiscal_year}年度まで）"


class UserManager(BaseUserManager):
    def create_user(self, username: str, password: str | None = None, **fields) -> "User":
        """Return a new user, saved, with the password hashed (None: cannot log in)."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields) -> "User":
        """Return a new user who may do everything; the first one of an installation."""
        return self.create_user(username, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A member of the staff. The log-in name is the staff number."""

    username = models.CharField(
        "職員番号",
        max_length=30,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "この職員番号は、すでに登録されています。"},
    )
    full_name = models.CharField("氏名", max_length=60)
    email = models.EmailField("メールアドレス", blank=True)
    sections = models.ManyToManyField(
        Section,
        verbose_name="担当課",
        blank=True,
        related_name="users",
        help_text="兼務の場合は、すべて選んでください。",
    )
    is_active = models.BooleanField(
        "有効", default=True, help_text="退職、異動した人は、削除せずにこの印を外してください。"
    )
    date_joined = models.DateTimeField("登録日時", default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = "利用者"
        verbose_name_plural = "利用者"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.full_name or self.username

    @property
    def is_staff(self) -> bool:
        """Whether the admin is open to this person; Django's admin asks for this name."""
        return access.may_use_admin(self)


class EventQuerySet(models.QuerySet):
    def about(self, user: User) -> "EventQuerySet":
        """Events of an account, failed log-ins under its name included."""
        named = Q(subject__endswith=f"（{user.username}）") | Q(subject=user.username)
        return self.filter(named)


class Event(models.Model):
    """Something around accounts that an auditor asks for and that no model's history holds."""

    class Kind(models.TextChoices):
        LOG_IN = "login", "ログイン"
        LOG_OUT = "logout", "ログアウト"
        LOG_IN_FAILED = "failure", "ログインの失敗"
        LOCKED = "locked", "ログインのロック"
        UNLOCKED = "unlocked", "ロックの解除"
        PASSWORD = "password", "パスワードの変更"
        ROLES = "roles", "役割の変更"
        SECTIONS = "sections", "所属の変更"
        ACCOUNT = "account", "利用者の変更"
        EXPORT = "export", "ファイルの出力"
        IMPORT = "import", "ファイルの取込み"

    kind = models.CharField("種類", max_length=10, choices=Kind)
    occurred_at = models.DateTimeField("日時", default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="操作した人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    subject = models.CharField("対象", max_length=200)
    detail = models.TextField("内容", blank=True)
    # Log-ins and log-outs have none.
    door = models.CharField("入力経路", max_length=10, choices=Door, default=Door.ADMIN, blank=True)
    address = models.GenericIPAddressField("接続元", null=True, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "操作の記録"
        verbose_name_plural = "操作の記録"
        ordering = ["-occurred_at", "-pk"]
        indexes = [models.Index(fields=["kind", "occurred_at"], name="event_kind_time")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"
