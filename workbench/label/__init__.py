"""Pairs of answers and the votes on them."""
