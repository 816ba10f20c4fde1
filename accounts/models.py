"""People and their sections."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts import access
from accounts.password_spelling import as_printed
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
    first_fiscal_year = models.PositiveSmallIntegerField(
        "最初の年度", null=True, blank=True, help_text="西暦。分からなければ空欄にします。"
    )
    last_fiscal_year = models.PositiveSmallIntegerField(
        "最後の年度",
        null=True,
        blank=True,
        help_text="西暦。統合、分割、廃止のときに入ります。使用中の課では空欄です。",
    )
    succeeded_by: Any = models.ManyToManyField(
        "self",
        verbose_name="引き継いだ課",
        through="SectionSuccession",
        through_fields=("section", "successor"),
        symmetrical=False,
        related_name="preceded_by",
        blank=True,
    )
    history = tracked()
    objects = SectionQuerySet.as_manager()

    class Meta:
        verbose_name = "担当課"
        verbose_name_plural = "担当課"
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_fiscal_year__isnull=True)
                | Q(last_fiscal_year__isnull=True)
                | Q(first_fiscal_year__lte=F("last_fiscal_year")),
                name="section_first_year_not_after_last",
                violation_error_message="最後の年度は、最初の年度以後にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(last_fiscal_year__isnull=True),
                name="section_in_use_has_no_last_year",
                violation_error_message="使用中の課には、最後の年度を入れられません。"
                "「最後の年度」を空欄にするか、「使用中」の印を外してください。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SectionSuccession(models.Model):
    """What came after a section: one section after a merger, several after a split."""

    section = models.ForeignKey(
        Section, verbose_name="担当課", on_delete=models.CASCADE, related_name="successions"
    )
    successor = models.ForeignKey(
        Section, verbose_name="引き継いだ課", on_delete=models.PROTECT, related_name="+"
    )
    history = tracked()

    class Meta:
        verbose_name = "引き継いだ課"
        verbose_name_plural = "引き継いだ課"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["section", "successor"], name="section_succeeded_once"),
            models.CheckConstraint(
                condition=~Q(section=F("successor")), name="section_not_succeeded_by_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.section} → {self.successor}"


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
    must_change_password = models.BooleanField(
        "初回のパスワードのまま", default=False, editable=False
    )

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

    def check_password(self, raw_password: str) -> bool:
        """Return whether this is the password; a first one may be typed in another spelling."""
        if super().check_password(raw_password):
            return True
        printed = as_printed(raw_password)
        is_other = self.must_change_password and printed != raw_password
        return is_other and super().check_password(printed)

    @property
    def is_staff(self) -> bool:
        """Whether this user may use the admin; Django's admin requires this attribute."""
        return access.may_use_admin(self)
