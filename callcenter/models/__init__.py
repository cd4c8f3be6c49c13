from callcenter.models.booking import Booking, SlotPlan
from callcenter.models.call import Call, CallAttempt, CallQuerySet, Closing, Priority, RefusalReason

__all__ = [
    "Booking",
    "Call",
    "CallAttempt",
    "CallQuerySet",
    "Closing",
    "Priority",
    "RefusalReason",
    "SlotPlan",
]
