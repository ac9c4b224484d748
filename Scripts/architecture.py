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
import textwrap
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "Documentation/architecture.svg"
FLOORS = {
    "System": "C libraries",
    "Base": "what every program needs",
    "Numerics": "matrices, singular values, rank",
    "Learning": "training and symmetry",
    "Models": "other people's checkpoints",
    "Lab": "experiments, records, clusters",
    "Display": "figures, pages, terminal",
    "Library": "what packages import",
    "zerolab": "the command line",
}
FONT = "font-family='Helvetica, Arial, sans-serif'"
LABEL, COLUMN, BOX, HEIGHT, GAP = 190, 262, 230, 66, 14  # widths and heights of the picture


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


def level(name, package):
    """How many targets of the same floor lie below a target."""
    floor, uses = package[name]
    return max((level(used, package) + 1 for used in uses if package[used][0] == floor), default=0)


def arrows(package):
    """The imports within a floor that no other import implies."""
    def reach(name):
        return {name}.union(*(reach(used) for used in package[name][1]))
    return [(name, used) for name, (floor, uses) in package.items() for used in uses
            if package[used][0] == floor and not any(used in reach(other) for other in uses if other != used)]


def abstract(name):
    """The first sentence of a target's landing page, without its full stop."""
    folder = name.removeprefix("ZerO")
    pages = list((ROOT / "Sources").glob(f"*/{folder}/{folder}.docc/{folder}.md"))
    return pages[0].read_text().splitlines()[2].rstrip(".") if pages else ""


def columns(names, package):
    """The targets of a floor in columns: a column imports those on its left."""
    found = {}
    for name in names:
        found.setdefault(level(name, package), []).append(name)
    if len(found) == 1:  # no import within the floor: rows of four
        return [names[start::4] for start in range(min(4, len(names)))]
    return [found[key] for key in sorted(found)]


def box(name, x, y, height):
    """A target: its name, and what its landing page says first."""
    lines = textwrap.wrap(escape(abstract(name)), 36)
    top = y + height / 2 - 6.5 * len(lines) + 5
    words = "".join(f"<tspan x='{x + BOX / 2}' dy='13'>{line}</tspan>" for line in lines)
    return (f"<rect x='{x}' y='{y}' width='{BOX}' height='{height}' rx='6' fill='white' stroke='#4a6484'/>"
            f"<text x='{x + BOX / 2}' y='{top}' text-anchor='middle' {FONT} font-size='11' fill='#4d5b6a'>"
            f"<tspan font-size='15' font-weight='bold' fill='#1d2b3a'>{name}</tspan>{words}</text>")


def picture(package):
    """The floors as bands, the lowest at the bottom, with a box per target."""
    bands, boxes, place, y = [], [], {}, GAP
    width = LABEL + 4 * COLUMN
    for floor in reversed(FLOORS):
        grid = columns([name for name in package if package[name][0] == floor], package)
        height = 30 if floor == "System" else HEIGHT
        rows = max(len(column) for column in grid)
        band = rows * (height + GAP) + GAP
        middle = y + band / 2
        bands.append(f"<rect x='{GAP}' y='{y}' width='{width}' height='{band}' rx='8' fill='#f1f3f6'/>"
                     f"<text x='{2 * GAP}' y='{middle - 2}' {FONT} font-size='18' font-weight='bold' "
                     f"fill='#1d2b3a'>{floor}</text><text x='{2 * GAP}' y='{middle + 16}' {FONT} font-size='11' "
                     f"fill='#4d5b6a'>{escape(FLOORS[floor])}</text>")
        for index, column in enumerate(grid):
            for row, name in enumerate(column):
                x, top = GAP + LABEL + index * COLUMN, y + GAP + row * (height + GAP)
                place[name] = (x, top + height / 2)
                boxes.append(box(name, x, top, height))
        y += band + GAP / 2
    imports = []
    for name, used in arrows(package):
        (x1, y1), (x2, y2) = place[name], (place[used][0] + BOX + 2, place[used][1])
        imports.append(f"<path d='M{x1} {y1}C{x1 - 16} {y1} {x2 + 16} {y2} {x2} {y2}' fill='none' "
                     "stroke='#4a6484' stroke-width='1.4' marker-end='url(#arrow)'/>")
    total = y + 24
    return "\n".join([
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width + 2 * GAP} {total}' role='img'>",
        "<title>The targets of the package on their floors</title>",
        "<defs><marker id='arrow' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='7' markerHeight='7' "
        "orient='auto'><path d='M0 0 8 4 0 8z' fill='#4a6484'/></marker></defs>",
        f"<rect width='{width + 2 * GAP}' height='{total}' fill='white'/>", *bands, *imports, *boxes,
        f"<text x='{GAP}' y='{y + 12}' {FONT} font-size='12' fill='#4d5b6a'>Arrows are imports within a floor. "
        "A target may also import targets of the floors below.</text>", "</svg>"]) + "\n"


def main():
    package = targets()
    check(package)
    drawn = picture(package)
    if "--check" not in sys.argv[1:]:
        PICTURE.write_text(drawn)
        print(f"{len(package)} targets on {len(FLOORS)} floors: {PICTURE.relative_to(ROOT)}")
    elif not PICTURE.exists() or PICTURE.read_text() != drawn:
        sys.exit(f"{PICTURE.relative_to(ROOT)} is out of date; run Scripts/architecture.py")


main()
