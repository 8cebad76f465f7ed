"""Journeys as a Markov chain: where they lead, what each name is worth, and what a change would do."""
