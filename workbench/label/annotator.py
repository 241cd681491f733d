"""Whose votes these are."""

import getpass
import os


def login_name() -> str:
    """Return $USER, else the name that the system knows the person by."""
    try:
        return os.environ.get("USER", "").strip() or getpass.getuser()
    except (OSError, KeyError):  # a container without an entry for this user
        return f"user-{os.getuid()}"


def says_who(name: str) -> bool:
    """Whether a login name tells one person from another: many people are root, and user-1000 in a container."""
    return name != "root" and not name.startswith("user-")
