"""The same prompts answered by several models."""
