"""A person's own mapping of columns as it is written on a command line."""

from collections.abc import Sequence

from workbench.errors import WrongUse


def parse_map(options: Sequence[str]) -> dict[str, str]:
    """Return {TARGET: SOURCE} from options of the form TARGET=SOURCE. Raises WrongUse for any other form."""
    mapping: dict[str, str] = {}
    for option in options:
        target, equals, source = (part.strip() for part in option.partition("="))
        if not (target and equals and source):
            raise WrongUse(f"--map {option}: not TARGET=SOURCE", "such as --map prompt=question")
        if target in mapping:
            raise WrongUse(f"--map {option}: {target} is mapped twice", f"keep one of {mapping[target]}, {source}")
        mapping[target] = source
    return mapping
