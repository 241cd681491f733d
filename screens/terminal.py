"""What the app asks of the terminal itself, beyond drawing: the mouse, the clipboard, a bell."""

from typing import Any

from textual.app import App

from workbench.printable import printable


def take_mouse(app: App[Any], *, taken: bool) -> None:
    """Take the mouse, or leave it to the terminal, which then selects text as everywhere else.

    Textual has no public switch for a running app; without the driver's method (Windows, a web page) nothing happens.
    """
    name = "_enable_mouse_support" if taken else "_disable_mouse_support"
    switch = getattr(app._driver, name, None)
    if switch is not None:
        switch()
        flush(app)


def ring(app: App[Any], text: str) -> None:
    """Ring the bell and, where the terminal knows OSC 9, show `text` on the desktop."""
    driver = app._driver
    if driver is not None and not app.is_headless:
        driver.write(f"\x1b]9;{printable(text)}\x07\x07")
        flush(app)


def flush(app: App[Any]) -> None:
    """Send what was written."""
    if app._driver is not None:
        app._driver.flush()
