from importlib import import_module

from django.apps import AppConfig, apps
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.checks import Tags, register
from django.db.models.signals import (
    m2m_changed,
    post_migrate,
    post_save,
    pre_migrate,
    pre_save,
)


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "利用者と担当課"

    def ready(self) -> None:
        from accounts import (
            account_events,
            answer_pages,
            idle,
            lock_outs,
            models,
            open_sessions,
            roles,
            second_factor,
        )
        from trail import data_version, history
        from trail.events import Event

        roles.register(
            roles.ModelKind.ACCOUNT, models.Section, models.SectionFormerName, models.User
        )
        roles.register(roles.ModelKind.LOG, Event)
        # Permissions do not exist yet while the first migration runs. The signal is sent for each
        # app in turn: after the last one, all permissions are there.
        first, *_, last = (one for one in apps.get_app_configs() if one.models_module)
        post_migrate.connect(roles.sync_groups, sender=last, dispatch_uid="accounts.sync_groups")
        # Before the first app's migrations, and after the last one's.
        pre_migrate.connect(
            data_version.take_triggers_away,
            sender=first,
            dispatch_uid="trail.data_version",
        )
        post_migrate.connect(
            data_version.make_triggers, sender=last, dispatch_uid="trail.data_version"
        )
        register(data_version.check_triggers, Tags.database)
        history.connect()
        user = models.User
        m2m_changed.connect(account_events.log_roles_changed, sender=user.groups.through)
        m2m_changed.connect(account_events.log_sections_changed, sender=user.sections.through)
        pre_save.connect(account_events.log_account_changed, sender=user)
        post_save.connect(open_sessions.end_of_deactivated, sender=user)
        user_logged_in.connect(idle.note_log_in)
        user_logged_in.connect(second_factor.note_code_due)
        user_logged_in.connect(account_events.log_log_in)
        user_logged_out.connect(account_events.log_log_out)
        user_logged_out.connect(answer_pages.forget_after_log_out)
        # Connect axes first: log_log_in_failed reads the attributes that axes sets on the request.
        import_module("axes.signals")
        user_login_failed.connect(account_events.log_log_in_failed)
        user_login_failed.connect(lock_outs.log_block)
