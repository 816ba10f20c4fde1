"""URLs of log-in, log-out and changing one's own password."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("first/", views.make_first_administrator, name="first_administrator"),
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("password/", views.change_password, name="password_change"),
    path("password/changed/", views.password_changed, name="password_changed"),
]
