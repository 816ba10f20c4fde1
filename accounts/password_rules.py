"""Django's password rules, with messages that say what to do."""

from django.contrib.auth import password_validation as django_rules


class LongEnough(django_rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return f"パスワードが短すぎます。{self.min_length}文字以上にしてください。"

    def get_help_text(self) -> str:
        return f"{self.min_length}文字以上にしてください。"


class NotCommon(django_rules.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return "よく使われていて、推測されやすいパスワードです。別のものにしてください。"

    def get_help_text(self) -> str:
        return "よく使われるもの（「password1234」など）は使えません。"


class NotNumeric(django_rules.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return "数字だけのパスワードは使えません。英字や記号を混ぜてください。"

    def get_help_text(self) -> str:
        return "数字だけのものは使えません。"


class UnlikeThePerson(django_rules.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return "パスワードが%(verbose_name)sに似ています。別のものにしてください。"

    def get_help_text(self) -> str:
        return "職員番号、氏名、メールアドレスに似たものは使えません。"
