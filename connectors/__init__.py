"""Connectors: fetch from a source, parse its records, land them as events. Imports nothing of the other packages."""
