"""Writes the table of values in the chart's README from values.yaml; `--check` only says whether it is current."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

CHART = Path(__file__).parent / "sre-ingest"
BEGIN, END = "<!-- values: begin -->", "<!-- values: end -->"


def leaves(node: yaml.Node | None, path: str = "") -> Iterator[tuple[str, int, yaml.Node]]:
    """Every value as (dotted path, line of its key counted from 0, node); an empty mapping is a value too."""
    if not isinstance(node, yaml.MappingNode) or not node.value:
        raise ValueError("a mapping with keys is expected")
    for key, value in node.value:
        here = f"{path}.{key.value}".lstrip(".")
        if isinstance(value, yaml.MappingNode) and value.value:
            yield from leaves(value, here)
        else:
            yield here, key.start_mark.line, value


def sentence(lines: list[str], line: int) -> str:
    """The comment directly above a line, joined; empty when there is none."""
    words: list[str] = []
    while line and (above := lines[line - 1].strip()).startswith("#"):
        words.insert(0, above.lstrip("# "))
        line -= 1
    return " ".join(words)


def table(text: str) -> str:
    """The table of a values file: path, default, sentence; refuses a value without a sentence."""
    rows = ["| value | default | |", "|---|---|---|"]
    lines = text.splitlines()
    for path, line, node in leaves(yaml.compose(text, Loader=yaml.SafeLoader)):
        said = sentence(lines, line)
        if not said.endswith("."):
            raise SystemExit(f"values.yaml:{line + 1}: {path} needs a sentence of its own above it.")
        default = json.dumps(yaml.safe_load(yaml.serialize(node)))
        rows.append(f"| `{path}` | `{default}` | {said.replace('|', '&#124;')} |")
    return "\n".join(rows)


def main(arguments: list[str]) -> int:
    """0 when the README is current or was written, 1 when `--check` found it stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the README is stale")
    parser.add_argument("--chart", type=Path, default=CHART, help="the chart's folder")
    options = parser.parse_args(arguments)
    readme = options.chart / "README.md"
    old = readme.read_text(encoding="utf-8")
    before, rest = old.split(BEGIN)
    after = rest.split(END)[1]
    new = f"{before}{BEGIN}\n{table((options.chart / 'values.yaml').read_text(encoding='utf-8'))}\n{END}{after}"
    if options.check:
        if new != old:
            sys.stderr.write("helm/sre-ingest/README.md is stale: run `python helm/readme.py`.\n")
        return int(new != old)
    readme.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
