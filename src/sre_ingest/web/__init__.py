"""The front door: everything that knows HTTP."""
