"""What an error of Kafka, or of its client, says about the records of a batch: one table."""

from dataclasses import dataclass

from aiokafka import errors as kafka

from sre_ingest.metrics import OTHER


@dataclass(frozen=True, slots=True)
class Failure:
    """What follows from an error."""

    reason: str
    """The word for it in metrics and logs, one of ERRORS."""
    divisible: bool = False
    """One record of the batch may be to blame for all: the others deserve a batch without it."""
    refused: bool = False
    """A record that stands alone with this error can never be taken."""
    certain: bool = False
    """The broker rejected what it was sent, so nothing of this attempt is in the log."""
    fatal: bool = False
    """The producer is of no use any more."""
    lost: bool = False
    """The cluster may be out of reach."""


class InvalidRecordError(kafka.BrokerResponseError):  # type: ignore[misc]  # aiokafka is untyped
    """Kafka's INVALID_RECORD: the broker read the batch and a record in it breaks a rule of the topic."""

    errno = 87
    message = "INVALID_RECORD"
    description = "The record has failed a validation on the broker."


# The client does not know this code and would call it unknown, as it calls a broker's own mistakes: one is the fault
# of a record, the others say nothing about it.
kafka.kafka_errors.setdefault(InvalidRecordError.errno, InvalidRecordError)

_TOO_LARGE = Failure("too_large", divisible=True, refused=True)
_DENIED = Failure("not_authorized", certain=True)
_SIGN_IN = Failure("not_authenticated", certain=True)
_CONNECTION = Failure("connection", lost=True)
_FATAL = Failure("producer_dead", fatal=True)
_OTHER = Failure(OTHER)

_TABLE: tuple[tuple[type[BaseException], Failure], ...] = (
    (kafka.MessageSizeTooLargeError, _TOO_LARGE),
    (kafka.RecordListTooLargeError, _TOO_LARGE),
    (kafka.RecordTooLargeError, _TOO_LARGE),
    (InvalidRecordError, Failure("invalid_record", divisible=True, refused=True)),
    (kafka.InvalidTimestampError, Failure("invalid_timestamp", certain=True)),
    (kafka.CorruptRecordException, Failure("corrupt", certain=True)),
    (kafka.TopicAuthorizationFailedError, _DENIED),
    (kafka.ClusterAuthorizationFailedError, _DENIED),
    (kafka.PolicyViolationError, Failure("policy", certain=True)),
    (kafka.SaslAuthenticationFailed, _SIGN_IN),
    (kafka.AuthenticationFailedError, _SIGN_IN),
    (kafka.InvalidTopicError, Failure("unknown_topic", certain=True)),
    (kafka.UnknownTopicOrPartitionError, Failure("unknown_topic")),
    (kafka.NotLeaderForPartitionError, Failure("no_leader")),
    (kafka.LeaderNotAvailableError, Failure("no_leader")),
    (kafka.NotEnoughReplicasError, Failure("not_enough_replicas")),
    (kafka.NotEnoughReplicasAfterAppendError, Failure("not_enough_replicas")),
    (kafka.RequestTimedOutError, Failure("timeout", lost=True)),
    (kafka.KafkaTimeoutError, Failure("timeout", lost=True)),
    (TimeoutError, Failure("timeout", lost=True)),
    (kafka.KafkaConnectionError, _CONNECTION),
    (kafka.NodeNotReadyError, _CONNECTION),
    (OSError, _CONNECTION),
    (kafka.ProducerClosed, _FATAL),
    (kafka.ProducerFenced, _FATAL),
    (kafka.OutOfOrderSequenceNumber, _FATAL),
    # The client gives this name to every code that it does not know, and to a broker's own "unknown server error". So
    # one record may be to blame, but none is ever refused for it.
    (kafka.UnknownError, Failure("unknown", divisible=True)),
)

UNSETTLED = Failure("unsettled", fatal=True)
"""A batch whose fate is unknown long after every deadline: its producer hangs."""

ERRORS = tuple(sorted({failure.reason for _, failure in _TABLE} | {UNSETTLED.reason, OTHER}))
"""Every reason there is: the label values of the error counter."""


def judge(error: BaseException) -> Failure:
    """What the error says; total."""
    for known, failure in _TABLE:
        if isinstance(error, known):
            return failure
    # Once its sender task is dead, aiokafka fails everything with a bare KafkaError.
    return _FATAL if type(error) is kafka.KafkaError else _OTHER
