"""The settings: one frozen tree, read once, by `app` and `cli` alone."""

from sre_ingest.settings.loading import SettingsError, load, read_secret
from sre_ingest.settings.tree import Settings

__all__ = ["Settings", "SettingsError", "load", "read_secret"]
