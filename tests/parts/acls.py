"""What a real broker permits on a topic: rules put and taken away by the wire protocol, since aiokafka has no calls."""

from enum import IntEnum

from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest

from tests.parts.topics import administering

AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
}
"""Settings of a broker that obeys rules and is alone; what no rule speaks of is permitted.

Several would each wait for the rules before they listen to the others, and so for ever.
"""

_TOPIC, _LITERAL = 2, 3
"""Kafka's numbers for the kind of a resource and for a name that is meant as it stands."""
_EVERYBODY = ("User:*", "*")


class Operation(IntEnum):
    """What somebody may want to do, by Kafka's numbers."""

    ANY = 1
    ALL = 2
    WRITE = 4


class Permission(IntEnum):
    """What a rule says of it, by Kafka's numbers."""

    ANY = 1
    DENY = 2
    ALLOW = 3


async def obeyed(bootstrap_servers: str) -> bool:
    """Whether the brokers obey rules at all."""
    async with administering(bootstrap_servers) as admin:
        wanted = DescribeAclsRequest(_TOPIC, "any", _LITERAL, *_EVERYBODY, Operation.ANY, Permission.ANY)
        return bool((await admin._send_request(wanted)).error_code == 0)


async def put(bootstrap_servers: str, topic: str, operation: Operation, permission: Permission) -> None:
    """Rule so for everybody; a denial is stronger than a permission. RuntimeError when the broker refuses."""
    async with administering(bootstrap_servers) as admin:
        rule = CreateAclsRequest(_TOPIC, topic, _LITERAL, *_EVERYBODY, operation, permission)
        answer = await admin._send_request(rule)
    _refuse(answer.creation_responses)


async def remove(bootstrap_servers: str, topic: str, operation: Operation, permission: Permission) -> None:
    """Take the rule away. RuntimeError when the broker refuses."""
    async with administering(bootstrap_servers) as admin:
        rule = DeleteAclsRequest(_TOPIC, topic, _LITERAL, *_EVERYBODY, operation, permission)
        answer = await admin._send_request(rule)
    _refuse(answer.filter_responses)


def _refuse(answers: list[tuple[int, str, object]]) -> None:
    if refused := [(code, text) for code, text, *_ in answers if code != 0]:
        raise RuntimeError(f"the broker refused (Kafka's error code, words): {refused}")
