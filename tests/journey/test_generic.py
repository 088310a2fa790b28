"""The generic webhook, from HTTP to the embedded log."""

import re
import subprocess
from pathlib import Path

import httpx

from adapters.generic import adapter
from sre_ingest import catalog
from tests.parts.gateway import Gateway
from tests.rooms.generic import ALERT, CHECK, WINDOW

PATH = "/webhooks/generic"
EXAMPLES = re.findall(r"```sh\n(curl .*?)```", (catalog.folder(adapter) / "README.md").read_text(), re.DOTALL)
MEMBERS = {"ingestAlertRequested", "recordHealthCheckRequested", "recordSliWindowRequested"}


def test_one_body_becomes_all_three_intents_once(tmp_path: Path) -> None:
    """Each is in the log, each is valid; the same body again is three duplicates with the same ids."""
    body = {"alerts": [ALERT], "health_checks": [CHECK], "sli_windows": [WINDOW]}
    with Gateway(tmp_path) as gateway:
        first, second = gateway.post(PATH, body), gateway.post(PATH, body)
        lines = gateway.tail("--output", "json")
        metrics = httpx.get(f"{gateway.url}/metrics", trust_env=False).text

    assert (first.status_code, first.json()["accepted"]) == (202, 3)
    assert (second.status_code, second.json()["duplicates"]) == (202, 3)
    assert {member for line in lines for member in line["intent"] if member in MEMBERS} == MEMBERS
    ids = [item["message_id"] for item in first.json()["items"]]
    assert ids == [item["message_id"] for item in second.json()["items"]]
    assert ids == [line["headers"]["ce_id"] for line in lines]
    assert 'sre_ingest_watchdog_last_received_timestamp_seconds{source="generic"} 0.0' in metrics


def test_one_bad_record_is_named_and_its_siblings_go_on(tmp_path: Path) -> None:
    """The receipt has the index, the reason and the path."""
    with Gateway(tmp_path) as gateway:
        answer = gateway.post(PATH, [ALERT, {**WINDOW, "good_count": 10_001}, CHECK])
        (listed,) = gateway.command("quarantine", "list").splitlines()
        alone = gateway.post(PATH, {**ALERT, "starts_at": "yesterday"})

    assert answer.status_code == 202
    assert [item["outcome"] for item in answer.json()["items"]] == ["accepted", "quarantined", "accepted"]
    bad = answer.json()["items"][1]
    assert listed.startswith(bad["quarantine_id"])
    assert bad == {
        "quarantine_id": bad["quarantine_id"],
        "index": 1,
        "outcome": "quarantined",
        "reason": "bad_window",
        "path": "[1].good_count",
    }
    assert (alone.status_code, alone.json()["reason"]) == (422, "nothing_usable")
    assert alone.json()["items"][0]["path"] == "starts_at"


def test_the_examples_of_the_page_work(tmp_path: Path) -> None:
    """Run by a shell as they stand there, but for the port."""
    assert len(EXAMPLES) >= 4
    with Gateway(tmp_path) as gateway:
        for example in EXAMPLES:
            command = example.replace("http://127.0.0.1:8080", gateway.url)
            answer = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, timeout=30)
            assert '"quarantined":0' in answer.stdout, answer.stdout
        assert gateway.tail()
