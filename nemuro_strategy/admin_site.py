"""Django's admin site with our names, our log-in page and our access rule."""

from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.exceptions import DisallowedModelAdminToField
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator

from accounts import access
from nemuro_strategy.admin_order import in_groups


class StrategyAdminSite(AdminSite):
    site_title = "総合戦略の管理"
    site_header = "総合戦略の管理"
    index_title = "管理の一覧"
    # Tables of values need the full width of a 1366 pixel screen.
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return access.may_use_admin(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Refuse users without access to the admin; ask anonymous users to log in."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            if "" in (request.GET.get(TO_FIELD_VAR), request.POST.get(TO_FIELD_VAR)):
                # Django asks the model for a field without a name.
                raise DisallowedModelAdminToField("The field is empty.")
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add whether the installation has invented values: every page that shows any says so."""
        from goals.models import Strategy  # models are not loaded yet when the site is made

        invented = Strategy.objects.filter(invented=True).exists()
        return super().each_context(request) | {"invented": invented}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the lists that somebody may see in the order of the work, not of the apps."""
        return in_groups(self._build_app_dict(request), reverse("admin:index"))

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> Any:
        """Redirect to the first page: only programmers know the apps."""
        return redirect("admin:index")

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Link the steps of the set-up for planning, even later."""
        sets_up = access.may_set_up(request.user)
        return super().index(request, {"sets_up": sets_up, **(extra_context or {})})

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Redirect to the site's own page for changing the password."""
        return redirect("password_change")

    def password_change_done(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """See password_change."""
        return redirect("password_changed")

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Redirect anonymous users to the site's log-in page, and refuse users without access."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME, reverse("admin:index")))
