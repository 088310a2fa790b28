"""What could not be understood, from its refusal to its second chance, with a real gateway and its commands."""

import json
import os
import pty
import sqlite3
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from sre_ingest.store.files import FILE
from tests.journey.alerts import alert, group
from tests.journey.test_mappings_dir import metric, until
from tests.parts.gateway import Gateway
from tests.parts.ports import get
from tests.parts.processes import PartFailedError
from tests.unit.test_reloading import mapping

GOOD = {"rule": "Disk full", "state": "open", "host": "db-1"}
BAD = {"rule": "Disk failing", "state": "ajar", "host": "db-2"}


def listed(gateway: Gateway, *options: str) -> list[dict[str, Any]]:
    """What `quarantine list` prints."""
    return [json.loads(line) for line in gateway.command("quarantine", "list", "--json", *options).splitlines()]


def mapped(states: str = "open: firing", when: str = "events") -> str:
    """A mapping of bodies with a list of events, which knows these states."""
    return mapping().replace('when: "rule"', f"when: {when}\n    each: events").replace("open: firing", states)


def bad(number: int) -> dict[str, Any]:
    """A good alert beside a bad one that is always the same."""
    return group(alert(instance=f"db-{number}"), {"labels": {}, "status": "firing"})


def test_a_mended_mapping_gives_a_second_chance(tmp_path: Path) -> None:
    """Refused, listed, shown, mended, replayed: the record is there with the time at which it was received first."""
    folder = tmp_path / "mappings"
    folder.mkdir()
    (folder / "acme.yaml").write_text(mapped())
    with Gateway(tmp_path, {"MAPPINGS_DIR": str(folder), "MAPPINGS_INTERVAL": "100ms"}) as gateway:
        answer = gateway.post("/webhooks/generic/acme", {"events": [GOOD, BAD]}, {"Authorization": "Bearer secret"})
        assert answer.status_code == 202
        name = answer.json()["items"][1]["quarantine_id"]
        (entry,) = listed(gateway, "--source", "acme", "--reason", "unknown_status", "--since", "1h")
        assert (entry["id"], entry["item"], entry["place"]) == (name, 1, "[1] state")
        assert entry["headers"].keys() == {"content-type", "user-agent"}
        shown = gateway.command("quarantine", "show", name)
        assert shown.endswith(answer.request.content.decode())
        assert "secret" not in shown
        with pytest.raises(PartFailedError, match=f"{name} stays: it is refused as unknown_status"):
            gateway.command("quarantine", "replay", name)

        (folder / "acme.yaml").write_text(mapped("open: firing, ajar: firing"))
        until(lambda: (metric(gateway, "config_last_reload_success_timestamp_seconds") or 0) > answer_time(entry))
        told = gateway.command("quarantine", "replay", name)
        first, second = gateway.tail()
        assert told == f"{name} published {second['headers']['ce_id']}\n"
        assert second["headers"]["ce_receivedtime"] == entry["first_seen"] == first["headers"]["ce_receivedtime"]
        assert listed(gateway) == []
        assert metric(gateway, "dead_letter_records") == metric(gateway, "dead_letter_bytes") == 0
        with pytest.raises(PartFailedError, match="is not in quarantine"):
            gateway.command("quarantine", "replay", name)


def test_a_terminal_is_not_steered_by_what_was_sent(tmp_path: Path) -> None:
    """On a terminal, escapes of a sender are shown as such; into a pipe every byte goes as it came."""
    body = b'{"title": "\x1b]0;gotcha\x07"'
    with Gateway(tmp_path) as gateway:
        answer = httpx.post(
            gateway.webhook,
            content=body,
            headers=[(b"Content-Type", b"application/json"), (b"User-Agent", b"x\x9by")],
            trust_env=False,
        )
        show = ("quarantine", "show", answer.json()["quarantine_id"])
        assert gateway.command(*show).encode().endswith(body)
        shown = on_terminal(gateway.line(*show))
        assert b"\x1b" not in shown
        assert rb"\x1b]0;gotcha\x07" in shown
        assert rb"x\x9by" in shown


def on_terminal(command: Sequence[str]) -> bytes:
    """What the command prints on a terminal."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        with os.fdopen(theirs, "wb") as terminal:
            subprocess.run(command, stdout=terminal, check=True)
        return screen.read(1 << 16)


def answer_time(entry: dict[str, Any]) -> float:
    """When an entry was seen first, in Unix seconds."""
    return datetime.fromisoformat(entry["first_seen"][:26] + "+00:00").timestamp()


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    """Killed with -9 right after the 4xx: the bytes are there."""
    gateway = Gateway(tmp_path)
    gateway.start()
    answer = httpx.post(
        gateway.webhook, content=b"{nope", headers={"Content-Type": "application/json"}, trust_env=False
    )
    gateway.kill()
    assert answer.status_code == 400
    shown = json.loads(gateway.command("quarantine", "show", "--json", answer.json()["quarantine_id"]))
    assert (shown["body"], shown["reason"], shown["count"]) == ("{nope", "malformed_json", 1)


def test_a_hundred_times_the_same_is_one(tmp_path: Path) -> None:
    """The same body, and the same alert in ever-changing bodies: an entry each, counted."""
    with Gateway(tmp_path) as gateway:
        for number in range(100):
            assert gateway.post("/webhooks/alertmanager", {"nothing": 1}).status_code == 422
            assert gateway.deliver(bad(number)).status_code == 202
        found = listed(gateway)
        assert {entry["reason"]: entry["count"] for entry in found} == {"schema": 100, "no_labels": 100}
        assert len(gateway.tail()) == 100


def test_a_full_quarantine_costs_no_sibling(tmp_path: Path) -> None:
    """503 for what would have to go there, and its siblings are published once; after a drop there is room."""
    with Gateway(tmp_path, {"QUARANTINE__MAX_BYTES": "3KiB"}) as gateway:
        assert gateway.post("/webhooks/alertmanager", {"first": "x" * 1_000}).status_code == 422
        body = bad(1)
        for _ in range(3):
            answer = gateway.deliver(body)
            assert (answer.status_code, answer.json()["reason"]) == (503, "quarantine_full")
            assert answer.headers["Retry-After"]
        refused = gateway.post("/webhooks/alertmanager", {"second": "x" * 1_000})
        assert (refused.status_code, refused.json()["reason"]) == (503, "quarantine_full")
        assert "quarantine_id" not in refused.json()
        assert get(gateway.port, "/readyz")[0] == 200
        assert gateway.deliver(group(alert(instance="db-2"))).status_code == 202
        assert len(gateway.tail()) == 2
        assert gateway.log.read_text().count('"event": "quarantine_full"') == 1
        assert gateway.command("quarantine", "drop", "--all").endswith(" dropped\n")
        receipt = gateway.deliver(body).json()
        assert (receipt["duplicates"], receipt["quarantined"]) == (1, 1)


def test_without_a_gateway_nothing_is_asked(tmp_path: Path) -> None:
    """The command says so, and how to go on; looking works."""
    gateway = Gateway(tmp_path)
    with gateway:
        gateway.post("/webhooks/alertmanager", {})
    with pytest.raises(PartFailedError, match=r"No gateway that could do it uses .*sre-ingest serve"):
        gateway.command("quarantine", "replay", "--all")
    assert len(listed(gateway)) == 1
    assert list((tmp_path / "data" / "requests").iterdir()) == []


def test_a_whole_body_is_replayed_item_by_item(tmp_path: Path) -> None:
    """What is understood of it is published; what is not stays by itself, and the body goes."""
    folder = tmp_path / "mappings"
    folder.mkdir()
    with Gateway(tmp_path, {"MAPPINGS_DIR": str(folder), "MAPPINGS_INTERVAL": "100ms"}) as gateway:
        (folder / "acme.yaml").write_text(mapped(when="nothing"))
        until(lambda: gateway.post("/webhooks/generic/acme", {"events": [GOOD, BAD]}).status_code == 422)
        (folder / "acme.yaml").write_text(mapped())
        time.sleep(1)
        told = gateway.command("quarantine", "replay", "--all")
        assert "published: 1 accepted, 1 quarantined" in told
        (left,) = listed(gateway)
        assert (left["reason"], left["item"]) == ("unknown_status", 1)
        assert len(gateway.tail()) == 1


def test_a_parked_record_has_a_second_chance(tmp_path: Path) -> None:
    """What Kafka refused for good is listed, shown, sent again as it is, and dropped."""
    with Gateway(tmp_path) as gateway:
        gateway.deliver(group(alert()))
        (line,) = gateway.tail()
    with closing(sqlite3.connect(tmp_path / "data" / FILE)) as database, database:
        database.execute("CREATE TABLE parked AS SELECT * FROM log")
        database.execute("INSERT INTO parked SELECT 2, appended_at, key, headers, value, crc FROM log")
    with gateway:
        whole, damaged = listed(gateway, "--reason", "parked")
        assert (whole["id"], damaged["id"]) == ("parked-1", "parked-2")
        assert whole["headers"] == line["headers"]
        told = gateway.command("quarantine", "replay", "parked-1")
        assert told == f"parked-1 published {line['headers']['ce_id']}\n"
        assert gateway.tail() == [line, line]
        with pytest.raises(PartFailedError, match="parked-2 stays: it is not what was written any more"):
            gateway.command("quarantine", "replay", "--all")
        assert gateway.command("quarantine", "drop", "parked-2") == "parked-2 dropped\n"
        assert listed(gateway) == []


def test_without_a_quarantine_it_is_as_before(tmp_path: Path) -> None:
    """Refused and forgotten; no answer has an id."""
    with Gateway(tmp_path, {"QUARANTINE__ENABLED": "false"}) as gateway:
        assert "quarantine_id" not in gateway.post("/webhooks/alertmanager", {}).json()
        assert "quarantine_id" not in gateway.deliver(bad(1)).text
        with pytest.raises(PartFailedError, match="No gateway that could do it"):
            gateway.command("quarantine", "drop", "--all")
    assert not (tmp_path / "data" / "requests").exists()
