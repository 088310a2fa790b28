"""What a part of the database (the embedded log, later the spool and the quarantine) is to the thread that writes."""

import sqlite3
from collections.abc import Sequence
from typing import Protocol, TypeVar

Item = TypeVar("Item", contravariant=True)


class Table(Protocol[Item]):
    """One part of the database. Every method runs in the writer thread; an error in any of them costs the whole group.

    What a table remembers beside its rows may be believed until something fails: then the database is opened again, and
    `open` reads it anew.
    """

    def open(self, connection: sqlite3.Connection) -> None:
        """Make what is missing and read what is there, inside a transaction."""

    def write(self, connection: sqlite3.Connection, items: Sequence[Item]) -> None:
        """Write the items of one group, in this order, inside its transaction. Called once a group at the most."""

    def committed(self) -> None:
        """What was written is durable: show it in the metrics."""
