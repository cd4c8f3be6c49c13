"""What tells the time for the night's work."""

from celery.beat import PersistentScheduler


class Scheduler(PersistentScheduler):
    """Celery's, which also begins anew where its file was cut off: Celery mends other damage, and ends at this."""

    def setup_schedule(self) -> None:
        try:
            super().setup_schedule()
        except EOFError as error:
            self._destroy_open_corrupted_schedule(error).close()
            super().setup_schedule()
