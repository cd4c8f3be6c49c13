"""What to do with each group: how to receive its owners, what to offer, how to call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from segmentation.models import C3, CareStatus

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Play:
    """``short`` heads the script and the group's tile; ``reason`` is the script's second line."""

    short: Text
    receive: Text
    offer: Text
    watch: Text
    reason: Text


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    text: str


PLAYS: dict[str, Play] = {
    C3.PROFITABLE_LOYAL: Play(
        short=gettext_lazy("Keep them: own advisor, a fixed time"),
        receive=gettext_lazy(
            "Priority lane. Let the owner's own advisor receive them and greet them by name."
        ),
        offer=gettext_lazy("Booked bay, added services, a gift for recommending us. No price cut needed."),
        watch=gettext_lazy(
            "Used to good service: a long wait or a missed promise costs more here than anywhere."
        ),
        reason=gettext_lazy(
            "You have always left your %(car)s in our care, thank you. Your last visit was on %(last_visit)s, so "
            "the next service is coming up, and I would like to hold a bay for you."
        ),
    ),
    C3.SPLIT_LOYAL: Play(
        short=gettext_lazy("Win the repairs back: free check"),
        receive=gettext_lazy(
            "Service as usual; walk round the car together and offer a free check of wearing parts."
        ),
        offer=gettext_lazy("Free inspection fee for repairs, guarantee on parts and labour."),
        watch=gettext_lazy(
            "Serviced here, repaired elsewhere: ask where and why without blaming, and note it."
        ),
        reason=gettext_lazy(
            "Since your visit on %(last_visit)s, has anything about your %(car)s needed repair? We check brakes, "
            "chassis and tyres free of charge now, and our repairs carry the maker's guarantee."
        ),
    ),
    C3.HIGH_RISK: Play(
        short=gettext_lazy("Ask how it went, then invite"),
        receive=gettext_lazy(
            "Ask first how the last repair holds. The service manager says hello in person."
        ),
        offer=gettext_lazy("Labour voucher for a first service here, with a written check report."),
        watch=gettext_lazy(
            "Spends on repairs only. A second breakdown without an explanation loses this owner."
        ),
        reason=gettext_lazy(
            "You came to us on %(last_visit)s. Is everything in order with your %(car)s since then? Regular service "
            "would have shown such faults earlier, so we would like to look the whole car over once."
        ),
    ),
    C3.HIGH_OPPORTUNITY: Play(
        short=gettext_lazy("Lead to a service plan"),
        receive=gettext_lazy("Explain the maker's service schedule on the car's own odometer reading."),
        offer=gettext_lazy(
            "Service package for a year: cheaper per visit, and the dates are kept for the owner."
        ),
        watch=gettext_lazy(
            "Pays willingly but comes seldom: propose one clear date, not a list of products."
        ),
        reason=gettext_lazy(
            "Your %(car)s was last here on %(last_visit)s. By the maker's schedule a service is due, and with a "
            "yearly plan each visit costs you less."
        ),
    ),
    C3.HIGH_COST: Play(
        short=gettext_lazy("Lead to packages, keep the time short"),
        receive=gettext_lazy(
            "Fast lane, Monday to Thursday. List the work beforehand so that nothing is done twice."
        ),
        offer=gettext_lazy("Service set at a fixed price; off-peak labour discount."),
        watch=gettext_lazy(
            "Comes often and spends little: no free extras on top, no long talks about discounts."
        ),
        reason=gettext_lazy(
            "Since your visit on %(last_visit)s your %(car)s is nearing its next service. As a set at a fixed price "
            "it costs less than item by item, and on weekdays you do not wait."
        ),
    ),
    C3.DEVELOPMENT: Play(
        short=gettext_lazy("Recommend deeper care"),
        receive=gettext_lazy(
            "Show old and new filter side by side; name one care item that suits the mileage."
        ),
        offer=gettext_lazy("Fuel-system or air-conditioning care with the material free."),
        watch=gettext_lazy(
            "Faithful with small bills: one recommendation a visit, with its reason, never three."
        ),
        reason=gettext_lazy(
            "Your %(car)s has been serviced on time here, the last time on %(last_visit)s. At this mileage the "
            "air conditioning and the fuel system deserve a cleaning as well."
        ),
    ),
    C3.LOW_COST: Play(
        short=gettext_lazy("Arrange the repair at once, show that you care"),
        receive=gettext_lazy("Say at once that the repair is being arranged, then do the paperwork."),
        offer=gettext_lazy("Maintenance labour voucher, battery or tyre offer."),
        watch=gettext_lazy(
            "Comes only when something is broken: do not open with a discount, care about the car first."
        ),
        reason=gettext_lazy(
            "How has your %(car)s been running since %(last_visit)s? For owners like you we now put the car on the "
            "lift first and write the order afterwards, and I would like you to try it."
        ),
    ),
    C3.MYSTERY_OPPORTUNITY: Play(
        short=gettext_lazy("Check the car and the number first"),
        receive=gettext_lazy(
            "Confirm owner, phone number and mileage, then offer a free check of the whole car."
        ),
        offer=gettext_lazy("Free check of the car, a welcome-back voucher for the first service."),
        watch=gettext_lazy("We hardly know this owner: is the car still theirs, where is it serviced now?"),
        reason=gettext_lazy(
            "We have not seen your %(car)s for a while and wanted to ask how it is running. May I confirm that you "
            "still drive it? We would like to check it for you free of charge."
        ),
    ),
}

CARE_ADVICE: dict[str, Text] = {
    CareStatus.COMPLAINED: gettext_lazy(
        "Ask first whether the complaint is settled, and only then speak of anything else."
    ),
    CareStatus.LOST: gettext_lazy("Welcome them back, confirm phone and mileage, offer a free check."),
    CareStatus.NEAR_LOST: gettext_lazy(
        "Later than their usual rhythm, or lately at a sister store: ask why and agree the next date today."
    ),
    CareStatus.REPAIR_ONLY: gettext_lazy("Say when the next service is due and what it saves."),
    CareStatus.PRICE_SENSITIVE: gettext_lazy("Name the price before the work, offer the set or a voucher."),
    CareStatus.NEW: gettext_lazy(
        "Show the lounge and the workshop, explain the first service, exchange contacts."
    ),
}

OBJECTIONS: tuple[tuple[Text, Text], ...] = (
    (
        gettext_lazy("Too expensive"),
        gettext_lazy(
            "Agree first, then let them choose a package from the card. Never change a price by word of mouth."
        ),
    ),
    (
        gettext_lazy("No time"),
        gettext_lazy(
            "Offer the fast lane from Monday to Thursday, 45 minutes; or that we fetch and return the car."
        ),
    ),
    (
        gettext_lazy("Had it done elsewhere"),
        gettext_lazy("Ask where and what, and note it down; invite them to a free check."),
    ),
)


def play(group_key: str) -> Play:
    """An ungrouped car is received like one we hardly know."""
    return PLAYS.get(group_key, PLAYS[C3.MYSTERY_OPPORTUNITY])


def script(group_key: str, context: Mapping[str, Any]) -> list[Line]:
    """The call in lines. ``context``: customer, store, agent, car, and where known last_visit, odometer, km_per_month,
    offer, until, all as they shall be read out. A line whose facts are unknown is worded without them or left out.
    """
    known = {name: value for name, value in context.items() if value not in (None, "")}
    facts = {"customer": "", "store": "", "agent": "", "car": "", **known}
    opening = _(
        "Hello %(customer)s, this is %(agent)s from %(store)s, about your %(car)s. Do you have a minute?"
    )
    lines = [
        Line(pgettext("call script", "Opening"), opening % facts),
        Line(pgettext("call script", "Reason"), _reason(group_key, facts)),
    ]
    if "odometer" in known and "km_per_month" in known:
        text = _(
            "At your average of %(km_per_month)s km a month you have about %(odometer)s km on it by now."
        )
        lines.append(Line(pgettext("call script", "Mileage"), text % facts))
    lines.append(Line(pgettext("call script", "Offer"), _offer(group_key, known)))
    closing = _("Would this Saturday morning or Sunday afternoon suit you better? I will hold a bay for you.")
    lines.append(Line(pgettext("call script", "Closing"), closing))
    return lines


def _reason(group_key: str, facts: Mapping[str, Any]) -> str:
    if "last_visit" in facts:
        return str(play(group_key).reason) % facts
    text = _(
        "We have no visit of your %(car)s on record yet and would like to get to know it: how is it running?"
    )
    return text % facts


def _offer(group_key: str, known: Mapping[str, Any]) -> str:
    if "offer" not in known:
        return str(play(group_key).offer)
    if "until" in known:
        return _("If you come by %(until)s, you get: %(offer)s.") % known
    return _("For this visit you get: %(offer)s.") % known


def objections() -> list[Line]:
    """What owners object, and what to answer."""
    return [Line(str(says), str(answer)) for says, answer in OBJECTIONS]
