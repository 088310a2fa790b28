"""What errors say."""

from aiokafka import errors as kafka

from sre_ingest.kafka.failures import ERRORS, judge


def test_only_a_record_s_own_fault_is_refused() -> None:
    """Too large or invalid is final; being forbidden or out of reach is not, nor is what the client cannot name."""
    poison = {kafka.MessageSizeTooLargeError, kafka.RecordListTooLargeError, kafka.for_code(87)}
    assert all(judge(error()).refused for error in poison)
    passing = (kafka.TopicAuthorizationFailedError, kafka.NotEnoughReplicasError, kafka.KafkaConnectionError)
    for other in (*passing, kafka.for_code(-1), kafka.for_code(32), kafka.for_code(10_000)):
        assert not judge(other()).refused


def test_a_dead_sender_is_fatal() -> None:
    """After its sender task died, aiokafka answers with a bare KafkaError: that producer is of no use."""
    assert judge(kafka.KafkaError("Unexpected error during batch delivery")).fatal
    assert judge(kafka.ProducerClosed()).fatal
    assert not judge(kafka.RequestTimedOutError()).fatal


def test_every_error_has_a_word_of_the_closed_set() -> None:
    """Whatever the client raises, the metric has a label for it."""
    known = [each for each in vars(kafka).values() if isinstance(each, type) and issubclass(each, BaseException)]
    assert {judge(each()).reason for each in [*known, ValueError]} <= set(ERRORS)
    assert judge(ValueError()).reason == "other"


def test_what_may_have_been_written_is_never_certain() -> None:
    """Time-outs, lost connections and replicas that did not follow leave doubt."""
    doubtful = (kafka.RequestTimedOutError, kafka.KafkaConnectionError, kafka.NotEnoughReplicasAfterAppendError)
    assert not any(judge(error()).certain for error in doubtful)
