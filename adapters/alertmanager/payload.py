"""Alertmanager's words: the webhook body of version 4, and what really arrives under that name."""

from sre_ingest.sdk import groups, json
from sre_ingest.sdk.groups import Alert, Group

__all__ = ["Alert", "Group", "alert", "webhook"]

alert = groups.alert


def webhook(body: bytes) -> Group:
    """Read the envelope. NotJson if the body is no strict JSON, WrongShape if it is no object with a list `alerts`."""
    return groups.group(json.parse(body))
