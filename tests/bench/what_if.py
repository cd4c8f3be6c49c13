"""The what-if page as a browser gets it, without the network."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from segmentation import drafts
from segmentation.forms_rules import ThresholdForm
from staff.models import User


def page() -> Callable[[], object]:
    """Moves a threshold for every store; the first answer, which fills caches, is given here."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.create_superuser(username="bench", password=None, full_name="bench"))
    form = ThresholdForm(instance=drafts.copy_of(drafts.in_force(None), store=None))
    values = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in values.items() if value is not None}
    sent |= {"maintenance_high": 3, "for": "all"}

    def move() -> None:
        answer = client.post(reverse("segmentation:what_if"), sent)
        if answer.status_code != 200:
            raise RuntimeError(answer.content.decode())

    move()
    return move
