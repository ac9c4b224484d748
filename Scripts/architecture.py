#!/usr/bin/env python3
"""Checks the floors of Package.swift and draws them, Documentation/architecture.svg.

Usage: Scripts/architecture.py [--check]. Both end with an error where a target imports one of a higher floor or lies
in another folder than its floor's. With `--check` the picture must be the one that would be drawn; without, it is drawn.

A floor is a folder of `Sources`. The manifest lists the floors from the lowest up, and `swift build` with the
explicit import check holds every import against the manifest.
"""

import json
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "Documentation/architecture.svg"
FLOORS = {
    "System": "C libraries of the operating system",
    "Base": "what every program needs",
    "Numerics": "matrices, singular values, rank",
    "Learning": "data, weights, training, symmetry",
    "Models": "other people's checkpoints",
    "Lab": "experiments, records, clusters",
    "Display": "figures, pages, terminal",
    "zerolab": "the command line",
}
FONT = "font-family='Helvetica, Arial, sans-serif'"
LEFT, WIDTH, ROW, BOX = 210, 1000, 92, 38


def targets():
    """The package's own targets without the tests: name, floor and imports."""
    done = subprocess.run(["swift", "package", "dump-package"], capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        sys.exit(done.stderr)
    found = {}
    for target in json.loads(done.stdout)["targets"]:
        path = target.get("path") or f"Sources/{target['name']}"
        if target["type"] in ("test", "plugin") or not path.startswith("Sources/"):
            continue
        names = [next(iter(kind.values()))[0] for kind in target["dependencies"]]
        found[target["name"]] = (path.split("/")[1], names)
    return {name: (floor, [d for d in names if d in found]) for name, (floor, names) in found.items()}


def check(package):
    """Ends with an error where an import points up, or a folder of `Sources` is not a floor."""
    order = list(FLOORS)
    wrong = [f"{name} is on floor '{floor}', which is none of {', '.join(order)}"
             for name, (floor, _) in package.items() if floor not in order]
    wrong += [f"Sources/{folder.name} is no floor" for folder in (ROOT / "Sources").iterdir()
              if folder.is_dir() and folder.name not in order]
    if not wrong:
        wrong = [f"{name} ({floor}) imports {used} of the higher floor {package[used][0]}"
                 for name, (floor, uses) in package.items() for used in uses
                 if order.index(package[used][0]) > order.index(floor)]
    if wrong:
        sys.exit("Package.swift: " + "; ".join(wrong))


def direct(package):
    """The imports that no other import implies: the arrows of the picture."""
    def reach(name):
        found = set()
        for used in package[name][1]:
            found |= {used} | reach(used)
        return found
    return [(name, used) for name, (_, uses) in package.items() for used in uses
            if not any(used in reach(other) for other in uses if other != used)]


def level(name, package, floor):
    """How many targets of the same floor lie below a target."""
    below = [level(used, package, floor) + 1 for used in package[name][1] if package[used][0] == floor]
    return max(below, default=0)


def picture(package):
    """The floors as bands, the lowest at the bottom, each target a box above those of its floor that it imports."""
    bands, place, y = [], {}, 20
    for floor in reversed(FLOORS):
        names = [name for name in package if package[name][0] == floor]
        rows = {}
        for name in names:
            rows.setdefault(level(name, package, floor), []).append(name)
        height = 30 + len(rows) * (BOX + 26)
        for row, members in rows.items():
            slot = (WIDTH - 20) / len(members)
            for index, name in enumerate(members):
                place[name] = (LEFT + 10 + slot * (index + 0.5), y + height - 28 - BOX / 2 - row * (BOX + 26))
        bands.append((floor, y, height))
        y += height + 10
    total = y + 10
    out = [f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {LEFT + WIDTH + 20} {total}' role='img'>",
           "<title>The targets of the package on their floors; arrows are imports</title>",
           "<defs><marker id='a' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='6' markerHeight='6' "
           "orient='auto'><path d='M0 0 8 4 0 8z' fill='#4a6484'/></marker></defs>",
           f"<rect width='{LEFT + WIDTH + 20}' height='{total}' fill='white'/>"]
    for floor, top, height in bands:
        out.append(f"<rect x='10' y='{top}' width='{LEFT + WIDTH}' height='{height}' rx='8' fill='#f2f4f7'/>"
                   f"<text x='26' y='{top + height / 2 - 4}' {FONT} font-size='19' font-weight='bold' "
                   f"fill='#1d2b3a'>{floor}</text><text x='26' y='{top + height / 2 + 18}' {FONT} "
                   f"font-size='11.5' fill='#4d5b6a'>{escape(FLOORS[floor])}</text>")
    for name, used in direct(package):
        (x1, y1), (x2, y2) = place[name], place[used]
        y1, y2 = y1 + BOX / 2, y2 - BOX / 2 - 2
        bend = (y2 - y1) / 2
        out.append(f"<path d='M{x1:.0f} {y1:.0f}C{x1:.0f} {y1 + bend:.0f} {x2:.0f} {y2 - bend:.0f} "
                   f"{x2:.0f} {y2:.0f}' fill='none' stroke='#4a6484' stroke-width='1.1' "
                   "stroke-opacity='0.75' marker-end='url(#a)'/>")
    for name, (x, middle) in place.items():
        half = max(44, 5.2 * len(name) + 8)
        out.append(f"<rect x='{x - half:.0f}' y='{middle - BOX / 2:.0f}' width='{2 * half:.0f}' height='{BOX}' rx='6' "
                   f"fill='white' stroke='#4a6484' stroke-width='1.3'/><text x='{x:.0f}' y='{middle + 5:.0f}' {FONT} "
                   f"font-size='15' text-anchor='middle' fill='#1d2b3a'>{name}</text>")
    return "\n".join(out + ["</svg>"]) + "\n"


def main():
    package = targets()
    check(package)
    drawn = picture(package)
    if "--check" not in sys.argv[1:]:
        PICTURE.write_text(drawn)
        print(f"{len(package)} targets on {len(FLOORS)} floors: {PICTURE.relative_to(ROOT)}")
    elif not PICTURE.exists() or PICTURE.read_text() != drawn:
        sys.exit(f"{PICTURE.relative_to(ROOT)} shows other targets than Package.swift; run Scripts/architecture.py")


main()
