"""The room for the webhook of Grafana's alerting."""

from adapters.grafana.translate import read
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.rules import Rules

adapter = Adapter(name="grafana", read=read, options=Rules)
