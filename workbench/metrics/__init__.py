"""Figures about answers: exact match and intervals."""
