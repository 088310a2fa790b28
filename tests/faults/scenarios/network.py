"""A loopback network of one's own, in which packets can be dropped without harm to anybody else."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.faults.checker.row import NotRunError
from tests.parts.processes import run

REQUESTS, ANSWERS = "dport", "sport"
"""Packets to a port, and packets from it."""
_MARK = "FAULTS_OWN_NETWORK"
_UNSHARE = ("unshare", "--net", "--mount", "--map-root-user")
# The rule that finds local addresses comes before all others, so nothing can be dropped until it has moved back.
_PREPARE = "ip link set lo up && ip rule add pref 100 lookup local && ip rule del pref 0 && exec env {mark}=1 {program}"


def enter(program: Sequence[str]) -> None:
    """Run this program in place of ours, in a network of its own; return if we are in one, or may not have one."""
    command = [*_UNSHARE, "sh", "-c", _PREPARE.format(mark=_MARK, program='"$@"'), "sh"]
    if os.environ.get(_MARK) or not _permitted([*command, "true"]):
        return
    os.execvp(command[0], [*command, *program])  # noqa: S606


def require_own() -> None:
    """NotRunError if we share our network with others."""
    if not os.environ.get(_MARK):
        raise NotRunError(
            "the network is shared with others: make faults enters one of its own where unshare --net is permitted"
        )


@contextmanager
def dropping(way: str, ports: Sequence[int]) -> Iterator[None]:
    """Drop packets to or from these ports."""
    rules = [["pref", "10", way, str(port), "blackhole"] for port in ports]
    try:
        for rule in rules:
            run(["ip", "rule", "add", *rule])
        yield
    finally:
        for rule in rules:
            run(["ip", "rule", "del", *rule])


def _permitted(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    except OSError:
        return False
