"""The agent's pages: who sees what, one owner after another, and no query more for a longer list."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callcenter import queue
from callcenter.models import Booking, Call, CallAttempt
from campaigns.models import Campaign
from staff.models import Store, User
from tests.callcenter.factories import another_agent
from tests.campaigns.factories import car, opened, phone_of
from tests.customers.factories import VisitFactory

URL_OF = {"work": "callcenter:work", "outcome": "callcenter:outcome", "skip": "callcenter:skip"}


@pytest.fixture(autouse=True)
def _english(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"


def waiting(store: Store, count: int = 1) -> list[Call]:
    today = timezone.localdate()
    for _ in range(count):
        car(store)
    campaign = opened(store, today=today, starts_on=today, ends_on=today + timedelta(days=30))
    return list(Call.objects.filter(target__campaign=campaign).in_order())


def form_key(page: Any) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def post_outcome(client: Client, call: Call, **data: str) -> Any:
    page = client.get(reverse("callcenter:work", args=[call.pk]))
    return client.post(reverse("callcenter:outcome", args=[call.pk]), {"form_key": form_key(page), **data})


def test_start_leads_to_the_first_call_and_an_outcome_to_the_next(
    client: Client, store: Store, agent: User
) -> None:
    first, second = waiting(store, 2)
    client.force_login(agent)
    page = client.get(reverse("callcenter:today"))
    assert [call.pk for call in page.context["page"]] == [first.pk, second.pk]
    response = client.post(reverse("callcenter:start"))
    assert response.url == reverse("callcenter:work", args=[first.pk])
    response = post_outcome(client, first, outcome="considering", note="7 月出差")
    assert response.url == reverse("callcenter:work", args=[second.pk])
    attempt = CallAttempt.objects.get()
    assert (attempt.note, attempt.agent, attempt.outcome) == ("7 月出差", agent, "considering")
    undo_url = reverse("callcenter:undo", args=[attempt.pk])
    assert undo_url in client.get(response.url).content.decode()
    assert client.post(undo_url).url == reverse("callcenter:work", args=[first.pk])
    assert not CallAttempt.objects.standing().exists()


def test_after_the_last_call_the_list_says_so(client: Client, store: Store, agent: User) -> None:
    (call,) = waiting(store)
    client.force_login(agent)
    response = post_outcome(client, call, outcome="refused", reason="other")
    assert response.url == reverse("callcenter:today")
    assert "Nothing to call right now." in client.get(response.url).content.decode()


@pytest.mark.parametrize(("outcome", "ask"), [("booked", "slot"), ("later", "time"), ("refused", "reason")])
def test_half_an_answer_comes_back_with_the_question(
    client: Client, store: Store, agent: User, outcome: str, ask: str
) -> None:
    (call,) = waiting(store)
    client.force_login(agent)
    response = post_outcome(client, call, outcome=outcome, note="kept as typed")
    assert response.status_code == 422
    assert response.context["ask"] == ask
    assert "kept as typed" in response.content.decode()
    assert not CallAttempt.objects.exists()


def test_booking_takes_the_slot(client: Client, store: Store, agent: User) -> None:
    (call,) = waiting(store)
    client.force_login(agent)
    page = client.get(reverse("callcenter:work", args=[call.pk]))
    slot = page.context["days"][0].slots[0]
    post_outcome(client, call, outcome="booked", slot=slot.value)
    booked = Booking.objects.get()
    assert (booked.day, booked.hour, booked.vehicle) == (slot.day, slot.hour, call.vehicle)
    page = client.get(reverse("callcenter:bookings"), {"day": slot.day.isoformat()})
    assert [row["booking"] for row in page.context["rows"]] == [booked]


@pytest.mark.parametrize("slot", ["nonsense", "2026-06-14T25:00", "2020-01-01T10:00"])
def test_an_impossible_slot_is_refused(client: Client, store: Store, agent: User, slot: str) -> None:
    (call,) = waiting(store)
    client.force_login(agent)
    assert post_outcome(client, call, outcome="booked", slot=slot).status_code == 422
    assert not Booking.objects.exists()


@pytest.mark.parametrize("outcome", ["nonsense", ""])
def test_an_unknown_outcome_is_refused(client: Client, store: Store, agent: User, outcome: str) -> None:
    (call,) = waiting(store)
    client.force_login(agent)
    assert post_outcome(client, call, outcome=outcome).status_code == 422


def test_quick_time_calls_back(client: Client, store: Store, agent: User) -> None:
    (call,) = waiting(store)
    client.force_login(agent)
    asked = post_outcome(client, call, outcome="later")
    moment = asked.context["times"][0]
    post_outcome(client, call, outcome="later", quick=f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}")
    call.refresh_from_db()
    assert call.not_before == moment


def test_same_form_posted_twice_counts_once(client: Client, store: Store, agent: User) -> None:
    (call,) = waiting(store)
    client.force_login(agent)
    data = {
        "form_key": form_key(client.get(reverse("callcenter:work", args=[call.pk]))),
        "outcome": "no_answer",
    }
    for _ in range(2):
        assert client.post(reverse("callcenter:outcome", args=[call.pk]), data).status_code == 302
    assert CallAttempt.objects.count() == 1


def test_a_call_taken_by_a_colleague_is_409_and_keeps_the_note(
    client: Client, store: Store, agent: User
) -> None:
    (call,) = waiting(store)
    Call.objects.update(agent=None)
    client.force_login(agent)
    page = client.get(reverse("callcenter:work", args=[call.pk]))
    queue.claim(call=call, user=another_agent(store), now=timezone.now())
    data = {"form_key": form_key(page), "outcome": "considering", "note": "kept as typed"}
    response = client.post(reverse("callcenter:outcome", args=[call.pk]), data)
    assert response.status_code == 409
    assert not CallAttempt.objects.exists()


@pytest.mark.parametrize("name", ["work", "outcome", "skip"])
def test_strangers_404_and_colleagues_403(
    client: Client, store: Store, agent: User, stranger: User, name: str
) -> None:
    (call,) = waiting(store)
    url = reverse(URL_OF[name], args=[call.pk])
    method = client.get if name == "work" else client.post
    client.force_login(stranger)
    assert method(url).status_code == 404
    client.force_login(another_agent(store))
    assert method(url).status_code == 403
    assert not CallAttempt.objects.exists()


@pytest.mark.parametrize("role", ["advisor", "technician", "admin_user"])
def test_other_roles_do_not_call(client: Client, store: Store, role: str, request: Any) -> None:
    (call,) = waiting(store)
    client.force_login(request.getfixturevalue(role))
    assert client.get(reverse("callcenter:today")).status_code == 403
    assert client.get(reverse("callcenter:work", args=[call.pk])).status_code == 403


def test_undo_is_ones_own(client: Client, store: Store, agent: User, manager: User, stranger: User) -> None:
    (call,) = waiting(store)
    client.force_login(agent)
    post_outcome(client, call, outcome="no_answer")
    url = reverse("callcenter:undo", args=[CallAttempt.objects.get().pk])
    client.force_login(stranger)
    assert client.post(url).status_code == 404
    client.force_login(manager)
    assert client.post(url).status_code == 403


def test_phone_is_masked_everywhere(client: Client, store: Store, agent: User) -> None:
    (call,) = waiting(store)
    call.customer.phones.all().delete()
    phone_of(call.customer, "13807552217")
    client.force_login(agent)
    for url in (reverse("callcenter:today"), reverse("callcenter:work", args=[call.pk])):
        page = client.get(url).content.decode()
        assert "138 **** 2217" in page
        assert "13807552217" not in page


def test_do_not_call_is_said_on_the_screen(client: Client, store: Store, agent: User) -> None:
    (call,) = waiting(store)
    call.customer.do_not_call = True
    call.customer.save(update_fields=["do_not_call"])
    client.force_login(agent)
    assert "Do not call." in client.get(reverse("callcenter:work", args=[call.pk])).content.decode()


def _queries(client: Client, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_queries_do_not_grow(client: Client, store: Store, agent: User) -> None:
    client.force_login(agent)
    call = waiting(store, 2)[0]
    VisitFactory(vehicle=call.vehicle, visited_on=timezone.localdate() - timedelta(days=50))
    work = reverse("callcenter:work", args=[call.pk])
    few = (_queries(client, reverse("callcenter:today")), _queries(client, work))
    Campaign.objects.update(status="closed")
    Campaign.objects.filter(pk=call.target.campaign_id).update(status="open")
    waiting(store, 8)
    VisitFactory(vehicle=call.vehicle, visited_on=timezone.localdate() - timedelta(days=90))
    assert (_queries(client, reverse("callcenter:today")), _queries(client, work)) == few


def test_bookings_show_the_stores_own_with_their_state(
    client: Client, store: Store, agent: User, stranger: User
) -> None:
    (call,) = waiting(store)
    client.force_login(agent)
    page = client.get(reverse("callcenter:work", args=[call.pk]))
    slot = page.context["days"][0].slots[0]
    post_outcome(client, call, outcome="booked", slot=slot.value)
    url = reverse("callcenter:bookings") + f"?day={slot.day.isoformat()}"
    assert [row["state"] for row in client.get(url).context["rows"]] == ["expected"]
    VisitFactory(vehicle=call.vehicle, visited_on=timezone.localdate())
    assert [row["state"] for row in client.get(url).context["rows"]] == ["arrived"]
    client.force_login(stranger)
    assert client.get(url).context["rows"] == []
    assert client.get(reverse("callcenter:bookings") + "?day=2026-02-31").status_code == 200
