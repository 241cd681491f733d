"""The themes of Workbench: quiet grounds, one accent, and colours that keep their meaning in all of them.

primary is the place of the cursor, accent what is trained or tuned, secondary what stands beside it (the base).
role-… tints what is said by whom, and what a template writes around it: quietly, so that accent stays the strongest.
"""

from textual.theme import Theme

_DARK_ROLES = {
    "role-system": "#b9a5e3", "role-user": "#d5dae3", "role-assistant": "#9bbcf0", "role-tool": "#d8b98f",
    "role-template": "#7f899c",
}  # fmt: skip
_LIGHT_ROLES = {
    "role-system": "#6b4aa3", "role-user": "#1f242e", "role-assistant": "#2b5797", "role-tool": "#7a5b14",
    "role-template": "#747b88",
}  # fmt: skip


def role_tints(theme: Theme) -> dict[str, str]:
    """Return the tints of the roles for a theme that has none of its own."""
    return _DARK_ROLES if theme.dark else _LIGHT_ROLES


DARK = Theme(
    name="workbench-dark",
    dark=True,
    primary="#7aa2f7",
    secondary="#e0af68",
    accent="#4fd6be",
    foreground="#d5dae3",
    background="#13161c",
    surface="#191d25",
    panel="#232936",
    success="#8fce6c",
    warning="#ffb454",
    error="#ff7a85",
    variables={
        "block-cursor-background": "#7aa2f7",
        "block-cursor-foreground": "#13161c",
        "block-cursor-text-style": "none",
        "border": "#3a4357",
        "border-blurred": "#2b3242",
        "input-selection-background": "#3b4f7d",
        "scrollbar": "#2b3242",
        "scrollbar-background": "#13161c",
        "scrollbar-hover": "#3a4357",
        "scrollbar-active": "#7aa2f7",
        "scrollbar-corner-color": "#13161c",
    },
)

LIGHT = Theme(
    name="workbench-light",
    dark=False,
    primary="#2f5fc4",
    secondary="#94600a",
    accent="#00776a",
    foreground="#1f242e",
    background="#fbfbf9",
    surface="#f3f3ef",
    panel="#e6e7e3",
    success="#3c7a1f",
    warning="#a35a00",
    error="#c02a3c",
    variables={
        "block-cursor-background": "#2f5fc4",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "border": "#b9bcc4",
        "border-blurred": "#d5d7d2",
        "input-selection-background": "#bcd0f7",
        "scrollbar": "#cfd2cd",
        "scrollbar-background": "#fbfbf9",
        "scrollbar-hover": "#b9bcc4",
        "scrollbar-active": "#2f5fc4",
        "scrollbar-corner-color": "#fbfbf9",
    },
)

SIXTEEN = Theme(
    name="workbench-16",
    dark=True,
    primary="#55ffff",
    secondary="#ffff55",
    accent="#55ff55",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    success="#55ff55",
    warning="#ffff55",
    error="#ff5555",
    variables={
        "block-cursor-background": "#55ffff",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "none",
        "foreground-muted": "#aaaaaa",
        "role-system": "#ff55ff",
        "role-user": "#ffffff",
        "role-assistant": "#55ffff",
        "role-tool": "#ffff55",
        "role-template": "#aaaaaa",
        "border": "#aaaaaa",
        "border-blurred": "#555555",
        "scrollbar": "#aaaaaa",
        "scrollbar-background": "#000000",
        "scrollbar-hover": "#aaaaaa",
        "scrollbar-active": "#55ffff",
        "scrollbar-corner-color": "#000000",
    },
)
"""For terminals of 16 colours: each is one of theirs, so that none is rounded to its neighbour or to its ground."""
