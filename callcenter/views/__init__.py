from callcenter.views.bookings import bookings, bookings_export
from callcenter.views.today import today, today_export
from callcenter.views.work import outcome, skip, start, undo, work

__all__ = ["bookings", "bookings_export", "outcome", "skip", "start", "today", "today_export", "undo", "work"]
