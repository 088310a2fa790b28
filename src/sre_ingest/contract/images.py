"""Images of the contract, as `buf build` makes them."""

from hashlib import sha256

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

_OURS = "ameide_core_proto/"


def own_files(image: FileDescriptorSet) -> list[FileDescriptorProto]:
    """The contract's own files in an image, by path."""
    return sorted((file for file in image.file if file.name.startswith(_OURS)), key=lambda file: file.name)


def fingerprint(image: FileDescriptorSet) -> str:
    """Hash of our own files by name, without comments: what a reader or writer of the contract can notice."""
    own = FileDescriptorSet(file=own_files(image))
    for file in own.file:
        file.ClearField("source_code_info")
    return sha256(own.SerializeToString(deterministic=True)).hexdigest()
