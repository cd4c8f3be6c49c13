"""The columns of the list of jobs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.models import Job
from staff.exports import Column, ListResource


class JobResource(ListResource):
    name = "jobs"
    title = _("Jobs")
    about_people = False

    number = Column(_("Number"), "pk")
    label = Column(_("Job"), "label")
    status = Column(_("State"), "get_status_display")
    outcome = Column(pgettext_lazy("job", "Result"))
    store = Column(_("Store"), "store__name")
    created_by = Column(_("Started by"), "created_by__full_name")
    created_at = Column(_("Created"), "created_at")
    finished_at = Column(_("Finished"), "finished_at")
    seconds = Column(_("Seconds"))
    attempts = Column(_("Attempts"), "attempts")

    def dehydrate_outcome(self, job: Job) -> str:
        return job.trouble or job.summary

    def dehydrate_seconds(self, job: Job) -> float | None:
        return None if job.seconds is None else round(job.seconds, 1)
