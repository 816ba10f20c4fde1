"""URLs of log-in, log-out, one's own account and the sessions of users."""

from django.urls import path

from accounts import second_factor_views, session_views, views

urlpatterns = [
    path("first/", views.make_first_administrator, name="first_administrator"),
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("password/", views.change_password, name="password_change"),
    path("password/changed/", views.password_changed, name="password_changed"),
    path("second-factor/", second_factor_views.ask_for_code, name="second_factor"),
    path("second-factor/app/", second_factor_views.set_up_app, name="second_factor_set_up"),
    path("second-factor/codes/", second_factor_views.make_backup_codes, name="second_factor_codes"),
    path("account/", session_views.account, name="account"),
    path("account/sessions/", session_views.end_own_sessions, name="account_sessions"),
    path("users/<int:user>/sessions/", session_views.user_sessions, name="user_sessions"),
]
