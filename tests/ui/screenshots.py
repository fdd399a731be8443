#!/usr/bin/env python3
"""The pictures of the wizard for the README: `make screenshots` writes them."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

os.environ.setdefault("SPACEPORT_SERVERS", "debian")

from session import Home, Wizard, lib, profile  # noqa: E402

import svg  # noqa: E402

# Nothing in these depends on the machine or on the time.
PICTURES = ("screen-runs.svg", "screen-options.svg")


def draw():
    """The pictures, by name."""
    home = Home(dev=profile(lib.shared("debian", lib.NEWEST)))
    found = {}
    try:
        with Wizard(home) as wizard:
            wizard.to_runs()
            wizard.filter("pos")
            wizard.wait("4 of 14")
            for name in ("Positionen 2024", "Positionen 2025 (more)"):
                wizard.select(name)
                wizard.press("Space")
            wizard.wait("2 of 14 picked")
            wizard.select("Positionen 2025  ")
            found["screen-runs.svg"] = svg.render(wizard.screen, "Which runs?")
            wizard.keys("Enter")
            wizard.step(4)
            wizard.wait("+ ")
            wizard.wait("2 packages, about")
            wizard.select("Dependencies")
            found["screen-options.svg"] = svg.render(wizard.screen, "What goes in, and how?")
    finally:
        home.remove()
    return found


def main():
    folder = Path(sys.argv[1])
    for name, text in draw().items():
        (folder / name).write_text(text, encoding="utf-8")
        print(folder / name)


if __name__ == "__main__":
    main()
