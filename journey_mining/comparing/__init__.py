"""How two groups of journeys differ, and whether by more than chance."""
