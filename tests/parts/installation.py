"""The gateway as others have it: installed into a virtual environment of its own, from its wheel or from a copy."""

import site
import sys
import venv
from pathlib import Path

from tests.goldens import ROOT
from tests.parts.processes import run

_PIP = """#!/bin/sh
exec {python} -m pip --python {venv}/bin/python "$@"
"""
# Without a network: what is needed to build is at hand, and so is every dependency.
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_NO_BUILD_ISOLATION": "0",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_ROOT_USER_ACTION": "ignore",
}


def wheel(project: Path, to: Path) -> Path:
    """The wheel of a project, built into a folder."""
    before = set(to.glob("*.whl"))
    run(["env", "-C", str(project), sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(to)])
    (made,) = set(to.glob("*.whl")) - before
    return made


class Installation:
    """A virtual environment with a gateway, a wheel or `-e` and a folder; its dependencies are those of the tests."""

    def __init__(self, folder: Path, *gateway: str | Path) -> None:
        self.bin = folder / "bin"
        venv.create(folder, symlinks=True)
        (packages,) = folder.glob("lib/python*/site-packages")
        lines = [f"import site; site.addsitedir({one!r})" for one in site.getsitepackages()]
        (packages / "borrowed.pth").write_text("\n".join(lines) + "\n")
        pip = self.bin / "pip"
        pip.write_text(_PIP.format(python=sys.executable, venv=folder))
        pip.chmod(0o755)
        self.install(*gateway)

    @property
    def program(self) -> tuple[str, ...]:
        """Its `sre-ingest`."""
        return (str(self.bin / "sre-ingest"),)

    def install(self, *wheels: str | Path) -> None:
        """Install wheels without their dependencies, without a network."""
        uv = (sys.executable, "-m", "uv", "pip", "install", "-q", "--offline", "--no-deps", "--no-build-isolation")
        run([*uv, "--python", str(self.bin / "python"), *map(str, wheels)])

    def command(self, *arguments: str) -> str:
        """What `sre-ingest` prints."""
        return run([*self.program, *arguments])


def gateway_wheel(to: Path) -> Path:
    """The wheel of this checkout."""
    return wheel(ROOT, to)
