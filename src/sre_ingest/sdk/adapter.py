"""What a room is: a value with a name and one pure function."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel

from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.signal import Reading


@dataclass(frozen=True, slots=True)
class Adapter:
    """One source of alerts.

    `read` translates a whole delivery. It raises NotJson or WrongShape when the body as a whole makes no sense, reports
    single bad items as rejects, and uses no clock, randomness, I/O or logging: the same delivery always gives the same
    reading.
    """

    name: str
    """One lower-case noun: the folder, the route, the metric label and the first part of every alert id."""
    read: Callable[[Delivery], Reading]
    options: type[BaseModel] | None = None
    """The shape of the adapter's own options in an endpoint's configuration, None if it has none."""
