#!/usr/bin/env python3
"""Tests report.html in a browser: reading, hiding, sorting and zooming by pointer and keyboard; light, dark, narrow, print.

    make test-browser        (builds the program, installs Chromium and calls this script)
    browser.py ZEROLAB [--short] [--shots DIR]

The script trains on small generated images and compares the pages with the records. The exit code is 1 if a check fails.
"""
import json
import pathlib
import random
import statistics
import struct
import subprocess
import sys
import tempfile

from browsing import Browser, RED_ON_RED

ZEROLAB = str(pathlib.Path(sys.argv[1]).resolve())
SHORT = "--short" in sys.argv
SHOTS = pathlib.Path(sys.argv[sys.argv.index("--shots") + 1]) if "--shots" in sys.argv else None
WORK = pathlib.Path(tempfile.mkdtemp(prefix="zerolab-browser-"))
SWEEP_LABELS = 40
EXPERIMENTS = {
    "three": """\
name: three
question: Does a Hadamard layer exceed the bound that partial identity satisfies?
data: images
training: {epochs: 2, batch_size: 8, learning_rate: 0.1, bias: 0.01}
runs: [{init: [Partial_Identity, ZerO, Random], width: 48}]
measure: {every: 2, quantities: [rank, rank_from_start]}
figure:
  quantity: rank
  tensor: l3.weight
  label: "{init}"
  lines: [{label: "input_dim={y}", y: input_dimension, dashed: true, color: red}]
claims:
  - {runs: {init: Partial_Identity}, tensor: l3.weight, quantity: rank, at_most: input_dimension}
  - {runs: {init: ZerO}, tensor: l3.weight, quantity: rank, exceeds: 47}
""",
    "seeds": """\
name: seeds
data: images
training: {batch_size: 8, bias: 0.01}
runs: [{init: Random, width: 16, repeat: 3}]
measure: {every: 2, snapshots: 5}
""",
    "chosen": """\
name: chosen
data: images
training: {epochs: 2, batch_size: 8, bias: 0.01}
runs: [{init: [Partial_Identity, Random], width: [48, 64]}]
measure: {every: 2, quantities: [rank, copy_distance]}
figure:
  - {runs: {init: Random}, quantity: rank, tensor: l3.weight, label: "{init}, n_h={width}"}
  - {name: copies, runs: {init: Random, width: 64}, quantity: copy_distance, tensor: l3.weight, label: "{init}", y_scale: log}
""",
    "sweep": """\
name: sweep
question: How do the learning rate and the width affect the rank?
data: images
training: {epochs: 10, batch_size: 4, bias: 0.01}
runs: [{init: [Partial_Identity, ZerO], width: [32, 48, 64, 96], learning_rate: [0.01, 0.02, 0.05, 0.1, 0.2], repeat: 5}]
measure: {every: 1, quantities: [rank, rank_from_start]}
figure: {quantity: rank, tensor: l3.weight, label: "{init}, n_h={width}"}
""",
}
counts = {"passed": 0, "failed": 0}


def check(what, passed, detail=""):
    counts["passed" if passed else "failed"] += 1
    print(f"{'ok ' if passed else 'OUT'}  {what}{'' if detail == '' else f': {detail}'}", flush=True)


def idx(path, dimensions, values):
    head = bytes([0, 0, 8, len(dimensions)]) + b"".join(n.to_bytes(4, "big") for n in dimensions)
    path.write_bytes(head + bytes(values))


def make_images(folder):
    """Writes 96 and 20 images of 36 pixels: noise, with bright pixels at the positions of the image's class."""
    draw = random.Random(1)
    folder.mkdir()
    for prefix, count in (("train", 96), ("t10k", 20)):
        labels = [k % 5 for k in range(count)]
        pixels = [200 if p % 5 == label else draw.randrange(60) for label in labels for p in range(36)]
        idx(folder / f"{prefix}-images-idx3-ubyte", [count, 6, 6], pixels)
        idx(folder / f"{prefix}-labels-idx1-ubyte", [count], labels)


def run(name):
    (WORK / f"{name}.yaml").write_text(EXPERIMENTS[name])
    subprocess.run([ZEROLAB, "run", f"{name}.yaml", "--out", ".", "--quiet"], cwd=WORK, stdout=subprocess.DEVNULL)
    return WORK / name


def rows(folder, run, kind="train"):
    text = next((folder / "runs").glob(f"{run}-*/metrics.jsonl")).read_text().splitlines()
    return [row for row in map(json.loads, text) if row["kind"] == kind]


def reading(page, folder):
    """A point read by pointer or keyboard shows the values of a row of the records."""
    run_id = "ZerO-w48-m0-s1-e2-b8-every2-on-images"
    row = rows(folder, run_id)[-1]
    page.hover("#figure-0", row["iteration"] + 1, row["rank"]["l3.weight"])
    tip = page.text("#figure-0 .tip")
    loss = "%.4g" % row["loss"]
    expected = [run_id, f"iteration {row['iteration']})", f"rank(l3.weight − I) {row['rank']['l3.weight']}",
                f"loss {loss}"]
    check("hovering shows run, iteration, rank and loss of the records", all(part in tip for part in expected),
          tip.replace("\n", " | "))
    page.leave()
    check("the reading disappears with the pointer", not page.visible("#figure-0 .tip"))
    page.focus("#figure-0")
    page.press("End")
    last = rows(folder, "Partial_Identity-w48-m0-s1-e2-b8-every2-on-images")[-1]
    spoken = page.text("#spoken")
    check("End reads a curve's last point and announces it", f"after {last['iteration'] + 1} updates" in spoken, spoken)
    page.press("ArrowDown")
    check("ArrowDown moves to the next curve", "ZerO-w48" in page.text("#figure-0 .tip"))
    page.press("ArrowLeft")
    before = rows(folder, run_id)[-2]
    check("ArrowLeft moves to the previous point", f"after {before['iteration'] + 1} updates" in page.text("#spoken"))
    page.press("Tab")
    check("leaving a chart hides the reading", not page.visible("#figure-0 .tip"))


def hiding(page):
    curves = "document.querySelectorAll('#figure-0 path.curve').length"
    check("every setting has a curve", page.js(f"return {curves}") == 3)
    labels = page.js("return [...document.querySelectorAll('#figure-0 .boundlabel')].map(t => t.textContent)")
    check("a ceiling's label names its setting", any(" of ZerO" in label or " of partial" in label for label in labels), labels)
    page.click(".legend li:nth-child(2) .toggle")
    check("a click on a legend entry hides its curve everywhere",
          page.js("return [...document.querySelectorAll('.chart')].slice(0, 4)"
                  ".map(chart => chart.querySelectorAll('path.curve').length)") == [2, 2, 2, 2])
    check("and the entry is marked as hidden", page.attribute(".legend li:nth-child(2) .toggle", "aria-pressed") == "false")
    page.click(".legend li:nth-child(1) .only")
    check("'only' shows a single setting", page.js(f"return {curves}") == 1)
    page.click(".legend li:nth-child(1) .only")
    check("a second click shows all again", page.js(f"return {curves}") == 3)
    page.focus(".legend li:nth-child(3) .toggle")
    page.press("Enter")
    check("the legend works by keyboard", page.js(f"return {curves}") == 2)
    page.click(".legend ~ .tools .all")
    check("'Show all' shows all", page.js(f"return {curves}") == 3)


def zooming(page):
    ticks = lambda chart: page.js(
        "return [...document.querySelectorAll(arguments[0] + ' .tick[text-anchor=middle]')].map(t => +t.textContent)", chart)
    whole = ticks("#figure-0")
    page.drag("#figure-0", (0.3, 0.2), (0.6, 0.9))
    near, small = ticks("#figure-0"), ticks("[data-curve=loss]")
    check("dragging zooms", min(near) > min(whole) and max(near) < max(whole), f"{whole} to {near}")
    check("the other charts zoom as well", min(small) > 0 and max(small) < max(whole), small)
    page.click("#figure-0 .reset")
    check("'Reset zoom' resets", ticks("#figure-0") == whole and not page.visible("#figure-0 .reset"))
    page.focus("#figure-0")
    page.press("Home", "+")
    check("+ zooms", max(ticks("#figure-0")) < max(whole), ticks("#figure-0"))
    page.press("0")
    check("0 resets", ticks("#figure-0") == whole)
    page.drag("#figure-0", (0.5, 0.5), (0.9, 0.6))
    page.double_click("#figure-0 .canvas")
    check("a double click resets", ticks("#figure-0") == whole)


def sorting(page):
    column = lambda: page.js("return [...document.querySelectorAll('table.sortable tbody tr')].map(r => r.cells[1].textContent)")
    ranks = lambda: page.js("return [...document.querySelectorAll('table.sortable tbody tr')].map(r => +r.cells[3].textContent)")
    original = column()
    page.click("table.sortable thead th:nth-child(4) button")
    check("a click on 'rank' sorts by value", ranks() == sorted(ranks()) and
          page.attribute("table.sortable thead th:nth-child(4)", "aria-sort") == "ascending", ranks())
    page.click("table.sortable thead th:nth-child(4) button")
    check("a second click reverses the order", ranks() == sorted(ranks(), reverse=True))
    page.click("table.sortable thead th:nth-child(4) button")
    check("a third click restores the experiment's order", column() == original)
    page.click("table.sortable thead th:nth-child(2) button")
    check("words are sorted alphabetically", column() == sorted(column()), column())


def weights(page, folder):
    run_id = "Random-w48-m0-s1-e2-b8-every2-on-images"
    page.choose("#snapshot-run", run_id)
    page.choose("#snapshot-reference", "start")
    end = rows(folder, run_id, "snapshot")[-1]
    spectrum = end["spectra"]["start"]
    words = page.text("#snapshot-words")
    check("the stated margin equals the records", f"{spectrum['rank']} of 48 singular values" in words and
          "%.4g times" % (float("%.4g" % spectrum["smallest_above"]) / spectrum["tolerance"]) in words, words)
    check("the spectrum shows its tolerance", "tolerance 1e-4" in page.text("#snapshot-spectrum"))
    check("and a curve for each of start, middle and end, unless all values are 0",
          page.js("return document.querySelectorAll('#snapshot-spectrum path.curve').length") == 2)
    page.choose("#snapshot-run", "ZerO-w48-m0-s1-e2-b8-every2-on-images")
    pixels = page.js("return [...document.querySelectorAll('.maps canvas')].map(c => "
                     "[...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].filter((_, i) => i % 4 === 3))")
    size = 48
    identity = [255 if i % (size + 1) == 0 else 0 for i in range(size * size)]
    strength = [pixel > 0 for pixel in pixels[0]]
    check("the first map is an identity, the last is not",
          strength == [pixel > 0 for pixel in identity] and [p > 0 for p in pixels[1]] != strength)


def looks(browser, folder, name, sections=("Loss, accuracy and rank", "Settings and provenance", "plan.json")):
    """Light, dark and narrow pages pass the accessibility checker; the printed page is complete."""
    for theme in ("light", "dark"):
        for width in (1280, 360):
            page = browser.open(folder / "report.html", width=width, theme=theme)
            kind = f"{name}, {theme}, {width} wide"
            check(f"{kind}: nothing is wider than the window",
                  page.js("return document.documentElement.scrollWidth") <= width)
            violations = page.accessibility()
            check(f"{kind}: axe-core finds no violation", violations == [], violations or "")
            check(f"{kind}: no console messages, no requests", page.messages() == [] and page.fetched() == 0,
                  page.messages() or "")
            ground = page.js("return getComputedStyle(document.body).backgroundColor")
            check(f"{kind}: the background is {theme}", (ground == "rgb(255, 255, 255)") == (theme == "light"), ground)
            if SHOTS:
                page.picture(SHOTS / f"{name}-{theme}-{width}.png")
    page.click("#theme")
    check(f"{name}: the button switches from dark to light",
          page.js("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)")
    page.media("print")
    check(f"{name}: print hides the controls", not page.visible("#theme") and not page.visible(".legend .only"))
    printed = " ".join(page.printed(SHOTS / f"{name}.pdf" if SHOTS else None).split())
    parts = [page.text("h1"), *sections]
    places = [printed.find(part) for part in parts]
    check(f"{name}: the printed page contains all sections in order", -1 not in places and places == sorted(places), places)


def seeds(browser):
    """Mean and band over several seeds equal the records, and five snapshots have five colors."""
    folder = run("seeds")
    runs = [rows(folder, f"Random-w16-m{k}-s{k + 1}-b8-every2-on-images") for k in range(3)]
    page = browser.open(folder / "report.html")
    mean = page.js("return curvesOf('rank_from_start l3.weight').find(curve => curve.id === 'mean 0')")
    values = [[row["rank_from_start"]["l3.weight"] for row in step] for step in zip(*runs)]
    updates = [row["iteration"] + 1 for row in runs[0]]
    check("the mean of three seeds equals the records' to four digits",
          [x for x, _ in mean["points"]] == updates and
          all(y == float("%.4g" % (sum(v) / 3)) for (_, y), v in zip(mean["points"], values)) and
          any(len(set(v)) > 1 for v in values), [round(y, 2) for _, y in mean["points"]])
    check("its band extends from the smallest to the largest value",
          mean["band"] == [[x, min(v), max(v)] for x, v in zip(updates, values)])
    check("caption and legend explain the bold curve and the band",
          "mean over the finished seeds of a setting" in page.js("return document.querySelector('figcaption').textContent") and
          "Bold: mean over seeds." in page.text("#legend"))
    check("an experiment without a figure gets a default one",
          page.js("return document.querySelectorAll('#figure-0 path.curve').length") == 4)
    colors = page.js("return [...document.querySelectorAll('#snapshot-margin .swatch')]"
                     ".map(node => getComputedStyle(node).backgroundColor)")
    check("five snapshots have five colors", len(set(colors)) == 5, colors)
    page.drag("#snapshot-spectrum", (0.0, 0.30), (0.9, 0.42))
    ticks = page.js("return [...document.querySelectorAll('#snapshot-spectrum .tick[text-anchor=end]')].map(t => t.textContent)")
    check("a zoomed logarithmic axis has ticks", len(ticks) >= 2 and len(set(ticks)) == len(ticks), ticks)


def chosen(browser):
    """A figure shows only its own runs, and names curves that are 0 throughout where the axis is logarithmic."""
    folder = run("chosen")
    page = browser.open(folder / "report.html")
    shown = lambda figure: page.js(f"return curvesOf(data.figures[{figure}].curve, data.figures[{figure}].runs).map(c => c.id)")
    names = [shown(0), shown(1)]
    tail = "-m0-s1-e2-b8-every2-on-images"
    check("a figure contains the curves of its runs",
          names == [[f"Random-w48{tail}", f"Random-w64{tail}"], [f"Random-w64{tail}"]] and
          page.js("return document.querySelectorAll('#figure-0 path.curve').length") == 2, names)
    check("the small charts contain all runs", page.js("return document.querySelectorAll('[data-curve=loss] path.curve').length") == 4)
    caption = page.js("return document.querySelector('#figure-1').closest('figure').textContent")
    check("curves that are 0 throughout are named below a logarithmic axis", "0 throughout: random, nₕ = 64" in caption, caption.strip())
    ticks = page.js("return [...document.querySelectorAll('#figure-1 .tick[text-anchor=middle]')].map(t => +t.textContent)")
    check("and the axis of updates includes their range", max(ticks) == 20, ticks)


def make_series(folder):
    """Writes checkpoints of ten layers and an embedding: the layers change by rank-one updates, one more at each step."""
    draw = random.Random(2)
    folder.mkdir()
    shapes = {"wte.weight": (32, 16)} | {f"h.{layer}.mlp.weight": (24, 16) for layer in range(10)}
    weights = {name: [[draw.gauss(0, 0.1) for _ in range(n)] for _ in range(m)] for name, (m, n) in shapes.items()}
    for step in (0, 1, 2, 4, 8, 16, 32, 64):
        for name, (m, n) in shapes.items() if step > 0 else ():
            left, right = [draw.gauss(0, 1) for _ in range(m)], [draw.gauss(0, 1) for _ in range(n)]
            for row, a in zip(weights[name], left):
                row[:] = [value + 0.01 * a * b for value, b in zip(row, right)]
        header, data = {}, b""
        for name, rows_ in weights.items():
            values = struct.pack(f"<{sum(map(len, rows_))}f", *(value for row in rows_ for value in row))
            header[name] = {"dtype": "F32", "shape": list(shapes[name]), "data_offsets": [len(data), len(data) + len(values)]}
            data += values
        text = json.dumps(header).encode()
        (folder / f"step{step}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


def series(browser):
    """The page of a series of checkpoints: quantities, groups, singular values at chosen steps."""
    make_series(WORK / "gpt")
    done = subprocess.run([ZEROLAB, "rank", "gpt", "--over-steps", "--minus", "first", "--out", "gpt-ranks", "--quiet"],
                          cwd=WORK, capture_output=True, text=True)
    check("the series is ranked", done.returncode == 0, done.stderr.strip())
    folder = WORK / "gpt-ranks"
    points = [json.loads(line) for line in (folder / "ranks.jsonl").read_text().splitlines()]
    last = {row["matrix"]: row for row in points if row["step"] == 64}
    page = browser.open(folder / "report.html")
    curves = lambda: page.js("return document.querySelectorAll('#curves path.curve').length")
    check("matrices that differ in their numbers have one curve with a band",
          curves() == 2 and page.js("return document.querySelectorAll('#curves path.band').length") == 1)
    values = sorted(row["effective_rank"] for name, row in last.items() if name.startswith("h."))
    page.focus("#curves")
    page.press("End", "ArrowDown")
    spoken = page.text("#spoken")
    check("End and ArrowDown read the median and the band of the last step",
          all(part in spoken for part in ("10 matrices", "step 64", "median %.4g" % statistics.median(values),
                                          "from %.4g to %.4g" % (values[0], values[-1]))), spoken)
    ticks = lambda: page.js("return [...document.querySelectorAll('#curves .tick[text-anchor=middle], #curves .axis ~ .tick')]"
                            ".filter(t => t.getAttribute('text-anchor') !== 'end' || +t.getAttribute('y') > 300).map(t => t.textContent)")
    whole = ticks()
    check("steps that grow geometrically have a logarithmic axis", whole[:2] == ["1", "2"], whole)
    page.press("+")
    near = ticks()
    page.press("0")
    check("+ zooms, and 0 resets", near != whole and ticks() == whole, near)
    page.choose("#quantity", "frobenius_norm")
    check("another quantity changes axis and caption", "Frobenius norm of Wₜ − W₀" in page.text("#curves") and
          "√Σσ²" in page.text("#curve-words"), page.text("#curve-words"))
    page.choose("#matrices", page.js("return document.querySelector('#matrices').options[1].value"))
    check("a group opens into its matrices", curves() == 10 and
          page.js("return document.querySelectorAll('#legend .toggle').length") == 10)
    page.click(".legend li:nth-child(2) .toggle")
    check("the legend hides one of them, in every chart", curves() == 9 and
          page.js("return document.querySelectorAll('[data-quantity=stable_rank] path.curve').length") == 9)
    page.choose("#matrices", "")
    check("and closes again", curves() == 2)
    page.choose("#spectrum-matrix", page.js("return String(data.matrices.findIndex(m => m.name === 'h.3.mlp.weight'))"))
    row = last["h.3.mlp.weight"]
    above = sum(value > row["tolerance"] for value in row["singular_values"])
    check("the words count the singular values above the tolerance",
          f"{above} of 16 singular values of h.3.mlp.weight" in page.text("#spectrum-words"), page.text("#spectrum-words"))
    check("first, middle and last spectrum are shown", page.js("return document.querySelectorAll('#spectrum path.curve').length") == 3)
    check("with the tolerance and the rounding noise",
          all(text in page.text("#spectrum") for text in ("tolerance", "rounding noise")))
    hidden = page.attribute("#spectrum-steps button[aria-pressed=false]", "data-moment")
    page.click(f"#spectrum-steps [data-moment='{hidden}']")
    check("a click on a step shows its singular values",
          page.js("return document.querySelectorAll('#spectrum path.curve').length") == 4 and
          page.attribute(f"#spectrum-steps [data-moment='{hidden}']", "aria-pressed") == "true")
    page.click("table.sortable thead th:nth-child(4) button")
    cells = page.js("return [...document.querySelectorAll('table.sortable tbody tr')].map(r => +r.cells[3].textContent)")
    check("the table sorts by value", cells == sorted(cells) and len(cells) == 11, cells)
    focus_order(browser.open(folder / "report.html"))
    looks(browser, folder, "series", ["Singular values at chosen steps", "Matrices", "Definitions and provenance", "ranks.csv"])
    text = browser.open(folder / "report.html", scripts=False).source_text()
    check("without scripts the page contains table, definitions and command",
          all(part in text for part in ("h.3.mlp.weight", "Roy and", "rank gpt --over-steps", "need JavaScript")))
    subprocess.run([ZEROLAB, "rank", "gpt", "--over-steps", "--minus", "first", "--only-steps", "0", "--out", "start-ranks",
                    "--quiet"], cwd=WORK, capture_output=True)
    page = browser.open(WORK / "start-ranks" / "report.html")
    check("a series of only the start has a page", page.js("return document.documentElement.dataset.ready") == "true" and
          page.text("#curve-words") == "No matrix has a value yet.", page.text("#curve-words"))


def focus_order(page):
    """Tab reaches every control once, in the order of the page, and the focus is visible."""
    total = page.js("return document.querySelectorAll('a[href], button:not([hidden]):not(:disabled), select, summary, [tabindex=\"0\"]').length")
    seen = []
    page.js("document.activeElement.blur(); window.scrollTo(0, 0)")
    for _ in range(total + 5):
        page.press("Tab")
        place = page.js("""
            const node = document.activeElement;
            if (node === document.body) return null;
            const all = [...document.querySelectorAll('*')];
            const style = getComputedStyle(node);
            return [all.indexOf(node), style.outlineStyle !== 'none' || node.matches('.skip'),
                    !!(node.getAttribute('aria-label') || node.textContent.trim() || node.closest('label'))];""")
        if place is None or (seen and place[0] == seen[0][0]):
            break
        seen.append(place)
    places = [place[0] for place in seen]
    check("Tab follows the order of the page", places == sorted(set(places)) and len(places) > 15, f"{len(places)} stops")
    check("the focused control is marked and has a name", all(place[1] and place[2] for place in seen))


def without_scripts(browser, folder):
    page = browser.open(folder / "report.html", scripts=False)
    text = page.source_text()
    check("without scripts the page contains question, verdicts, runs and command",
          all(part in text for part in ("Hadamard layer", "Held", "ZerO-w48-m0", "zerolab run experiment.yaml",
                                        "need JavaScript")))


def large(browser):
    folder = run("sweep")
    size = (folder / "report.html").stat().st_size
    check("a page of 200 runs is smaller than 5 MB", size < 5_000_000, f"{size} bytes")
    times = []
    for _ in range(3):
        page = browser.open(folder / "report.html")
        times.append(page.js("return window.drawn"))
    print(f"     time to draw: {statistics.median(times):.0f} ms ({min(times):.0f} to {max(times):.0f})")
    check("the legend's search finds a setting", page.filter_legend("= 96") == SWEEP_LABELS // 4)
    page.click(".legend li:not([hidden]) .only")
    check("a single setting shows its five runs and their mean",
          page.js("return document.querySelectorAll('#figure-0 path.curve').length") == 6)
    looks(browser, folder, "sweep")


def negative_controls(browser):
    """Negative controls: the checks find the faults of a faulty page."""
    broken = WORK / "broken.html"
    broken.write_text(RED_ON_RED)
    page = browser.open(broken, waits=False)
    check("control: axe-core finds low contrast and a nameless button",
          {"color-contrast", "button-name"} <= {name for name, _ in page.accessibility()})
    check("control: a script error is found", page.messages() != [])


def main():
    make_images(WORK / "images")
    folder = run("three")
    if SHOTS:
        SHOTS.mkdir(parents=True, exist_ok=True)
    with Browser() as browser:
        page = browser.open(folder / "report.html")
        reading(page, folder)
        hiding(page)
        zooming(page)
        sorting(page)
        weights(page, folder)
        focus_order(browser.open(folder / "report.html"))
        without_scripts(browser, folder)
        looks(browser, folder, "three")
        seeds(browser)
        chosen(browser)
        series(browser)
        negative_controls(browser)
        if not SHORT:
            large(browser)
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    sys.exit(counts["failed"] > 0)


main()
