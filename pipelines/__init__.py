"""Pipelines: the definition, the build, the reports, the commands."""
