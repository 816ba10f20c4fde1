"""What locust runs: each of its users is one of the people in SOAK_WHO (a file of JSON).

SOAK_NOTES is the file that they note everything in.
"""

import json
import os
from pathlib import Path

import gevent
import urllib3
from locust import HttpUser, between, task

from tests.soak.notes import Notes
from tests.soak.people import YEAR, Person, Who

urllib3.disable_warnings()
PEOPLE = [Who(**one) for one in json.loads(Path(os.environ["SOAK_WHO"]).read_text())]
NOTES = Notes(Path(os.environ["SOAK_NOTES"]))
LEAST, MOST = map(float, os.environ["SOAK_PAUSE"].split("-"))


class Somebody(HttpUser):
    """A person with a role, who does one thing after the other."""

    wait_time = between(LEAST, MOST)

    def on_start(self) -> None:
        who = PEOPLE.pop(0)
        self.person = Person(who, self.client, self.host, NOTES, pause=gevent.sleep)
        self.plan = f"/strategies/{who.plan}/"
        self.person.log_in()

    @task
    def work(self) -> None:
        {
            "CLERK": self.enter,
            "HEAD": self.enter,
            "PLANNING": self.plan_and_import,
            "READER": self.look,
            "AUDITOR": self.audit,
        }[self.person.who.role]()

    def enter(self) -> None:
        doing = self.person.random.choices(
            [self.person.save, self.person.attach, self.look], weights=[6, 1, 1]
        )[0]
        doing()

    def look(self) -> None:
        year = f"?year={YEAR}"
        self.person.read(
            self.person.random.sample(["/", self.plan, f"{self.plan}listings/{year}"], 2)
        )
        if self.person.random.random() < 0.2:
            self.person.export(f"{self.plan}data/{YEAR}.csv")

    def plan_and_import(self) -> None:
        self.person.read([f"/entry/{YEAR}/status/"])
        doing = self.person.random.choices(
            [self.person.import_values, lambda: self.person.export(f"{self.plan}data/{YEAR}.xlsx")],
            weights=[3, 1],
        )[0]
        doing()

    def audit(self) -> None:
        self.person.read(["/changes/"])
        if self.person.random.random() < 0.2:
            self.person.export(f"{self.plan}data/actuals.csv")
