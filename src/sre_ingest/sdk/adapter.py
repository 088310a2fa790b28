"""What a room is: a value with a name and one pure function."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel

from sre_ingest.mistakes import Mistake
from sre_ingest.sdk.delivery import URL_PATH, Delivery
from sre_ingest.sdk.schemas import Schema
from sre_ingest.sdk.signal import Reading


@dataclass(frozen=True, slots=True)
class Adapter:
    """One source of alerts.

    `read` translates a whole delivery. It raises NotJson or WrongShape when the body as a whole makes no sense, reports
    single bad items as rejects, and uses no clock, randomness, I/O or logging: the same delivery always gives the same
    reading.
    """

    name: str
    """One lower-case noun: the folder, the default path, the metric label and the first part of every alert id."""
    read: Callable[[Delivery], Reading]
    options: type[BaseModel] | None = None
    """The shape of the adapter's own options in an endpoint's configuration, None if it has none."""
    path: str = ""
    """Path of its default endpoint, where its senders can post to no other; left empty it becomes `/webhooks/NAME`."""
    route: str = ""
    """The template of its default path, such as `/webhooks/generic/{mapping}`, where many adapters share one: what
    metrics and the OpenAPI document call it; empty: the path itself.
    """
    appends_id: bool = False
    """Whether its senders append a segment of their own to the path, such as the id of the alert."""
    content_types: tuple[str, ...] = ()
    """Media types that its senders name beside those of JSON."""
    samples: Path | None = None
    """Folder of its samples; None: `samples` beside the module of `read`."""
    dedup_window: timedelta | None = None
    """How long a repetition is a duplicate unless an endpoint says otherwise, where its senders repeat themselves in a
    rhythm that `dedup.window` does not suit; None: that setting.
    """
    schemas: tuple[Schema, ...] = ()
    """Schemas that it publishes for its senders; the first describes the bodies that it reads."""
    reads_idempotency_key: bool = False
    """True if it takes `Delivery.idempotency_key` for the key of the one record of a body."""

    def __post_init__(self) -> None:
        """ValueError if the path is none that a sender could post to, or no time is left to repeat anything in."""
        if not self.path:
            object.__setattr__(self, "path", f"/webhooks/{self.name}")
        if not re.fullmatch(URL_PATH, self.path):
            raise ValueError(
                f"{self.path!r} is no path of an endpoint: begin it with a slash and do not end it with one"
            )
        if self.dedup_window is not None and self.dedup_window <= timedelta():
            raise ValueError("a dedup window is longer than nothing")


class MappingError(Mistake, ValueError):
    """A file that a user wrote is no mapping. The message has a line for each mistake: file, line, field, and why."""


@dataclass(frozen=True, slots=True)
class Mapper:
    """Makes adapters of files that users write, so that a source needs no code."""

    compile: Callable[[Path], Adapter]
    """The adapter of one file, called as the file is; MappingError names every mistake in it."""
    compile_folder: Callable[[Path], tuple[Adapter, ...]]
    """The adapters of all files of a folder, by name; MappingError names every mistake in every file."""
    explain: Callable[[Path, bytes], Iterator[str]]
    """How a file reads a body, line by line: which part of it applies, and what each of its expressions finds."""
    route: str
    """The template of the default paths of all its adapters."""
    suffix: str
    """What the names of its files end with."""
