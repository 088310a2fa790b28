"""The room for the webhook of Prometheus' Alertmanager."""

from adapters.alertmanager.translate import read
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.rules import Rules

adapter = Adapter(name="alertmanager", read=read, options=Rules)
