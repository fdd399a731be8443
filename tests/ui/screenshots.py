#!/usr/bin/env python3
"""The pictures of the wizard for the README: `make screenshots` writes them."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

os.environ.setdefault("SPACEPORT_SERVERS", "debian")

from session import Home, Wizard, lib, profile  # noqa: E402

import svg  # noqa: E402
from imports import Imports  # noqa: E402

# Nothing in these depends on the machine or on the time.
PICTURES = ("screen-runs.svg", "screen-options.svg", "screen-dry-run.svg")


def changed(instance):
    """An infospace with a run that both sides have changed since; the new package."""
    run, here = instance.id("annotationrun", "main"), Imports()
    space = here.empty(instance, "Energy 2025")
    here.changed_on_both_sides(instance, space)
    instance.db.run(f"UPDATE annotationrun SET name = 'Positionen' WHERE id = {run};"
                    "UPDATE annotationrun SET name = 'Positions' WHERE infospace_id = "
                    f"{space};")
    return lib.export(instance)


def draw_dry_run():
    with lib.own("debian", lib.NEWEST) as instance:
        package = changed(instance)
        home = Home(prod=profile(instance))
        (home.work / "positionen.zip").write_bytes(package.path.read_bytes())
        try:
            with Wizard(home) as wizard:
                wizard.to_packages()
                wizard.select("positionen.zip")
                for step, row in ((2, "prod"), (3, "Energy 2025"), (4, None), (5, None)):
                    wizard.keys("Enter")
                    wizard.step(step)
                    if row:
                        wizard.select(row)
                wizard.wait("2 conflicts await your decision")
                wizard.select("annotations (1)")
                wizard.press("o")
                wizard.wait("1 conflict awaits your decision")
                wizard.quiet()
                return svg.render(wizard.screen, "What would the import do?")
        finally:
            home.remove()


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
    found["screen-dry-run.svg"] = draw_dry_run()
    return found


def main():
    folder = Path(sys.argv[1])
    for name, text in draw().items():
        (folder / name).write_text(text, encoding="utf-8")
        print(folder / name)


if __name__ == "__main__":
    main()
