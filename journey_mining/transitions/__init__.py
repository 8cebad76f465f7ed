"""Which stage or touchpoint follows which, and where journeys end."""
