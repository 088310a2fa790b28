"""Mappings: one YAML file says how the bodies of one tool become signals. docs/mappings.md explains the format."""
