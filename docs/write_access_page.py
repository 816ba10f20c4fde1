"""Writes docs/access.md: who may do what, from the table that the tests compare the site with.

python -m docs.write_access_page
"""

from pathlib import Path

from tests.access_table import ACTIONS, RULES, Answer, Person, Rule

INTRODUCTION = """# Who may do what

Made by `python -m docs.write_access_page` from `tests/access_table.py`; do not edit it. A test
requests every address of the site as every kind of user and compares the answers with that table.

The columns are the roles. その課 is the section that enters the indicator in question, ほかの課 any
other; a user of two sections (兼務) has the rights of both. A superuser counts as 企画担当. A
deactivated user is a stranger.

| mark | means |
|---|---|
| ○ | may look and write |
| 見る | may look only |
| 送る | there is nothing to look at, only a button |
| × | refused (403) |
| ログイン | asked to log in first |
| なし | there is no such page (404) |

What the table cannot show is decided value by value in `accounts/access.py`: values of a year
whose entry is not open and confirmed values are changed by 企画担当 only; 担当者 ask their head,
課長 answer or hand back, 企画担当 confirm, but nobody a value that they entered themselves.
What the head decided on paper, 担当者 record. Sections move nothing of a year that is not open.
"""


ACCESS_PAGE = Path(__file__).with_name("access.md")


def page() -> str:
    """Return the text of docs/access.md, in Markdown."""
    addresses = [_row(rule.what, [_mark(rule, person) for person in Person]) for rule in RULES]
    actions = [
        _row(rule.what, ["○" if person in rule.people else "×" for person in Person])
        for rule in ACTIONS
    ]
    names = [f"- {rule.what}: {_listed(rule.addresses)}" for rule in RULES]
    names += [f"- {rule.what}: {_listed(rule.actions)}" for rule in ACTIONS]
    return "\n".join(
        [
            INTRODUCTION,
            "## Addresses\n",
            *_table(addresses),
            "\n## Actions in the lists of the admin\n",
            *_table(actions),
            "\n## Which addresses and actions these are\n",
            *names,
            "",
        ]
    )


def _table(rows: list[str]) -> list[str]:
    return [_row("", list(Person)), "|---" * (len(Person) + 1) + "|", *rows]


def _row(first: str, others: list[str]) -> str:
    return f"| {' | '.join([first, *others])} |"


def _mark(rule: Rule, person: Person) -> str:
    """Return the sign in the table for the answers to GET and POST."""
    looking, sending = rule.get.to(person), rule.post.to(person)
    if looking == Answer.OPEN:
        return "○" if sending == Answer.OPEN and rule.writes else "見る"
    if sending == Answer.OPEN:
        return "送る"
    return {Answer.LOG_IN: "ログイン", Answer.NOT_FOUND: "なし"}.get(looking, "×")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    ACCESS_PAGE.write_text(page(), encoding="utf-8")
