"""The contract's image, and copies of its workspace."""

from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tests.wire import workspace


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the workspace, for this test alone."""
    return workspace.copy(tmp_path)


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> FileDescriptorSet:
    """The image of the contract, with comments and with the options that generated code does not get."""
    return workspace.build(workspace.copy(tmp_path_factory.mktemp("image")))
