"""The room for the webhook of Prometheus' Alertmanager."""

from adapters.alertmanager.translate import read
from sre_ingest.sdk.adapter import Adapter

adapter = Adapter(name="alertmanager", read=read)
