"""A process that runs one job, to be killed: ``python -m tests.customers.imports.worker JOB``. Says when it begins."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dealer_crm.settings")
import dealer_crm  # noqa: F401  (chooses the SQLite library)

django.setup()

from jobs import engine  # noqa: E402

if __name__ == "__main__":
    print("begins", flush=True)  # noqa: T201  # the test waits for it
    engine.run(int(sys.argv[1]), heartbeat=True)
