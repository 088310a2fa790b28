"""The road to Kafka: the only package that knows aiokafka."""

from sre_ingest.kafka.connection import Connection
from sre_ingest.kafka.failures import ERRORS
from sre_ingest.kafka.follower import Follower
from sre_ingest.kafka.publisher import KafkaPublisher
from sre_ingest.kafka.reader import finding

__all__ = ["ERRORS", "Connection", "Follower", "KafkaPublisher", "finding"]
