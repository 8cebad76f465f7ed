"""Personas found in what people do."""
