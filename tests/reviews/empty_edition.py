"""The data of an edition of a plan without anything in it: all parts are there, as in every one."""

import json


def empty_edition(year: int, *, title: str = "総合戦略") -> str:
    """Return the data of an edition of a year, as it is stored."""
    strategy = {
        "title": title, "city": "○○市", "invented": True, "scale": {},
        "first_fiscal_year": year - 4, "last_fiscal_year": year,
    }  # fmt: skip
    parts = ("measure_reviews", "project_years", "councils", "goal_reviews", "grant_reviews")
    data = {
        "fiscal_year": year,
        "left_open": {"matters": []},
        "plan": {"strategy": strategy, "goals": []},
        **{name: [] for name in parts},
    }
    return json.dumps(data)


def empty_public_data(year: int) -> bytes:
    """Return the public data of such an edition, as its file has them."""
    data = json.loads(empty_edition(year)) | {"sha256": "0" * 64, "differences": []}
    del data["left_open"]
    return json.dumps(data).encode()
