"""Keeps versions honest: a lock holds one hash for each version, a folder one image for each released version.

Usage: python proto/schema.py check|lock|release IMAGE [VERSION]

IMAGE is what `buf build --as-file-descriptor-set` makes of the contract. README.md explains the rules.
"""

import sys
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from sre_ingest.contract import images
from sre_ingest.contract.version import is_written

LOCK = Path(__file__).with_name("schema.lock")
RELEASED = Path(__file__).with_name("released")
HEADER = "# Every version of the contract, and the sha256 of its descriptors. `make proto-lock` writes this file.\n"


def fingerprint(image: bytes) -> str:
    """Hash of what a reader or writer of the contract can notice."""
    return images.fingerprint(FileDescriptorSet.FromString(image))


def versions() -> dict[str, str]:
    """Hashes of all versions, the present version last."""
    lines = LOCK.read_text(encoding="utf-8").splitlines() if LOCK.exists() else []
    return dict(line.split() for line in lines if not line.startswith("#"))


def current() -> str:
    """The present version."""
    return list(versions())[-1]


def order(version: str) -> tuple[int, ...]:
    """What versions are compared by; the major is that of the package, v1."""
    if not is_written(version):
        sys.exit(f"{version!r} is no version of the package v1: write it like v1.2.3.")
    return tuple(map(int, version.removeprefix("v").split(".")))


def image_of(version: str) -> Path:
    """Where the image of a released version lies."""
    return RELEASED / f"{version}.binpb"


def check(image: bytes) -> None:
    """Fail when the contract is not the one that the lock knows under the present version."""
    if fingerprint(image) != versions()[current()]:
        sys.exit(f"The contract is no longer the one locked as {current()}: see `The version` in proto/README.md.")
    for version in (path.stem for path in RELEASED.glob("*.binpb")):
        if fingerprint(image_of(version).read_bytes()) != versions().get(version):
            sys.exit(f"{image_of(version).name} is not what the lock knows as {version}.")


def lock(image: bytes, version: str = "") -> None:
    """Note the contract's hash under a new version, or under the present one as long as that is not released."""
    known = versions()
    version = version or current()
    if order(version) < max(map(order, known), default=(0, 0)):
        sys.exit(f"{version} is lower than {current()}.")
    if known.get(version) == fingerprint(image):
        return
    if image_of(version).exists():
        sys.exit(f"{version} is released and stays as it is: make proto-lock PROTO_VERSION=<a higher one>.")
    known[version] = fingerprint(image)
    LOCK.write_text(HEADER + "".join(f"{name} {found}\n" for name, found in known.items()), encoding="utf-8")


def release(image: bytes) -> None:
    """Keep the image of the present version, against which every later change is compared. It is never replaced."""
    check(image)
    if image_of(current()).exists():
        sys.exit(f"{current()} is released already, and an image that is out there is never replaced.")
    RELEASED.mkdir(exist_ok=True)
    image_of(current()).write_bytes(image)


if __name__ == "__main__":
    command, path, *rest = sys.argv[1:]
    {"check": check, "lock": lock, "release": release}[command](Path(path).read_bytes(), *rest)
