"""Sample data about a small made-up world, and the starter model that has read about it."""
