"""Which observation is new, which one repeats an earlier one, and the id that each carries.

The rule is one table (docs/identity.md). What was claimed here is remembered, and so is what others have put into the
log, read back at the start and followed from then on.
"""

from sre_ingest.dedup.claim import Claim
from sre_ingest.dedup.entry import Attempt
from sre_ingest.dedup.memory import Memory
from sre_ingest.dedup.past import EPISODES, STATES
from sre_ingest.dedup.restatement import Overtaken, Restatement, Seen
from sre_ingest.dedup.sighting import Sighting, sighting

__all__ = [
    "EPISODES",
    "STATES",
    "Attempt",
    "Claim",
    "Memory",
    "Overtaken",
    "Restatement",
    "Seen",
    "Sighting",
    "sighting",
]
