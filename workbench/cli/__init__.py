"""The command line, a contract: one file per command group, everything heavy imported inside the functions."""
