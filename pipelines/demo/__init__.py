"""The demo: an online shop, invented from a seed, behind real APIs."""
