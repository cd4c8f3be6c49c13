"""What a dry run says of invitations: those that only the import's own visits turn into arrivals."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from campaigns.consequences import of_import
from campaigns.models import Outcome, Target
from tests.campaigns.factories import car, opened
from tests.customers.factories import VisitFactory

STAMP = timezone.make_aware(datetime(2026, 6, 12, 9, 0))
CONTACT = date(2026, 6, 10)


def test_counts_only_invitations_that_become_arrivals_now(store):
    early, now, stays_away = car(store), car(store), car(store)
    opened(store)
    Target.objects.update(
        first_called_on=CONTACT, last_called_on=CONTACT, first_contact_on=CONTACT, outcome=Outcome.CONSIDERING
    )
    VisitFactory(vehicle=early, visited_on=CONTACT, created_at=STAMP - timedelta(seconds=1))
    for vehicle in (early, now):
        VisitFactory(vehicle=vehicle, visited_on=date(2026, 6, 11), created_at=STAMP)
    VisitFactory(vehicle=stays_away, visited_on=CONTACT - timedelta(days=1), created_at=STAMP)

    lines = of_import(store=store, today=date(2026, 6, 12), stamp=STAMP)

    assert [line["value"] for line in lines] == [1]


def test_says_nothing_of_other_stores(store, other_store):
    invited = car(store)
    opened(store)
    Target.objects.update(
        first_called_on=CONTACT, last_called_on=CONTACT, first_contact_on=CONTACT, outcome=Outcome.CONSIDERING
    )
    VisitFactory(vehicle=invited, visited_on=CONTACT, created_at=STAMP)

    assert of_import(store=other_store, today=date(2026, 6, 12), stamp=STAMP) == []
