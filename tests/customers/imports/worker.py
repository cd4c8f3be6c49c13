"""Runs jobs, each in a process of its own that may be killed: ids come in, "begins PID" and "ended" go out.

Forked when Django is set up already, so that twenty deaths cost twenty jobs and not twenty starts of the program.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dealer_crm.settings")
import dealer_crm  # noqa: F401  (chooses the SQLite library)

django.setup()

from django.db import connections  # noqa: E402

from jobs import engine  # noqa: E402


def work(job: int) -> None:
    os.setsid()
    sys.stdout.write(f"begins {os.getpid()}\n")
    sys.stdout.flush()
    engine.run(job, heartbeat=True)
    connections.close_all()


if __name__ == "__main__":
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            work(int(line))
            os._exit(0)
        os.waitpid(pid, 0)
        sys.stdout.write("ended\n")
        sys.stdout.flush()
