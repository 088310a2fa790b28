"""A disk that is really full: a small file system in a mount namespace of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FILLER = Path(__file__).with_name("filler.py")
OWN_DISK = ("unshare", "--mount", "--map-root-user", "sh", "-c", 'mount -t tmpfs -o size=48m tmpfs "$0" && exec "$@"')


@pytest.fixture(autouse=True)
def _may_mount(tmp_path: Path) -> None:
    if subprocess.run([*OWN_DISK, str(tmp_path), "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a file system")


@pytest.mark.parametrize("size", [40_000, 900_000])
def test_a_full_disk_takes_records_again_as_soon_as_some_are_delivered(tmp_path: Path, size: int) -> None:
    """The other file keeps the disk full, so there is room in the spool's own file alone; and nothing that was kept is
    missing or stuck.
    """
    command = [*OWN_DISK, str(tmp_path), sys.executable, str(FILLER), str(tmp_path), str(size)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])
    assert found["full"].endswith(": free space on its disk.")
    assert found["halved"] is None
    first, second, third = (kept * size for kept in found["kept"])
    assert first >= 20 << 20
    assert second >= 2 << 20, "the room of what was delivered is used again"
    assert third >= 8 << 20
