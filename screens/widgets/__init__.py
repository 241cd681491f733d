"""What several panes draw."""
