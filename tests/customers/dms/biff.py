"""Binary workbooks of old Excel, as dealers' systems write them, record by record."""

import struct
from pathlib import Path

BIFF5, BIFF8 = 0x0500, 0x0600
_BOF, _EOF, _CODEPAGE, _FILEPASS, _BOUNDSHEET = 0x0809, 0x000A, 0x0042, 0x002F, 0x0085
_LABEL, _NUMBER, _DATEMODE, _XF, _FORMAT = 0x0204, 0x0203, 0x0022, 0x00E0, 0x041E


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _text(text: str, version: int, encoding: str, length: str) -> bytes:
    if version == BIFF8:
        return struct.pack(length, len(text)) + b"\x01" + text.encode("utf-16-le")
    raw = text.encode(encoding)
    return struct.pack(length, len(raw)) + raw


def xls_file(
    folder: Path, rows, *, version=BIFF8, codepage=1200, encoding="utf-16-le", locked=False, name="book.xls"
) -> Path:
    """A workbook of one sheet; texts of BIFF5 are ``encoding``, whatever ``codepage`` says."""

    def cell(row: int, column: int, value) -> bytes:
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            return _record(_LABEL, place + _text(value, version, encoding, "<H"))
        return _record(_NUMBER, place + struct.pack("<d", value))

    begin = _record(_BOF, struct.pack("<HHHH", version, 5, 0, 0) + bytes(8 if version == BIFF8 else 0))
    globals_ = [
        begin,
        _record(_FILEPASS, bytes(6)) if locked else b"",
        _record(_CODEPAGE, struct.pack("<H", codepage)),
        _record(_DATEMODE, bytes(2)),
    ]
    title = _text("Sheet1", version, "ascii", "<B")
    length = sum(map(len, globals_)) + 4 + 6 + len(title) + 4
    globals_ += [_record(_BOUNDSHEET, struct.pack("<LH", length, 0) + title), _record(_EOF)]
    sheet = [_record(_BOF, struct.pack("<HHHH", version, 0x10, 0, 0) + bytes(8 if version == BIFF8 else 0))]
    sheet += [cell(at, place, value) for at, row in enumerate(rows) for place, value in enumerate(row)]
    path = folder / name
    path.write_bytes(b"".join([*globals_, *sheet, _record(_EOF)]))
    return path
