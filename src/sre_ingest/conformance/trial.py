"""One body given to an adapter, whatever the adapter does with it."""

import sysconfig
import traceback
from dataclasses import dataclass
from pathlib import Path

from sre_ingest.conformance import validity
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.errors import DeliveryError, NotJson, WrongShape
from sre_ingest.sdk.signal import Reading

_LIBRARY = sysconfig.get_path("stdlib")


@dataclass(frozen=True, slots=True)
class Trial:
    """What the adapter made of a body: a reading, a refusal, or what it must not do."""

    found: Reading | NotJson | WrongShape | None
    """None if it did neither."""
    faults: tuple[str, ...] = ()

    @property
    def subjects(self) -> set[str]:
        """What the signals tell of; nothing if none was read."""
        return {":".join(one.key.subject) for one in self.found.signals} if isinstance(self.found, Reading) else set()

    @property
    def told(self) -> str:
        """What was made of the body, in a few words; empty if neither a reading nor a refusal."""
        if not isinstance(self.found, Reading):
            return f"refused: {self.found.reason}" if self.found else ""
        signals, rejects, ignored = map(len, (self.found.signals, self.found.rejects, self.found.ignored))
        counts = (signals, "signal", "s"), (rejects, "reject", "s"), (ignored, "ignored", "")
        return (
            ", ".join(f"{number} {word}{plural * (number > 1)}" for number, word, plural in counts if number)
            or "nothing"
        )


def attempt(adapter: Adapter, body: bytes) -> Trial:
    """Read one body as the gateway does; nothing is raised."""
    try:
        found: object = adapter.read(samples.delivery(adapter, body))
        if not isinstance(found, Reading):
            return Trial(None, (f"read returns a {type(found).__name__}; return a Reading",))
        return Trial(found, validity.faults(found))
    except (NotJson, WrongShape) as refusal:
        return Trial(refusal)
    except DeliveryError as error:
        return Trial(None, (f"raises {type(error).__name__}; a body as a whole is NotJson or WrongShape",))
    except Exception as defect:
        return Trial(None, (_defect(defect),))


def _defect(defect: Exception) -> str:
    frames = traceback.extract_tb(defect.__traceback__)
    ours = [one for one in frames if not Path(one.filename).is_relative_to(_LIBRARY)]
    # The first line says enough: some messages repeat what they could not read at length.
    said = (str(defect).splitlines() or [""])[0][:200]
    return (
        f"raises {type(defect).__name__} ({said}) at {Path(ours[-1].filename).name}:{ours[-1].lineno}; "
        "sdk.json.parse and sdk.fields read what may be anything, BadItem refuses an item, WrongShape the body"
    )
