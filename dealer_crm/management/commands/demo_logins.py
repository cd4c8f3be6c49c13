import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dealer_crm.demo.logins import logins


class Command(BaseCommand):
    help = "Print the demo's logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON list on standard output")

    def handle(self, *, json: bool, **options: Any) -> None:
        people = logins()
        if not people:
            raise CommandError("The demo group is not in this database: run make demo first.")
        self.stdout.write(_as_json(people) if json else _as_table(people))


def _as_json(people: list[Any]) -> str:
    return json.dumps(people, ensure_ascii=False)


def _as_table(people: list[Any]) -> str:
    return "\n".join(f"{p['role']:<12}{p['username']:<14}{p['password']:<18}{p['store']}" for p in people)
