"""What beat calls."""

from celery import shared_task
from django.utils import timezone

from jobs import services


@shared_task(name="jobs.sweep")
def sweep() -> int:
    return services.sweep(now=timezone.now())
