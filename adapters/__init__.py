"""The rooms: one folder a source of alerts, the same names in each."""
