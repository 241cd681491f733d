"""What is wrong with the rows of a file: each problem with a code, its rows, one sentence and the fix."""
