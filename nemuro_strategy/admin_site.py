"""The admin site: Django's, with our names, our log-in page and our rule of who may enter."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from accounts import access


class StrategyAdminSite(AdminSite):
    site_title = "総合戦略の管理"
    site_header = "総合戦略の管理"
    index_title = "管理の一覧"
    enable_nav_sidebar = True
    login_template = "accounts/login.html"

    def has_permission(self, request: HttpRequest) -> bool:
        return access.may_use_admin(request.user)
