"""What a file is, told by its bytes, and whether it is safe to hand to a parser."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from customers.dms.refused import FileRefused

Format = Literal["xlsx", "xls", "html", "spreadsheetml", "text"]

MAX_BYTES = 100 << 20
MAX_UNPACKED = 1 << 30
# Sheets of orders pack about 8 to 1; blanks and repeated bytes pack 1000 to 1.
MAX_RATIO = 60
RATIO_COUNTS_FROM = 32 << 20
MAX_ENTRIES = 2000
MAX_SHARED_STRINGS = 20_000_000
CHUNK = 1 << 20

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"BM6",
    b"\x7fELF",
    b"MZ",
    b"{\\rtf",
    b"RIFF",
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# Of binary data in pairs of bytes most are characters too, but of all scripts.
_EXPECTED = re.compile(r"[\t\r\n -~\u00a0-\u00ff\u2000-\u206f\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_MARKUP = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|!--|[a-z])", re.IGNORECASE)
_HTML = re.compile(rb"<(?:html|head|body|table|tr)\b", re.IGNORECASE)
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# A cell with content beyond column ZZ: parsers that build a rectangle would fill the memory with it.
_FAR_CELL = re.compile(rb"r\s*=\s*[\"'][A-Z]{3,}\d+[\"'][^>]*[^/]>")
_UNIQUE = re.compile(rb"uniqueCount\s*=\s*[\"'](\d+)")
_DATE_1904 = re.compile(rb"date1904\s*=\s*[\"'](?:1|true)[\"']")
_PARSED = re.compile(r"xl/(?:workbook|sharedStrings|styles|worksheets/[^/]+)\.xml", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The format; of a workbook also whether its serial days count from 1904, and how much it unpacks to."""

    format: Format
    from_1904: bool = False
    unpacked: int = 0


def sniff(path: Path) -> Sniffed:
    """Tell the format of the file at ``path``; raise FileRefused for anything that is no table."""
    size = path.stat().st_size
    if size == 0:
        raise FileRefused("empty_file")
    if size > MAX_BYTES:
        raise FileRefused("too_big")
    with path.open("rb") as file:
        head = file.read(8192)
    if head.startswith(b"PK"):
        return Sniffed("xlsx", *_check_workbook(path))
    if head.startswith(_OLE):
        _check_ole(path)
        return Sniffed("xls")
    if head[:2] == b"\x09\x08" or head[:2] in (b"\x09\x00", b"\x09\x02", b"\x09\x04"):
        return Sniffed("xls")
    if head.startswith(_BINARY):
        raise FileRefused("not_a_table")
    return Sniffed(_sniff_text(head))


def utf16_of(head: bytes) -> str:
    """Which UTF-16 without a mark begins so: of Latin characters, which any export has, the high byte is zero."""
    return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"


def _sniff_text(head: bytes) -> Format:
    if head.startswith(_UTF16):
        head = head.decode("utf-16", errors="replace").encode()
    if head[:13].lower() == b"mime-version:":
        raise FileRefused("unsupported_format")
    if _MARKUP.match(head):
        if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
            return "spreadsheetml"
        if _HTML.search(head):
            return "html"
        raise FileRefused("not_a_table")
    if 0 in head:
        text = head.decode(utf16_of(head), errors="replace")
        if len(_EXPECTED.findall(text)) * 10 < len(text) * 9:
            raise FileRefused("not_a_table")
        head = text.encode()
    controls = sum(byte < 9 or 13 < byte < 28 for byte in head)
    if controls > len(head) // 50:
        raise FileRefused("not_a_table")
    return "text"


def _check_ole(path: Path) -> None:
    with path.open("rb") as file:
        content = file.read()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise FileRefused("password_protected")


def _check_workbook(path: Path) -> tuple[bool, int]:
    try:
        with zipfile.ZipFile(path) as archive:
            return _check_archive(archive, path.stat().st_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError) as error:
        raise FileRefused("broken_file") from error
    except RuntimeError as error:  # what zipfile raises for an encrypted entry
        raise FileRefused("password_protected") from error


def _check_archive(archive: zipfile.ZipFile, packed: int) -> tuple[bool, int]:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise FileRefused("zip_bomb")
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        known = "xl/workbook.bin" in names or "content.xml" in names
        raise FileRefused("unsupported_format" if known else "not_a_table")
    _check_size(sum(entry.file_size for entry in entries), packed)
    unpacked, from_1904 = 0, False
    for entry in entries:
        if not _PARSED.fullmatch(entry.filename):
            continue
        with archive.open(entry) as part:
            for chunk in _overlapping(part):
                unpacked += min(len(chunk), CHUNK)
                _check_size(unpacked, packed)
                _check_chunk(entry.filename, chunk)
                if entry.filename.endswith("workbook.xml") and _DATE_1904.search(chunk):
                    from_1904 = True
    return from_1904, unpacked


def _overlapping(part: IO[bytes]) -> Iterator[bytes]:
    """Chunks that begin with the tail of the one before, so that nothing hides on a border."""
    tail = b""
    while chunk := part.read(CHUNK):
        yield tail + chunk
        tail = chunk[-512:]


def _check_size(unpacked: int, packed: int) -> None:
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_COUNTS_FROM and unpacked > packed * MAX_RATIO):
        raise FileRefused("zip_bomb")


def _check_chunk(name: str, chunk: bytes) -> None:
    if chunk[:2] in _UTF16:
        raise FileRefused("unsupported_format")
    if _DTD.search(chunk):
        raise FileRefused("entity_bomb")
    if "worksheets/" in name:
        if _FAR_CELL.search(chunk):
            raise FileRefused("too_wide")
    elif (found := _UNIQUE.search(chunk)) and int(found[1]) > MAX_SHARED_STRINGS:
        raise FileRefused("zip_bomb")
