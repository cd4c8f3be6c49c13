from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from staff import services
from staff.models import Store


class Command(BaseCommand):
    help = "Add a store by its code and name; does nothing when the code is already there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument("name")
        parser.add_argument("--address", default="")

    def handle(self, *, code: str, name: str, address: str, **options: Any) -> None:
        longest = Store._meta.get_field("code").max_length or 0
        if not code.strip() or len(code) > longest or not name.strip():
            raise CommandError(f"A store needs a code of 1 to {longest} characters and a name.")
        store, created = services.add_store(code=code, name=name, address=address)
        self.stdout.write(f"{'Added' if created else 'Already there'}: {store.code} {store.name}")
