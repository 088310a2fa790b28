"""A data directory that is not the gateway's to write: the start ends with the reason and the remedy."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.parts.gateway import PROGRAM, Gateway

ALONE = ("unshare", "--mount", "--map-root-user")
"""A mount namespace of its own, and a user namespace in which other users' files are other users'."""


def refusal(folder: Path, prefix: tuple[str, ...] = ALONE) -> str:
    """What a gateway says that does not start; skipped, and said so, where namespaces are not permitted."""
    if subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("not run: no permission for namespaces of its own (unshare --mount)")
    gateway = Gateway(folder, program=(*prefix, *PROGRAM))
    command = gateway.line("serve", "--port", str(gateway.port))
    ended = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)
    assert ended.returncode == 2
    return ended.stderr + ended.stdout


def test_a_disk_that_is_read_only(tmp_path: Path) -> None:
    """Mounted so, as after an error of the file system."""
    data = tmp_path / "data"
    data.mkdir()
    mount = f'mount -t tmpfs tmpfs "{data}" && mount -o remount,ro "{data}" && exec "$@"'
    told = refusal(tmp_path, (*ALONE, "sh", "-c", mount, "sh"))
    assert f"{data} cannot be written (Read-only file system): make it writable for this user." in told


@pytest.mark.skipif(os.geteuid() != 0, reason="not run: only root gives a directory away")
def test_a_directory_of_somebody_else(tmp_path: Path) -> None:
    """Closed to everybody but its owner."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    os.chown(data, 12345, 12345)
    told = refusal(tmp_path)
    assert f"{data} cannot be written (Permission denied): make it writable for this user." in told
