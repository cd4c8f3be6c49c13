"""Which role reads which personal data, and in which form. Phones are masked for everybody until revealed."""

from __future__ import annotations

from dataclasses import dataclass

from staff.models import Role
from staff.permissions import ACTIONS

WHOLE_ADDRESS = frozenset({Role.ADVISOR, Role.MANAGER})
# Enough to know the district: which branch is near, not which door is theirs.
PART_OF_ADDRESS = frozenset({Role.AGENT, Role.ADMIN})
PART_OF_ID_NUMBER = frozenset({Role.ADVISOR, Role.MANAGER, Role.ADMIN})

ADDRESS_SHOWN = 6
HIDDEN = "****"


@dataclass(frozen=True, slots=True)
class Sight:
    """What ``role`` may read of one customer."""

    role: Role | None

    @property
    def may_reveal_phone(self) -> bool:
        return self.role in ACTIONS["phone.reveal"]

    @property
    def sees_id_number(self) -> bool:
        return self.role in PART_OF_ID_NUMBER

    @property
    def sees_address(self) -> bool:
        return self.role in WHOLE_ADDRESS | PART_OF_ADDRESS

    @property
    def sees_whole_address(self) -> bool:
        return self.role in WHOLE_ADDRESS

    def id_number(self, value: str) -> str:
        """Never whole: the last four characters are enough to compare with a card."""
        return f"{HIDDEN}{value[-4:]}" if value and self.sees_id_number else ""

    def address(self, value: str) -> str:
        if not value or not self.sees_address:
            return ""
        if self.sees_whole_address or len(value) <= ADDRESS_SHOWN:
            return value if self.sees_whole_address else HIDDEN
        return f"{value[:ADDRESS_SHOWN]}{HIDDEN}"

    def vin(self, value: str) -> str:
        """Whole for who keeps the card; the maker and the serial end for the others."""
        if self.role in ACTIONS["customer.edit"] or not value:
            return value
        return f"{value[:5]}{HIDDEN}{value[-8:]}" if len(value) == 17 else HIDDEN
