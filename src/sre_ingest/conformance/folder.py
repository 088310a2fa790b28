"""From a folder to the adapters in it: a room, which is a package of Python, or mappings, each a file."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from sre_ingest.conformance.subject import Subject
from sre_ingest.mistakes import Mistake
from sre_ingest.sdk.adapter import Adapter, Mapper

PACKAGE = "__init__.py"


class FolderError(Mistake):
    """A folder holds nothing that could be tried. The message says what is missing."""


def subjects(folder: Path, mapper: Callable[[], Mapper]) -> Iterator[Subject]:
    """The adapters of a folder, which is a room or holds mappings and rooms, or of one file of a mapping. FolderError
    says what is wrong, and MappingError in every file.

    A room's module is imported, from where the folder is.
    """
    if (folder / PACKAGE).is_file():
        yield room(folder)
        return
    made = mapper()
    mappings = made.compile_folder(folder) if folder.is_dir() else (made.compile(folder),)
    rooms = sorted(file.parent for file in folder.glob(f"*/{PACKAGE}"))
    if not mappings and not rooms:
        raise FolderError(
            f"{folder} holds neither a room ({PACKAGE} with the value adapter) nor mappings (*{made.suffix}); "
            "make one with sre-ingest adapters new"
        )
    for one in mappings:
        yield Subject(one, one.samples or folder / one.name)
    yield from map(room, rooms)


def room(folder: Path) -> Subject:
    """The room in a folder. FolderError if its module cannot be imported, or has no adapter."""
    module = _imported(folder.resolve())
    adapter = getattr(module, "adapter", None)
    if not isinstance(adapter, Adapter):
        raise FolderError(f"{folder / PACKAGE} has no value adapter that is an Adapter; add adapter = Adapter(...)")
    return Subject(adapter, adapter.samples or folder / "samples")


def _imported(folder: Path) -> ModuleType:
    root = folder
    while (root / PACKAGE).is_file():
        root = root.parent
    name = ".".join(folder.relative_to(root).parts)
    # The room is imported from its folder even where an older copy of it is installed.
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(name)
    except Exception as error:
        raise FolderError(f"{name} in {root} cannot be imported ({type(error).__name__}: {error}); mend it") from error
    if module.__file__ != str(folder / PACKAGE):
        raise FolderError(f"{name} is imported from {module.__file__} and not from {folder}; rename one of the two")
    return module
