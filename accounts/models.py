"""People and their sections."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils import timezone

from accounts import access
from trail.history import tracked


class SectionQuerySet(models.QuerySet):
    def active(self) -> "SectionQuerySet":
        """Return the sections that exist today; abolished ones stay for past years."""
        return self.filter(is_active=True)


class Section(models.Model):
    """担当課: is responsible for indicators and enters their values."""

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
    """A former name of a section, valid up to a fiscal year; Section.name is the current one."""

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


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user with a hashed password; with None, the user cannot log in."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Create a superuser, the first user of an installation."""
        return self.create_user(username, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A member of staff. The log-in name is the staff number."""

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
        """Whether this user may use the admin; Django's admin requires this attribute."""
        return access.may_use_admin(self)
