"""The fingerprint that Prometheus and Alertmanager give to a label set."""

from collections.abc import Mapping

_OFFSET = 14_695_981_039_346_656_037
_PRIME = 1_099_511_628_211
_MASK = (1 << 64) - 1
_SEPARATOR = b"\xff"
"""Never a byte of UTF-8, so it cannot be mistaken for a part of a name or a value."""


def fingerprint(labels: Mapping[str, str]) -> str:
    """16 lower-case hexadecimal digits: FNV-1a, 64 bits, over the pairs sorted by name.

    Pairs with an empty value are left out: to Prometheus they are no labels, and Alertmanager removes them before it
    computes. Source: `LabelsToSignature` in prometheus/common, `removeEmptyLabels` in prometheus/alertmanager.
    """
    digest = _OFFSET
    for name in sorted(labels):
        if value := labels[name]:
            for byte in name.encode() + _SEPARATOR + value.encode() + _SEPARATOR:
                digest = ((digest ^ byte) * _PRIME) & _MASK
    return f"{digest:016x}"
