"""`python -m tests.faults.scenarios.formats FILE`: a spool as this version writes it, with the sample in it."""

import gzip
import shutil
import sys
import tempfile
from itertools import islice
from pathlib import Path

import httpx

from tests.faults.checker.items import bodies
from tests.parts.gateway import Gateway
from tests.parts.ports import free_port


def write(file: Path) -> None:
    """Deliver the sample to a gateway whose Kafka does not answer, and pack what it leaves."""
    folder = Path(tempfile.mkdtemp())
    kafka = {"KAFKA__BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}", "SPOOL__ENABLED": "true"}
    with Gateway(folder, kafka) as gateway:
        for body in islice(bodies(16, 0), 10):
            headers = {"content-type": "application/json"}
            answer = httpx.post(gateway.webhook, content=body.content, headers=headers, trust_env=False)
            assert answer.status_code == 202, answer.text
    with (folder / "data" / "sre-ingest.db").open("rb") as database, gzip.open(file, "wb") as packed:
        shutil.copyfileobj(database, packed)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
