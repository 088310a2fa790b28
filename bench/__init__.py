"""Measurements. Every figure in a document names the command here that prints it."""
