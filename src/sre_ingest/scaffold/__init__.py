"""The beginnings of an adapter: files that pass `sre-ingest adapters test` at once and are changed from there."""
