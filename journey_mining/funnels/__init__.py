"""How far journeys come through wanted stages."""
