"""What only those who are new to the database are sealed for."""

from customers.dms.spool import Spool


class Plain:
    """Addresses and numbers of the file's owners in clear, outside the database; sealed for those who are new to it."""

    def __init__(self) -> None:
        self._spool = Spool()

    def keep(self, address: str, numbers: list[str]) -> None:
        """Of the next owner, counted from 1."""
        self._spool.append((address, numbers))

    def flush(self) -> None:
        """To be called once all are kept."""
        self._spool.flush()

    def address(self, facts: int) -> str:
        found: str = self._spool[facts - 1][0]
        return found

    def number(self, facts: int, place: int) -> str:
        found: str = self._spool[facts - 1][1][place]
        return found

    def close(self) -> None:
        self._spool.close()
