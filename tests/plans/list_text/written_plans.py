"""Writes what was read from a list as short lines, so that a test shows the whole plan."""

from plans.list_text.result import PlanList


def written(result: PlanList) -> list[str]:
    """Return the plan as lines: goals, ・ for listings, groups, measures, - for projects."""
    lines = []
    for goal in result.plan["goals"]:
        lines.append(f"目標{goal['position']} {goal['title']}")
        lines += [_listing(one) for one in goal["numeric_targets"]]
        for group in goal["measure_groups"]:
            lines += [f"（{group['symbol']}）{group['title']}"] if group["symbol"] else []
            for measure in group["measures"]:
                lines.append(f"施策{measure['position']} {measure['title']}")
                lines += [_listing(one) for one in measure["kpis"]]
                lines += [_project(one) for one in measure["projects"]]
    return lines


def _listing(listing: dict) -> str:
    return f"・{listing['position']} {listing['name']}｜{listing['sentence']}"


def _project(project: dict) -> str:
    home = project["relisted_from"]
    parts = [project["category"] or "継続", project["name"]]
    parts += [project[key] for key in ("content", "implementer") if project[key]]
    parts += ["再掲" + "-".join(str(part) for part in home.values() if part != "")] if home else []
    return f"-{project['position']} {'｜'.join(parts)}"


def doubts(result: PlanList) -> list[str]:
    return [f"{doubt.line} {doubt.place}：{doubt.text}" for doubt in result.doubts]


def unplaced(result: PlanList) -> list[tuple[int, str]]:
    return [(one.line, one.text) for one in result.unplaced]
