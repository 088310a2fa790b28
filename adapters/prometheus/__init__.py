"""The room for what Prometheus sends to an Alertmanager, and vmalert, Loki's and Mimir's rulers like it."""

from datetime import timedelta

from adapters.prometheus.translate import read
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.rules import Rules

adapter = Adapter(
    name="prometheus",
    read=read,
    options=Rules,
    # Senders append it to whatever address they are given.
    path="/api/v2/alerts",
    # Every firing alert comes again each minute, and a resolved one for a quarter of an hour.
    dedup_window=timedelta(hours=1),
)
