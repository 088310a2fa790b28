"""The version of the contract pack, and which versions a reader of this one understands."""

import re

SCHEMA_VERSION = "v1.0.0"
"""Version of the contract pack; the same in everything this build emits."""

_READ = re.compile(r"v?1\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)


def is_written(version: str) -> bool:
    """True for what a producer may write: `v1.MINOR.PATCH`, the major being that of the package."""
    return version.startswith("v") and is_read(version)


def is_read(version: str) -> bool:
    """True for what a consumer has to accept: any version of this major, also without its `v`.

    A later minor version only adds. A consumer sets an envelope of another major aside; it never guesses.
    """
    return _READ.fullmatch(version) is not None
