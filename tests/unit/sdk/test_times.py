"""Times: one instant, one spelling, nanoseconds kept."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested
from sre_ingest.sdk import times
from sre_ingest.sdk.times import GO_ZERO, MAX, MIN, SECOND, Instant, parse, rfc3339, timestamp

INSTANTS = st.integers(MIN, MAX).map(Instant)
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(INSTANTS)
def test_an_instant_survives_being_written(instant: Instant) -> None:
    """Reading what was written gives the same nanosecond, in every year."""
    assert parse(rfc3339(instant)) == instant


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=OFFSETS))  # noqa: DTZ001
def test_offsets_and_microseconds_are_read_as_python_reads_them(moment: datetime) -> None:
    """The standard library is the judge as far as it goes, which is to the microsecond."""
    expected = (moment - EPOCH) // timedelta(microseconds=1) * 1_000

    assert parse(moment.isoformat()) == expected


@given(INSTANTS)
def test_what_is_written_is_what_protobuf_reads(instant: Instant) -> None:
    """The spelling is the one of proto3 JSON, so any consumer can read it."""
    read = Timestamp()
    read.FromJsonString(rfc3339(instant))

    assert read == timestamp(instant)


@given(INSTANTS)
def test_writing_in_place_equals_copying(instant: Instant) -> None:
    """Presence included: the epoch itself is a time, not an absent one."""
    message = IngestAlertRequested()
    times.write(instant, message.ends_at)

    assert message.HasField("ends_at")
    assert message.ends_at == timestamp(instant)
    assert message == IngestAlertRequested(ends_at=timestamp(instant))


def test_the_epoch_is_present_on_the_wire() -> None:
    """Zero seconds and zero nanoseconds are still a set field."""
    message = IngestAlertRequested()
    times.write(Instant(0), message.ends_at)

    assert IngestAlertRequested.FromString(message.SerializeToString()).HasField("ends_at")


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02t03:04:05z", "2026-01-02T03:04:05Z"),
        ("2026-01-02 03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.5Z", "2026-01-02T03:04:05.500Z"),
        ("2026-01-02T03:04:05.123400Z", "2026-01-02T03:04:05.123400Z"),
        ("2026-01-02T03:04:05.1234567Z", "2026-01-02T03:04:05.123456700Z"),
        ("2026-01-02T03:04:05.000000001Z", "2026-01-02T03:04:05.000000001Z"),
        ("2026-01-02T03:04:05.9999999999Z", "2026-01-02T03:04:05.999999999Z"),
        ("2026-01-02T03:04:05.123456789+05:30", "2026-01-01T21:34:05.123456789Z"),
        ("2026-01-02T03:04:05-00:00", "2026-01-02T03:04:05Z"),
        ("2024-02-29T23:59:59-23:59", "2024-03-01T23:58:59Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("0001-01-01T05:00:00+05:00", "0001-01-01T00:00:00Z"),
        ("0999-12-31T23:59:59.5Z", "0999-12-31T23:59:59.500Z"),
        ("1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z"),
        ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
    ],
)
def test_there_is_one_spelling(text: str, spelling: str) -> None:
    """UTC, a capital T and Z, four digits for the year, and 0, 3, 6 or 9 digits after the point."""
    assert rfc3339(parse(text)) == spelling


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-02",
        "2026-01-02T03:04:05",
        "2026-01-02T03:04Z",
        "2026-01-02T03:04:05+0530",
        "2026-01-02T03:04:05+05",
        "2026-01-02T03:04:05 Z",
        " 2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05Z\n",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05,5Z",
        "2026-01-02T03:04:05." + "1" * 31 + "Z",
        "2026-1-2T3:4:5Z",
        "2022-010-30T11:22:40Z",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:60:00Z",
        "2026-01-02T03:04:60Z",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+05:60",
        "2026-W01-5T03:04:05Z",
        "٢٠٢٦-01-02T03:04:05Z",
        "2026-01-02T03:04:05.٥Z",
        "2026-01-02T03:04:05+0٥:00",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "10000-01-01T00:00:00Z",
        "1767322800",
    ],
)
def test_what_is_no_date_time_is_refused(text: str) -> None:
    """ValueError and nothing else, for the unreadable and for what lies outside the years 1 to 9999."""
    with pytest.raises(ValueError, match=r".+"):
        parse(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes anything but a ValueError."""
    try:
        instant = parse(text)
    except ValueError:
        return
    assert MIN <= instant <= MAX


def test_gos_zero_is_the_first_instant() -> None:
    """Which is also the least that a protobuf Timestamp can hold: it converts silently, so it has a name."""
    assert parse("0001-01-01T00:00:00Z") == GO_ZERO == MIN
    assert timestamp(GO_ZERO) == Timestamp(seconds=-62_135_596_800)


@pytest.mark.parametrize("nanos", [MIN - 1, MAX + 1])
def test_an_instant_has_bounds(nanos: int) -> None:
    """The range is the one of a protobuf Timestamp."""
    with pytest.raises(ValueError, match="outside"):
        times.checked(nanos)


@pytest.mark.parametrize("nanos", [MIN, -1, 0, 1, MAX])
def test_a_timestamp_counts_nanoseconds_upwards(nanos: int) -> None:
    """Before 1970 too, as the Timestamp's definition wants it."""
    value = timestamp(times.checked(nanos))

    assert 0 <= value.nanos < SECOND
    assert value.seconds * SECOND + value.nanos == nanos
