"""The lists of the admin in the order of the work: a plan, its revisions, values, people, records.

Django lists them by app and by name, which does not show where to begin.
"""

from typing import Any

WORK: dict[str, tuple[str, ...]] = {
    "計画": (
        "goals.Strategy",
        "goals.BasicGoal",
        "goals.NumericTarget",
        "measures.MeasureGroup",
        "measures.Measure",
        "kpis.KPI",
        "measures.Project",
        "goals.Grant",
    ),
    "計画の改訂": ("goals.Revision", "goals.NumericTargetVersion", "kpis.KPIVersion"),
    "指標と実績": ("indicators.Indicator", "indicators.Actual", "indicators.FiscalYear"),
    "組織と利用者": ("accounts.Section", "accounts.User"),
    "記録": ("accounts.Event",),
}
"""The models of each group, by label."""

OTHER = "その他"
"""The group of what nobody has put into another one."""

NAMES = {
    "goals.NumericTargetVersion": "数値目標の改訂前の内容",
    "kpis.KPIVersion": "重要業績評価指標（KPI）の改訂前の内容",
}
"""The names of lists that would have the same name in one group."""


def in_groups(apps: dict[str, Any], index_url: str) -> list[dict[str, Any]]:
    """Return the groups of what somebody may see, in the form of Django's list of apps."""
    found = {model["model"]._meta.label: model for app in apps.values() for model in app["models"]}
    ordered = {label for labels in WORK.values() for label in labels}
    others = tuple(label for label in found if label not in ordered)
    groups = []
    for number, (name, labels) in enumerate({**WORK, OTHER: others}.items(), 1):
        models = [
            found[label] | {"name": NAMES.get(label, found[label]["name"])}
            for label in labels
            if label in found
        ]
        if models:
            label = f"work-{number}"
            url = f"{index_url}#{label}"
            groups.append({"name": name, "app_label": label, "app_url": url, "models": models})
    return groups
