"""The child process that holds loaded models, and its client."""
