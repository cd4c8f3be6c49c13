"""Four agents at once on a real database: every call is handed out once, every place is taken once."""

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from callcenter import booking, queue, services
from callcenter.models import Booking, Call, CallAttempt, SlotPlan
from campaigns.models import Outcome
from staff.models import Store, User
from tests.callcenter.factories import NOW, TODAY, another_agent, calls

WORKERS = 4


class Crowd:
    """Runs functions at the same moment, each with its own connection to one database.

    SQLite's memory database cannot be shared so: its workers get a copy in a file, and the test reads that afterwards.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.mine = connections["default"]
        self.copies = self.mine.vendor == "sqlite"

    def __call__(self, *jobs: Callable[[], Any]) -> list[Any]:
        if self.copies:
            self.copy()
        barrier = threading.Barrier(len(jobs))
        found: list[Any] = [None] * len(jobs)
        threads = [
            threading.Thread(target=self.work, args=(job, barrier, found, number))
            for number, job in enumerate(jobs)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.copies:
            connections["default"] = self.open()
        return found

    def open(self) -> Any:
        return type(self.mine)({**self.mine.settings_dict, "NAME": str(self.file)}, alias="default")

    def copy(self) -> None:
        copy = self.open()
        copy.ensure_connection()
        self.mine.connection.backup(copy.connection)
        copy.close()

    def work(self, job: Callable[[], Any], barrier: threading.Barrier, found: list[Any], number: int) -> None:
        if self.copies:
            connections["default"] = self.open()
        barrier.wait()
        try:
            found[number] = job()
        except Exception as error:  # noqa: BLE001  # handed to the test
            found[number] = error
        finally:
            connections["default"].close()

    def leave(self) -> None:
        if connections["default"] is not self.mine:
            connections["default"].close()
            connections["default"] = self.mine


@pytest.fixture
def together(transactional_db: None, tmp_path: Path) -> Iterator[Crowd]:
    crowd = Crowd(tmp_path / "crowd.sqlite3")
    yield crowd
    crowd.leave()


def work_off(agent: User, store: Store) -> list[int]:
    """Claim and finish until nothing is left."""
    done = []
    while (call := queue.claim_next(user=agent, stores=[store], now=NOW)) is not None:
        result = services.Result(outcome=Outcome.REFUSED, reason="other")
        services.record_outcome(call=call, agent=agent, result=result, at=NOW, form_key=uuid.uuid4())
        done.append(call.pk)
    return done


def test_no_call_is_handed_out_twice(store: Store, together: Crowd) -> None:
    agents = [another_agent(store) for _ in range(WORKERS)]
    made = calls(store, 40)
    Call.objects.update(agent=None)
    found = together(*(lambda agent=agent: work_off(agent, store) for agent in agents))
    assert sorted(pk for done in found for pk in done) == sorted(call.pk for call in made)
    assert CallAttempt.objects.count() == 40


def test_two_tabs_of_one_agent_hold_one_call(store: Store, agent: User, together: Crowd) -> None:
    calls(store, 10)
    found = together(*(lambda: queue.claim_next(user=agent, stores=[store], now=NOW) for _ in range(WORKERS)))
    assert all(isinstance(call, Call) for call in found), found
    assert Call.objects.filter(held_by=agent).count() == 1


def test_one_form_posted_by_four_at_once_counts_once(store: Store, agent: User, together: Crowd) -> None:
    (call,) = calls(store)
    key = uuid.uuid4()

    def post() -> CallAttempt:
        return services.record_outcome(
            call=call, agent=agent, result=services.Result(outcome=Outcome.CONSIDERING), at=NOW, form_key=key
        )

    found = together(*(post for _ in range(WORKERS)))
    assert {attempt.pk for attempt in found} == set(CallAttempt.objects.values_list("pk", flat=True))
    assert CallAttempt.objects.count() == 1
    assert Call.objects.get().attempts == 1


def test_a_slot_is_never_overbooked(store: Store, agent: User, together: Crowd) -> None:
    SlotPlan.objects.create(store=store, hours=["10:00"], capacity=2)
    made = calls(store, WORKERS)
    tomorrow = TODAY + timedelta(days=1)

    def take(call: Call) -> Booking:
        return booking.book(
            store=store,
            vehicle=call.vehicle,
            customer=call.customer,
            day=tomorrow,
            hour=time(10),
            by=agent,
            made_on=TODAY,
        )

    found = together(*(lambda call=call: take(call) for call in made))
    assert sum(isinstance(row, Booking) for row in found) == 2
    assert sum(isinstance(row, booking.SlotFull) for row in found) == 2
    assert sorted(Booking.objects.values_list("seat", flat=True)) == [1, 2]
