"""One recipe per file, named for its task; `python -m workbench.train FOLDER` runs one."""
