"""The hash that all producers of a topic must agree on, against what Kafka's Java client says."""

import random
from pathlib import Path

import pytest

from sre_ingest.kafka.partitioner import partitions_of

GOLDEN = [row.split("\t") for row in Path(__file__).with_name("murmur2.golden.tsv").read_text().splitlines()[1:]]


@pytest.mark.parametrize("copies", [1, 8], ids=["one after the other", "side by side"])
@pytest.mark.parametrize(("key", "of_3", "of_12", "of_100"), [(row[0], *row[2:]) for row in GOLDEN])
def test_keys_go_where_the_java_client_sends_them(key: str, of_3: str, of_12: str, of_100: str, copies: int) -> None:
    """Few keys of a length or many: the partitions equal those of Kafka's own client."""
    keys = [bytes.fromhex(key)] * copies
    for count, expected in ((3, of_3), (12, of_12), (100, of_100)):
        assert partitions_of(keys, count) == [int(expected)] * copies


def test_a_delivery_is_hashed_like_its_keys() -> None:
    """Keys of all lengths, mixed, few of a length and many."""
    chance = random.Random(7)  # noqa: S311
    keys = [chance.randbytes(length) for length in [*range(70), 255, 1_000, 4_099] for _ in range(1 + length % 12)]
    chance.shuffle(keys)
    for count in (1, 3, 12, 100):
        assert partitions_of(keys, count) == [partitions_of([key], count)[0] for key in keys]
    assert partitions_of([], 12) == []
