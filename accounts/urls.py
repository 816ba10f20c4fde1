"""URLs of log-in, log-out, one's own account and the sessions of users."""

from django.urls import path

from accounts import session_views, views

urlpatterns = [
    path("first/", views.make_first_administrator, name="first_administrator"),
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("password/", views.change_password, name="password_change"),
    path("password/changed/", views.password_changed, name="password_changed"),
    path("account/", session_views.account, name="account"),
    path("account/sessions/", session_views.end_own_sessions, name="account_sessions"),
    path("users/<int:user>/sessions/", session_views.user_sessions, name="user_sessions"),
]
