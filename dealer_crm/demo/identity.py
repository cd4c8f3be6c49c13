"""Plates and vehicle identification numbers that hold water."""

from random import Random

from dealer_crm.demo.catalogue import Model

_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_YEAR_CODES = "ABCDEFGHJKLMNPRSTVWXY123456789"  # 2010 to 2039, then again
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_ELSEWHERE = ("粤S", "粤L", "粤A", "湘A", "赣B")


def make_vin(model: Model, year: int, serial: int) -> str:
    """A VIN of the maker's, its ninth character the check digit."""
    code = _YEAR_CODES[(year - 2010) % len(_YEAR_CODES)]
    vin = f"LSG{model.vds}0{code}A{serial:06d}"
    values = (_VIN_VALUES[char] if char in _VIN_VALUES else int(char) for char in vin)
    total = sum(value * weight for value, weight in zip(values, _VIN_WEIGHTS, strict=True))
    return f"{vin[:8]}{'0123456789X'[total % 11]}{vin[9:]}"


class PlateMaker:
    """Hands out plates that are all different."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def plate(self, model: Model) -> str:
        rng = self._rng
        while True:
            area = rng.choice(_ELSEWHERE) if rng.random() < 0.06 else "粤B"
            plate = area + (self._energy_serial(model.energy) if model.energy else self._serial_of_five())
            if plate not in self._taken:
                self._taken.add(plate)
                return plate

    def _energy_serial(self, energy: str) -> str:
        second = self._rng.choice(_LETTERS + "0123456789")
        return f"{energy}{second}{self._rng.randrange(10**4):04d}"

    def _serial_of_five(self) -> str:
        """Five digits, of which one or two became letters when the digits ran out."""
        rng = self._rng
        chars = [str(rng.randrange(10)) for _ in range(5)]
        for position in rng.sample(range(5), rng.choice((0, 1, 1, 2))):
            chars[position] = rng.choice(_LETTERS)
        return "".join(chars)
