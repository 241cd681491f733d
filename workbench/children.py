"""What every child process of Workbench is told through its environment."""

import os

_ALWAYS = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "PYTHONUNBUFFERED": "1",
}
_UNLESS_SET = {
    # Threads that wait for each other by spinning starve the rest of a busy machine, and one another: with two
    # other processes on two cores, answering 64 prompts took 33 s spinning and 1 s sleeping.
    "OMP_WAIT_POLICY": "PASSIVE",
}


def child_environment(**more: str) -> dict[str, str]:
    """Return the environment for a child process: this one's, what is always set, and `more`."""
    return {**_UNLESS_SET, **os.environ, **_ALWAYS, **more}
