"""Workbench: the whole fine-tuning loop in one terminal. Importing it is cheap: no torch, no textual."""

__version__ = "0.1.0"
