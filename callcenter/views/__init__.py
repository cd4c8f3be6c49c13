from callcenter.views.bookings import bookings
from callcenter.views.today import today
from callcenter.views.work import outcome, skip, start, undo, work

__all__ = ["bookings", "outcome", "skip", "start", "today", "undo", "work"]
