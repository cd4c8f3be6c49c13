"""What stands around the worksheets of an .xlsx: which there are, their shared texts, which numbers are days.

openpyxl reads the same, but loses a workbook whose style sheet has an empty ``<fill/>`` or whose sheet names no
dimension that is one, and reads a sheet without one to its end before the first row.
"""

from dataclasses import dataclass
from datetime import datetime
from posixpath import join, normpath
from zipfile import BadZipFile, ZipFile

from lxml import etree
from openpyxl.reader.strings import read_string_table
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from customers.dms.refused import FileRefused

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # a sheet knows no time zone
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_UNREADABLE = (KeyError, ValueError, TypeError, SyntaxError, BadZipFile)


@dataclass(frozen=True, slots=True)
class Package:
    """``sheets``: title and part of the visible worksheets, in order; ``day_styles``: numbers of cell styles."""

    sheets: list[tuple[str, str]]
    strings: list[str]
    day_styles: set[str]
    epoch: datetime


def read_package(archive: ZipFile) -> Package:
    """Raises FileRefused."""
    try:
        book, parts = _parse(archive, "xl/workbook.xml"), _parts(archive)
        sheets = [
            (sheet.get("name", ""), parts[_id(sheet)][1])
            for sheet in book.iter("{*}sheet")
            if sheet.get("state", "visible") == "visible" and parts[_id(sheet)][0] == "worksheet"
        ]
        since_1904 = any(each.get("date1904") in ("1", "true") for each in book.iter("{*}workbookPr"))
        return Package(
            sheets=sheets,
            strings=_strings(archive, parts),
            day_styles=_day_styles(archive, parts),
            epoch=_EPOCH_1904 if since_1904 else _EPOCH,
        )
    except _UNREADABLE as error:
        raise FileRefused("broken_file") from error


Parts = dict[str, tuple[str, str]]


def _parse(archive: ZipFile, part: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(archive.read(part), parser)


def _parts(archive: ZipFile) -> Parts:
    """Relation id -> what it is and where it stands."""
    found = {}
    for relation in _parse(archive, "xl/_rels/workbook.xml.rels").iter("{*}Relationship"):
        target = str(relation.get("Target", ""))
        place = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
        found[str(relation.get("Id"))] = str(relation.get("Type", "")).rpartition("/")[2], place
    return found


def _id(sheet: etree._Element) -> str:
    """The relation; sheetId is another number."""
    return next(str(value) for name, value in sheet.items() if str(name).endswith("}id"))


def _part(parts: Parts, kind: str) -> str:
    return next((place for each, place in parts.values() if each == kind), "")


def _strings(archive: ZipFile, parts: Parts) -> list[str]:
    part = _part(parts, "sharedStrings")
    if part not in archive.namelist():
        return []
    with archive.open(part) as file:
        return list(read_string_table(file))


def _day_styles(archive: ZipFile, parts: Parts) -> set[str]:
    part = _part(parts, "styles")
    if part not in archive.namelist():
        return set()
    styles = _parse(archive, part)
    formats: dict[int, str] = dict(BUILTIN_FORMATS)
    formats |= {
        int(each.get("numFmtId", "0")): each.get("formatCode", "") for each in styles.iter("{*}numFmt")
    }
    styled = (xf for xfs in styles.iter("{*}cellXfs") for xf in xfs.iterchildren("{*}xf"))
    return {
        str(place)
        for place, xf in enumerate(styled)
        if is_date_format(formats.get(int(xf.get("numFmtId", "0")), ""))
    }
