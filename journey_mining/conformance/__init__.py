"""How journeys went beside how they were meant to go."""
