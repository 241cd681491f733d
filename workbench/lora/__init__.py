"""The tuning block of a run: which parameters are trained."""
