"""What is not explained in an image."""

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from sre_ingest.contract import comments


def missing(image: FileDescriptorSet) -> list[str]:
    """Names of what has no comment, or none in sentences."""
    told = comments.read(image).items()
    return [name for name, text in told if len(text) < 10 or not text[0].isupper() or text[-1] not in ".]"]
