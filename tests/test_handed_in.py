"""Is a time of handing in read rightly, or said to be unsure, and never wrong in silence?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headcheck.grading.handed_in import HandedIn, read_time

RIGHT = datetime(2026, 10, 5, 17, 30)

SURE = [
    "2026-10-05 17:30:00 UTC",
    "2026-10-05 17:30:00.000000 UTC",  # as nbgrader writes it
    "2026-10-05 17:30:00.000000999 UTC",  # nanoseconds
    "2026-10-05 17:30:00",
    "2026-10-05 17:30 utc",
    "2026-10-05T17:30:00Z",
    "2026-10-05T19:30:00+02:00",
    "2026-10-05 19:30:00 +0200",
    "2026-10-05 19:30:00 +02",
    "2026-10-05 23:00:00 +0530",
    "2026-10-05 13:30:00 \N{MINUS SIGN}0400",
    "2026-10-05 19:30:00 CEST",
    "2026-10-05 13:30:00 EDT",
    "2026-10-05 19:30 UTC+2",
    "2026-10-05 19:30 Europe/Berlin",
    "2026-10-05 13:30 America/New_York",
    "2026-10-05 17:30:00UTC",
    "2026-10-05-17-30-00",
    "2026-10-05_17-30-00",
    "2026/10/05 17:30",
    "2026.10.05 17:30",
    "20261005T173000Z",
    "20261005173000",
    "1791221400",
    "1791221400000",
    "@1791221400.25",
    "Mon Oct  5 17:30:00 UTC 2026",
    "Mon Oct 05 2026 19:30:00 GMT+0200 (Central European Summer Time)",
    "Mon, 05 Oct 2026 17:30:00 +0000",
    "5 October 2026 17:30 UTC",
    "05.10.2026 19:30 CEST",
    "2026-10-05 5:30 PM UTC",
    "2026-10-05 5:30\N{NARROW NO-BREAK SPACE}p.m. UTC",
    "5:30 PM UTC, October 5th, 2026",
    "Mon 10/5/26 5:30 PM UTC",  # only one of the two days is a Monday
    "2026-10-05T19:30:00+02:00[Europe/Paris]",  # as Java writes it
    "2026-10-05 17:30:00, UTC",
    '"2026-10-05T17:30:00Z"',
    "\N{RIGHT-TO-LEFT MARK}2026-10-05 17:30:00 UTC\0",
]


@pytest.mark.parametrize("text", SURE)
def test_is_a_time_that_can_be_read_in_one_way_read_rightly(text: str) -> None:
    assert read_time(text.encode()) == HandedIn(RIGHT)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8", "utf-16-le"])
def test_does_the_encoding_of_the_file_not_matter(encoding: str) -> None:
    assert read_time("2026-10-05 17:30:00 UTC\r\n".encode(encoding)) == HandedIn(RIGHT)


@pytest.mark.parametrize(
    "text",
    [
        "05.10.2026 17:30",
        "05.10.26 17.30 Uhr",
        "Monday, 5 October 2026, 5:30 PM",
        "Oct 5, 2026 530 PM",
        "5-Oct-2026 at 17:30",
        "Mon 10/5/26 5:30 PM",
    ],
)
def test_is_a_persons_time_without_a_zone_read_with_a_note(text: str) -> None:
    found = read_time(text.encode())
    assert found.when == RIGHT
    assert "no time zone" in found.note
    assert "2026-10-05 17:30:00 UTC" in found.note


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("10/5/26 5:30 PM", "10 May 2026 or 5 October 2026"),
        ("05-10-2026 17:30", "10 May 2026 or 5 October 2026"),
        ("20-Oct-26 17:30", "26 October 2020 or 20 October 2026"),
        ("2026-10-05 19:30:00 CST", "CST names no one time zone"),
        ("2026-10-05 19:30:00 +7200", "names no one time zone"),
        ("2026-10-25 02:30 Europe/Berlin", "the clocks were changed"),
        ("2026-03-29 02:30 Europe/Berlin", "the clocks were changed"),
        ("Tue 2026-10-05 17:30 UTC", "that day is no Tue"),
        ("2026-10-05 17:30 PM", "no 17 pm"),
        ("2026-02-30 17:30", "no such day"),
        ("2026-10-05 25:30", "no such time"),
        ("1026-10-05 17:30", "no such day from 2015"),
        ("2026-10-05", "no form"),
        ("17:30", "no form"),
        ("2026-10-05T17-04", "no form"),  # an hour with an offset, or 17:04
        ("5. Oktober 2026 17:30", "no form"),
        ("late", "no form"),
        ("", "it is empty"),
        ("2026-10-05 17:30:00 UTC\nby ada", "several lines"),
        ("x" * 10_000, "it is long"),
        ("2026-10-05 17:30 ../../etc/passwd", "no form"),
        ("2026-10-05 17:30 etc/passwd", "names no one time zone"),
    ],
)
def test_is_everything_else_said_to_be_unsure_and_what_counts_then(text: str, why: str) -> None:
    found = read_time(text.encode())
    assert found.when is None
    assert why in found.note
    assert "counts as handed in on time" in found.note
    assert "Write it as 2026-10-05 17:30:00 UTC" in found.note
    assert len(found.note) < 400


@given(st.binary(max_size=300) | st.text(max_size=60).map(str.encode))
def test_does_no_file_raise_or_stay_without_a_word(data: bytes) -> None:
    found = read_time(data)
    assert found.when is not None or found.note


@given(
    st.datetimes(datetime(2016, 1, 1), datetime(2098, 1, 1)).map(
        lambda t: t.replace(microsecond=0)
    ),
    st.integers(-48, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters))),
    st.sampled_from(
        [
            "%Y-%m-%d %H:%M:%S %z",
            "%Y-%m-%dT%H:%M:%S%z",
            "%d.%m.%Y %H:%M:%S %z",
            "%a, %d %b %Y %H:%M:%S %z",
            "%a %b %d %H:%M:%S %z %Y",
            "%B %d, %Y %I:%M:%S %p %z",
            "%Y%m%dT%H%M%S%z",
            "%I:%M:%S %p %z %d %B %Y",
        ]
    ),
)
def test_does_every_form_tell_the_same_moment(when: datetime, zone: timezone, form: str) -> None:
    local = when.replace(tzinfo=UTC).astimezone(zone)
    assert read_time(local.strftime(form).encode()) == HandedIn(when)
