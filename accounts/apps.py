from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_migrate, pre_save


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "利用者と担当課"

    def ready(self) -> None:
        from accounts import events, history, models, roles

        # Permissions do not exist yet while the first migration runs.
        post_migrate.connect(roles.sync_groups, dispatch_uid="accounts.sync_groups")
        history.connect()
        m2m_changed.connect(events.log_roles_changed, sender=models.User.groups.through)
        m2m_changed.connect(events.log_sections_changed, sender=models.User.sections.through)
        pre_save.connect(events.log_account_changed, sender=models.User)
