"""Cars, owners over time, visits and complaints."""

import uuid
from datetime import date

import pytest
from django.db import IntegrityError

from customers import services
from customers.models import Complaint, Ownership, StoreCustomer, Vehicle, Visit
from customers.services import VisitLineData
from jobs.models import Job
from tests.customers.factories import ComplaintFactory, CustomerFactory, VehicleFactory, VisitFactory

VIN = "LSGZS54B3NH028417"
DAY = date(2026, 6, 12)


def log(vehicle, store, by, *, on=DAY, order_no="", form_key=None, lines=(), **details):
    return services.log_visit(
        vehicle=vehicle,
        store=store,
        by=by,
        visited_on=on,
        details={"kind": "maintenance"} | details,
        lines=lines,
        order_no=order_no,
        form_key=form_key,
    )


def test_a_new_car_has_its_owner_since_ever(store, advisor):
    owner = CustomerFactory(home_store=store)

    car = services.add_vehicle(owner=owner, store=store, by=advisor, details={"plate": "粤B6K92D"})

    assert (car.owner, car.home_store, car.version) == (owner, store, 1)
    assert list(Ownership.objects.values_list("customer", "since_on", "until_on")) == [(owner.pk, None, None)]


def test_a_plate_without_vin_is_one_car(store, advisor):
    known = VehicleFactory(owner__home_store=store, plate="粤B6K92D")

    with pytest.raises(services.VehicleTaken) as taken:
        services.add_vehicle(owner=known.owner, store=store, by=advisor, details={"plate": "粤B6K92D"})
    assert taken.value.vehicle == known


def test_two_vins_may_carry_one_plate(store, advisor):
    known = VehicleFactory(owner__home_store=store, plate="粤B6K92D")

    car = services.add_vehicle(
        owner=known.owner, store=store, by=advisor, details={"plate": "粤B6K92D", "vin": VIN}
    )
    with pytest.raises(services.VehicleTaken):
        services.add_vehicle(
            owner=known.owner, store=store, by=advisor, details={"plate": "粤B11111", "vin": VIN}
        )

    assert set(Vehicle.objects.filter(plate="粤B6K92D")) == {known, car}


def test_a_sold_car_keeps_its_history(store, advisor):
    car = VehicleFactory(owner__home_store=store)
    seller, buyer = car.owner, CustomerFactory(home_store=store)
    before = VisitFactory(vehicle=car, visited_on=date(2026, 5, 31))
    after = VisitFactory(vehicle=car, visited_on=date(2026, 6, 1))

    services.change_owner(vehicle=car, new_owner=buyer, on=date(2026, 6, 1), by=advisor, store=store)

    before.refresh_from_db(), after.refresh_from_db(), car.refresh_from_db()
    assert (before.customer, after.customer, car.owner, car.version) == (seller, buyer, buyer, 2)
    assert set(Ownership.objects.values_list("customer", "since_on", "until_on")) == {
        (seller.pk, None, date(2026, 6, 1)),
        (buyer.pk, date(2026, 6, 1), None),
    }
    assert services.owner_on(vehicle=car, day=date(2026, 5, 31)) == seller
    assert services.owner_on(vehicle=car, day=date(2026, 6, 1)) == buyer


def test_an_owner_change_must_fit_the_one_before(store, advisor):
    car = VehicleFactory(owner__home_store=store)
    buyer, third = CustomerFactory(home_store=store), CustomerFactory(home_store=store)
    services.change_owner(vehicle=car, new_owner=buyer, on=date(2026, 6, 1), by=advisor, store=store)
    car.refresh_from_db()

    for owner, day in ((third, date(2026, 5, 31)), (buyer, date(2026, 6, 5))):
        with pytest.raises(services.OwnerChangeRefused):
            services.change_owner(vehicle=car, new_owner=owner, on=day, by=advisor, store=store)

    car.refresh_from_db()
    assert car.owner == buyer


def test_a_gone_car_is_marked_and_announced(store, advisor):
    car = VehicleFactory(owner__home_store=store)

    gone = services.mark_gone(vehicle=car, version=1, state=Vehicle.State.SCRAPPED, by=advisor, store=store)

    assert (gone.state, gone.version) == ("scrapped", 2)
    assert list(Vehicle.objects.kept()) == []
    assert [job.kind for job in Job.objects.all()] == ["test.segment"]


def test_two_tabs_at_one_car(store, advisor):
    car = VehicleFactory(owner__home_store=store)
    services.save_vehicle(vehicle=car, version=1, by=advisor, store=store, details={"model": "GL8"})

    with pytest.raises(services.Stale):
        services.save_vehicle(vehicle=car, version=1, by=advisor, store=store, details={"model": "陆尊"})
    assert Vehicle.objects.get().model == "GL8"


def test_a_visit_with_lines_odometer_and_number(store, advisor):
    car = VehicleFactory(owner__home_store=store, odometer_km=41260, odometer_on=date(2026, 1, 17))
    lines = [VisitLineData("机油机滤", 38000), VisitLineData("空调清洗", 12050)]

    visit, new = log(car, store, advisor, lines=lines, odometer_km=48150, paid_fen=50050, advisor=advisor)

    car.refresh_from_db()
    assert new
    assert (visit.order_no, visit.customer, visit.created_by) == ("GB20260612-0001", car.owner, advisor)
    assert visit.advisor_name == str(advisor)
    assert list(visit.lines.values_list("position", "name", "amount_fen")) == [
        (1, "机油机滤", 38000),
        (2, "空调清洗", 12050),
    ]
    assert (car.odometer_km, car.odometer_on) == (48150, DAY)
    assert [job.arguments for job in Job.objects.all()] == [{"store": store.pk}]


def test_an_older_visit_leaves_the_odometer(store, advisor):
    car = VehicleFactory(owner__home_store=store, odometer_km=41260, odometer_on=DAY)

    log(car, store, advisor, on=date(2026, 6, 11), odometer_km=40000)
    car.refresh_from_db()
    assert car.odometer_km == 41260

    log(car, store, advisor, on=DAY, odometer_km=41300)
    car.refresh_from_db()
    assert car.odometer_km == 41300


def test_numbers_count_up_per_store_and_day(store, other_store, advisor):
    car = VehicleFactory(owner__home_store=store)
    VisitFactory(vehicle=car, order_no="GB20260612-0041", visited_on=DAY)

    numbers = [
        log(car, store, advisor)[0].order_no,
        log(car, store, advisor, on=date(2026, 6, 11))[0].order_no,
        log(car, other_store, advisor)[0].order_no,
        log(car, store, advisor)[0].order_no,
    ]

    assert numbers == ["GB20260612-0042", "GB20260611-0001", "NS20260612-0001", "GB20260612-0043"]


def test_a_number_taken_meanwhile_is_passed_over(store, advisor):
    """The highest number of the day is read before a colleague's row appears under another day's date."""
    car = VehicleFactory(owner__home_store=store)
    VisitFactory(vehicle=car, order_no="GB20260612-0001", visited_on=date(2026, 6, 11))

    assert log(car, store, advisor)[0].order_no == "GB20260612-0002"


def test_a_given_number_is_unique_in_its_store(store, other_store, advisor):
    car = VehicleFactory(owner__home_store=store)
    log(car, store, advisor, order_no="WX1")
    log(car, other_store, advisor, order_no="WX1")

    with pytest.raises(services.OrderNumberTaken):
        log(car, store, advisor, order_no="WX1")
    assert Visit.objects.count() == 2


def test_one_form_one_visit(store, advisor):
    car, key = VehicleFactory(owner__home_store=store), uuid.uuid4()

    first, new = log(car, store, advisor, form_key=key, lines=[VisitLineData("机油", 1)])
    second, again = log(car, store, advisor, form_key=key, lines=[VisitLineData("机油", 1)])

    assert (first, new, again) == (second, True, False)
    assert (Visit.objects.count(), first.lines.count()) == (1, 1)


def test_a_visit_opens_the_card_to_the_store_it_was_at(store, other_store, stranger):
    car = VehicleFactory(owner__home_store=store)
    assert not Vehicle.objects.visible_to(stranger).exists()

    visit, _ = log(car, other_store, stranger)

    assert Vehicle.objects.visible_to(stranger).get() == car
    assert visit.customer == car.owner
    assert set(StoreCustomer.objects.values_list("store", flat=True)) == {store.pk, other_store.pk}
    assert {job.arguments["store"] for job in Job.objects.all()} == {store.pk, other_store.pk}


def test_details_that_are_no_visits_are_refused(store, advisor):
    with pytest.raises(TypeError):
        log(VehicleFactory(owner__home_store=store), store, advisor, customer=None)


def test_a_complaint_from_its_first_word_to_its_solution(store, agent):
    car, key = VehicleFactory(owner__home_store=store), uuid.uuid4()
    values = {
        "vehicle": car,
        "store": store,
        "by": agent,
        "opened_on": DAY,
        "text": "空调异味",
        "form_key": key,
    }

    complaint, new = services.log_complaint(**values)
    again, second = services.log_complaint(**values)
    assert (complaint, new, second) == (again, True, False)
    assert complaint.customer == car.owner

    assert services.respond_to_complaint(complaint=complaint, by=agent)
    assert not services.respond_to_complaint(complaint=complaint, by=agent)
    assert services.close_complaint(complaint=complaint, by=agent, closed_on=DAY, solution="更换滤芯")
    assert not services.close_complaint(complaint=complaint, by=agent, closed_on=DAY, solution="别的")

    complaint = Complaint.objects.get()
    assert (complaint.solution, complaint.handler, complaint.closed_on) == ("更换滤芯", agent, DAY)
    assert complaint.first_response_at is not None


def test_a_complaint_cannot_close_before_it_opened(store, agent):
    complaint = ComplaintFactory(vehicle__owner__home_store=store, opened_on=DAY)

    with pytest.raises(IntegrityError):
        services.close_complaint(complaint=complaint, by=agent, closed_on=date(2026, 6, 11), solution="x")
