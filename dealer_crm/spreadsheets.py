"""openpyxl without numpy, which it loads wherever it is installed, for cells that nobody here writes.

Only a worker that looks for groups in the data needs numpy; every other process would pay 11 MB and a tenth of a
second at its start.
"""

from __future__ import annotations

import sys


def load_alone() -> None:
    """Load openpyxl while numpy cannot be found; later imports of numpy are as ever."""
    if "numpy" in sys.modules or "openpyxl" in sys.modules:
        return
    sys.modules["numpy"] = None  # type: ignore[assignment]  # so the language spells "not to be found"
    try:
        import openpyxl  # noqa: F401
    finally:
        del sys.modules["numpy"]
