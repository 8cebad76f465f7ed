"""Journeys step by step."""
