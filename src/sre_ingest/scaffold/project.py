"""The Python project around a folder: how its packages are called, and where it names its adapters."""

from pathlib import Path

_TABLE = '[project.entry-points."sre_ingest.adapters"]'


def root(folder: Path) -> Path:
    """The folder from which the packages around a folder are imported."""
    found = folder.resolve().parent
    while (found / "__init__.py").is_file():
        found = found.parent
    return found


def package(folder: Path) -> str:
    """The dotted name of the package in a folder, which need not be there yet."""
    return ".".join(folder.resolve().relative_to(root(folder)).parts)


def register(folder: Path) -> Path | None:
    """Name the adapter of a room in the project around it; the file that was changed, None if there is none.

    Entry points stay sorted, comments and all else as they are.
    """
    file = root(folder) / "pyproject.toml"
    if not file.is_file():
        return None
    lines = file.read_text(encoding="utf-8").splitlines()
    if _TABLE not in lines:
        lines += ["", _TABLE]
    entry = f'{folder.name} = "{package(folder)}:adapter"'
    place = lines.index(_TABLE) + 1
    while place < len(lines) and lines[place] and lines[place] < entry:
        place += 1
    lines.insert(place, entry)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
