"""The list of steps, the city, and the example of a plan."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from accounts.decorators import allowed
from goals.models import Strategy
from plans.loading import LoadError
from start import example
from start.forms import SUBJECT, CityForm
from start.steps import steps
from trail import events
from trail.events import Event
from trail.installation import installation, save_installation

HEADING = "導入のはじめに"


@require_safe
@allowed(access.may_set_up)
def start(request: HttpRequest) -> HttpResponse:
    """Show what is done and what comes next."""
    found = steps(request)
    following = next((step for step in found if not step.is_done), None)
    context = {"heading": HEADING, "steps": found, "following": following}
    return render(request, "start/steps.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(access.may_set_up)
def start_city(request: HttpRequest) -> HttpResponse:
    """Ask for city, code and planning office."""
    known = installation()
    form = CityForm(request.POST if request.method == "POST" else None, instance=known)
    if request.method == "POST" and form.is_valid():
        if form.has_changed():
            save_installation(form.save(commit=False))
            events.log(Event.Kind.SETTING, SUBJECT, form.changes)
        done = f"{known.city}、{known.planning_office}を登録しました。"
        messages.success(request, f"{done}{form.left_alone_message}")
        return redirect("start")
    return render(request, "start/city.html", {"heading": SUBJECT, "form": form})


@require_POST
@allowed(access.may_set_up)
def start_example(request: HttpRequest) -> HttpResponse:
    """Load the example of a plan, unless there is a plan already."""
    others = Strategy.objects.exclude(code=example.EXAMPLE_CODE)
    if others.exists():
        messages.warning(request, "計画がすでに登録されているため、例は読み込みません。")
        return redirect("start")
    try:
        example.load_example(request.user)
    except LoadError as error:
        messages.error(request, f"例を読み込めません。何も変えていません。{error}")
        return redirect("start")
    messages.success(
        request, "例の計画を読み込みました。作成中の計画なので、企画担当のほかには見えません。"
    )
    return redirect("start")


@require_POST
@allowed(access.may_set_up)
def start_example_remove(request: HttpRequest) -> HttpResponse:
    """Delete the example, unless it is used."""
    if not example.is_there():
        messages.info(request, "例の計画はありません。")
        return redirect("start")
    try:
        example.remove_example(request.user)
    except example.ExampleInUse as error:
        messages.error(
            request,
            f"例を削除できません。何も変えていません。{error}管理の画面で、例の計画の状態を"
            "「作成中」にすると、企画担当のほかには見えません。",
        )
    else:
        messages.success(request, "例の計画と、例の指標、担当課を削除しました。")
    return redirect("start")
