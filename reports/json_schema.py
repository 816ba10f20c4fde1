"""The JSON Schema (draft 2020-12) of docs/strategy-json.md."""

import json
from typing import Any

from goals.models import Revision
from indicators.models import Actual, Indicator
from indicators.plan_words import NOT_OF_THE_CITY, WORD_NAMES
from indicators.rules.chosen_grades import GRADES
from indicators.rules.scales import CHOICES, FLAGS, LAST_YEAR_AND_ABOVE, TERMS, THRESHOLDS
from indicators.rules.terms import (
    BANDS,
    STATUSES,
    WITHHELD,
    BaselineKind,
    Direction,
    JudgedBy,
    Kind,
    Relation,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
YEAR: Schema = {"type": "integer", "minimum": 1900, "maximum": 9999}
DAY: Schema = {"type": "string", "format": "date"}
AMOUNT: Schema = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
PERCENTAGE: Schema = {"type": "string", "pattern": r"^-?\d+\.\d+$"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_YEARS_IN_FORCE: Schema = {
    "first_year": YEAR,
    "last_year": YEAR,
    "ending_reason": _or_null(TEXT),
}
"""When a part of a plan holds; each only where a revision added or ended it."""


_IN_TIME: Schema = {
    **_YEARS_IN_FORCE,
    "former_titles": {"type": "array", "items": {"$ref": "#/$defs/former_title"}},
}
"""The same of a part with a title, which a revision may change, too."""


_CARRIED: Schema = {
    "sdgs": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 17}},
    "grants": {"type": "array", "items": WHOLE},
    "general_plan_code": TEXT,
}
"""What measures, KPIs and projects carry besides; each only where there is something."""


def _one_of(values: Any) -> Schema:
    return {"type": "string", "enum": [str(value) for value in values]}


def _object(properties: Schema, *optional: str) -> Schema:
    """Return the schema of an object that has all these keys but the optional ones, and no more."""
    return {
        "type": "object",
        "properties": properties,
        "required": [key for key in properties if key not in optional],
        "additionalProperties": False,
    }


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _by_year(schema: Schema) -> Schema:
    return {
        "type": "object",
        "patternProperties": {r"^\d{4}$": schema},
        "additionalProperties": False,
    }


def _words(keys: Any) -> Schema:
    """Return the schema of an object with texts for some of these keys."""
    names = {str(key): TEXT for key in keys}
    return _object(names, *names)


def strategy_schema() -> Schema:
    """Return the schema as a dict for json.dumps."""
    return {
        "$schema": DIALECT,
        "title": "総合戦略",
        "description": "総合戦略の目標、施策、事業、実績値と、その年度の判定。",
        **_object(
            {
                "strategy": _ref("strategy"),
                "fiscal_year": _or_null(YEAR),
                "as_of": DAY,
                "part": _or_null(TEXT),
                "goals": _list("goal"),
                "references": _list("reference"),
            },
            "as_of",
            "part",
            "references",
        ),
        "$defs": {
            "strategy": _strategy(),
            "scale": _scale(),
            "goal": _goal(),
            "group": _group(),
            "former_title": _object({"last_year": YEAR, "title": TEXT}),
            "measure": _measure(),
            "project": _project(),
            "listing": _listing(),
            "version": _version(),
            "revision": _revision(),
            "grant": _grant(),
            "indicator": _object(_indicator()),
            "reference": _object({**_indicator(), "actuals": _by_year(_ref("actual"))}),
            "actual": _actual(),
            "assessment": _assessment(),
        },
    }


def schema_json() -> bytes:
    """Return the schema as a file in UTF-8, with a final newline."""
    return f"{json.dumps(strategy_schema(), ensure_ascii=False, indent=2)}\n".encode()


def _goal() -> Schema:
    goal = {
        "position": WHOLE,
        "title": TEXT,
        "numeric_targets": _list("listing"),
        "measure_groups": _list("group"),
        "cross_cutting": FLAG,
        **_IN_TIME,
    }
    return _object(goal, "cross_cutting", *_IN_TIME)


def _group() -> Schema:
    group = {"symbol": TEXT, "title": TEXT, "measures": _list("measure"), **_IN_TIME}
    return _object(group, *_IN_TIME)


def _measure() -> Schema:
    measure = {
        "position": WHOLE,
        "title": TEXT,
        "kpis": _list("listing"),
        "projects": _list("project"),
        **_CARRIED,
        **_IN_TIME,
    }
    return _object(measure, *_CARRIED, *_IN_TIME)


def _grant() -> Schema:
    return _object(
        {
            "number": WHOLE,
            "name": TEXT,
            "type": _or_null(TEXT),
            "first_year": _or_null(YEAR),
            "last_year": _or_null(YEAR),
        }
    )


def _scale() -> Schema:
    scale = {
        **dict.fromkeys(THRESHOLDS, PERCENTAGE),
        "labels": _words(STATUSES),
        "marks": _words((*BANDS, *STATUSES)),
        **{name: _one_of(terms) for name, terms in TERMS.items()},
        **dict.fromkeys(FLAGS, FLAG),
        **dict.fromkeys(LAST_YEAR_AND_ABOVE, PERCENTAGE),
    }
    return _object(scale, *CHOICES)


def _strategy() -> Schema:
    return _object(
        {
            "code": TEXT,
            "title": TEXT,
            "city": TEXT,
            "city_code": {"type": "string", "pattern": r"^\d{6}$"},
            "first_fiscal_year": YEAR,
            "last_fiscal_year": YEAR,
            "scale": _ref("scale"),
            "note": _or_null(TEXT),
            "invented": FLAG,
            "words": _words_of_plan(),
            "grants": _list("grant"),
            "revisions": _list("revision"),
        },
        "words",
        "grants",
        "revisions",
    )


def _words_of_plan() -> Schema:
    words: Schema = dict.fromkeys(WORD_NAMES, TEXT)
    category = _object({"name": TEXT, NOT_OF_THE_CITY: FLAG}, NOT_OF_THE_CITY)
    words["categories"] = {"type": "array", "minItems": 1, "items": category}
    return _object(words, *words)


def _revision() -> Schema:
    return _object(
        {
            "number": WHOLE,
            "from_year": YEAR,
            "decided_on": DAY,
            "decided_by": _one_of(Revision.DecidedBy.values),
            "document_number": _or_null(TEXT),
            "reason": TEXT,
            "previous_last_fiscal_year": _or_null(YEAR),
            "previous_scale": _ref("scale"),
        },
        "previous_scale",
    )


def _project() -> Schema:
    home = {"goal": WHOLE, "group": TEXT, "measure": WHOLE, "position": WHOLE}
    return _object(
        {
            "position": WHOLE,
            "category": TEXT,
            "name": TEXT,
            "content": _or_null(TEXT),
            "implementer": _or_null(TEXT),
            "relisted_from": _or_null(_object(home)),
            "section": TEXT,
            "budget_item": TEXT,
            **_CARRIED,
            **_YEARS_IN_FORCE,
        },
        "section",
        "budget_item",
        *_CARRIED,
        *_YEARS_IN_FORCE,
    )


def _reading() -> Schema:
    """Return the properties of how a sentence is read, of a listing or of a version."""
    baseline = {
        "value": AMOUNT,
        "fiscal_year": _or_null(YEAR),
        "kind": _one_of(kind.value for kind in BaselineKind),
    }
    return {
        "name": TEXT,
        "sentence": TEXT,
        "kind": _one_of(kind.value for kind in Kind),
        "direction": _one_of(direction.value for direction in Direction),
        "target": _or_null(AMOUNT),
        "upper": AMOUNT,
        "relation": _one_of(relation.value for relation in Relation),
        "reference": TEXT,
        "target_year": _or_null(YEAR),
        "baseline": _or_null(_object(baseline)),
        "tolerance": AMOUNT,
        "yearly_targets": _by_year(AMOUNT),
        "confirmed": FLAG,
        "doubts": {"type": "array", "items": TEXT},
    }


_ONLY_OF_SOME = ("upper", "relation", "reference")
"""Properties of a reading that only ranges and relative targets have."""


def _version() -> Schema:
    return _object({"from_year": YEAR, "revision": _or_null(WHOLE), **_reading()}, *_ONLY_OF_SOME)


def _listing() -> Schema:
    return _object(
        {
            "code": TEXT,
            "position": WHOLE,
            "part": {"type": "string", "pattern": "^[a-z]$"},
            "indicator": _ref("indicator"),
            **_reading(),
            **_CARRIED,
            **_YEARS_IN_FORCE,
            "replaced_by": _or_null(TEXT),
            "versions": _list("version"),
            "actuals": _by_year(_ref("actual")),
            "outlook": _or_null(_outlook()),
            "assessment": _or_null(_ref("assessment")),
        },
        *("code", "part", "outlook", "replaced_by", "versions"),
        *(*_ONLY_OF_SOME, *_CARRIED, *_YEARS_IN_FORCE),
    )


def _indicator() -> dict[str, Schema]:
    """Return the properties of an indicator, of a listing or of one that it is compared with."""
    return {
        "code": TEXT,
        "name": TEXT,
        "unit": _or_null(TEXT),
        "decimals": {"type": "integer", "minimum": 0, "maximum": 4},
        "display_unit": _or_null(TEXT),
        "minimum": _or_null(AMOUNT),
        "maximum": _or_null(AMOUNT),
        "moment": _one_of(Indicator.Moment.values),
        "ratio": FLAG,
        "running_total": FLAG,
        "carry_years": WHOLE,
        "section": TEXT,
        "entered_by": TEXT,
        "method": _or_null(TEXT),
        "source": _or_null(TEXT),
    }


def _actual() -> Schema:
    return _object(
        {
            "value": _or_null(AMOUNT),
            "grade": _one_of(grade.value for grade in GRADES),
            "numerator": _or_null(AMOUNT),
            "denominator": _or_null(AMOUNT),
            "availability": _one_of((*Actual.Availability.values, WITHHELD)),
            "provisional": FLAG,
            "withheld": FLAG,
            "state": _one_of(Actual.State.values),
        },
        "grade",
    )


def _outlook() -> Schema:
    return _object({"value": AMOUNT, "meets_target": FLAG, "explanation": TEXT})


def _assessment() -> Schema:
    return _object(
        {
            "fiscal_year": YEAR,
            "basis_year": _or_null(YEAR),
            "value": _or_null(AMOUNT),
            "expected": _or_null(AMOUNT),
            **dict.fromkeys(("attainment", "completion", "pace"), _or_null(PERCENTAGE)),
            "judged_by": _or_null(_one_of(figure.value for figure in JudgedBy)),
            "status": _one_of(STATUSES),
            "label": TEXT,
            "explanation": TEXT,
        }
    )
