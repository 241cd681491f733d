"""A run's folder, its specification, state and journal, and who executes it."""
