"""The screens of Workbench: they draw what `workbench` knows and hold no logic of their own."""
