"""The hash that all producers of a topic must agree on, against what Kafka's Java client says."""

import random
from pathlib import Path

import pytest
from aiokafka.partitioner import murmur2 as reference

from sre_ingest.kafka.partitioner import murmur2, partition, partitions_of

GOLDEN = [row.split("\t") for row in Path(__file__).with_name("murmur2.golden.tsv").read_text().splitlines()[1:]]


@pytest.mark.parametrize(("key", "signed", "of_3", "of_12", "of_100"), GOLDEN)
def test_keys_go_where_the_java_client_sends_them(key: str, signed: str, of_3: str, of_12: str, of_100: str) -> None:
    """Hash and partitions equal those of Kafka's own client."""
    data = bytes.fromhex(key)
    assert murmur2(data) == int(signed) & 0xFFFFFFFF
    assert [partition(data, count) for count in (3, 12, 100)] == [int(of_3), int(of_12), int(of_100)]


def test_every_length_agrees_with_the_slow_way() -> None:
    """Words even and odd in number, with and without a rest, up to lengths that no key has."""
    chance = random.Random(7)  # noqa: S311
    for length in [*range(70), 255, 1_000, 4_099]:
        data = chance.randbytes(length)
        assert murmur2(data) == reference(data), length


def test_a_delivery_is_hashed_like_its_keys() -> None:
    """Side by side or one after the other: keys of all lengths, mixed, few of a length and many."""
    chance = random.Random(7)  # noqa: S311
    keys = [chance.randbytes(length) for length in range(40) for _ in range(1 + length % 12)]
    chance.shuffle(keys)
    for count in (1, 3, 12, 100):
        assert partitions_of(keys, count) == [partition(key, count) for key in keys]
    assert partitions_of([], 12) == []
    same = [bytes.fromhex(row[0]) for row in GOLDEN for _ in range(8)]
    assert partitions_of(same, 100) == [int(row[4]) for row in GOLDEN for _ in range(8)]
