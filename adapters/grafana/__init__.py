"""The room for the webhook of Grafana's alerting."""

from adapters.grafana.translate import read
from sre_ingest.sdk.adapter import Adapter

adapter = Adapter(name="grafana", read=read)
