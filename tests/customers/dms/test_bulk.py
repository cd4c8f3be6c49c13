"""Many rows into a table: what comes out is what went in, on both databases."""

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from customers.dms import sql
from customers.dms.bulk import BATCH, Bulk, sealed_column, write_rows

TABLE = "CREATE SCRATCH TABLE bulk_here (id integer, one text, other text)"


def kept(rows):
    sql.open_scratch()
    sql.run_text(f"DROP TABLE IF EXISTS bulk_here; {TABLE}")
    write_rows("bulk_here", ("id", "one", "other"), rows)
    return sql.rows("SELECT id, one, other FROM bulk_here ORDER BY id")


TEXTS = [
    *("", "null", "NULL", "\\N", "\\.", '"', '""', "\\", '\\"', "a],[b", '"],["', ",", "[", "]", "'"),
    *("\n", "\r\n", "\t", "\x01", "\x1f", "\x7f", "\\n", "\\u0001", "粤B12345", "龘𠮷", "🚗", "\ue000"),
]


@pytest.mark.django_db
def test_texts_come_out_as_they_went_in():
    """With each as its rows' last column, and nothing beside the empty text."""
    rows = [(number, None, text) for number, text in enumerate(TEXTS)]
    assert kept(rows) == rows
    assert kept([(1, "", None), (2, None, "")]) == [(1, "", None), (2, None, "")]


class Texts(TestCase):
    @settings(max_examples=60)
    @given(
        st.lists(
            st.tuples(
                st.none() | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
                st.text('",[]\\nu0x\n', max_size=6),
            ),
            min_size=1,
            max_size=5,
        )
    )
    def test_any_text_comes_out_as_it_went_in(self, pairs):
        rows = [(number, *pair) for number, pair in enumerate(pairs)]
        assert kept(rows) == rows


@pytest.mark.django_db
def test_each_kind_of_value():
    sql.open_scratch()
    sql.run_text(
        "CREATE SCRATCH TABLE bulk_kinds"
        " (number bigint, flag boolean, at timestamptz, day date, uid uuid, body bytea)"
    )
    uid, body = uuid.UUID(int=7), b'\x00\\\xff"'
    at = datetime(2026, 6, 12, 7, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    day = date(2026, 6, 12)
    nothing = (None,) * 6
    write_rows(
        "bulk_kinds",
        ("number", "flag", "at", "day", "uid", "body"),
        [(-(1 << 63), True, at, day, uid, sealed_column()(body)), nothing],
    )

    first, second = sql.rows("SELECT * FROM bulk_kinds ORDER BY number IS NULL")

    assert second == nothing
    number, flag, instant, when, who, bytes_ = first
    assert (number, bool(flag), when, bytes(bytes_)) == (-(1 << 63), True, day, body)
    if connection.vendor == "postgresql":
        assert (instant, who) == (at, uid)
    else:
        # As Django writes it there: UTC without a zone.
        assert (instant, who) == ("2026-06-11 23:30:00", uid.hex)
        assert instant == str(connection.ops.adapt_datetimefield_value(at))


@pytest.mark.django_db
@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH + 1])
def test_all_rows_are_written_once(count):
    rows = [(number, "a", "b") for number in range(count)]
    assert kept(rows) == rows


@pytest.mark.django_db
def test_rows_one_by_one_and_many_at_a_time_keep_their_order():
    sql.open_scratch()
    sql.run_text("CREATE SCRATCH TABLE bulk_order (id KEY_OF_ROWS(), place integer)")
    bulk = Bulk("bulk_order", ("id", "place"), batch=3)
    bulk.add((1, 1))
    bulk.extend([(2, 2), (3, 3), (4, 4), (5, 5)])
    bulk.add((6, 6))
    bulk.flush()
    bulk.flush()
    assert sql.rows("SELECT id, place FROM bulk_order ORDER BY id") == [(n, n) for n in range(1, 7)]
