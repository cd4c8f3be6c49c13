from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
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
        store = Store(code=code.strip(), name=name.strip(), address=address.strip())
        try:
            store.clean_fields()
        except ValidationError as error:
            reasons = " ".join(f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items())
            raise CommandError(f"The store cannot be added. {reasons}") from error
        added, created = services.add_store(code=store.code, name=store.name, address=store.address)
        self.stdout.write(f"{'Added' if created else 'Already there'}: {added.code} {added.name}")
