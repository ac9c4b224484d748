#!/usr/bin/env python3
"""Builds the documentation site of all library targets, from a debug build and the .docc catalogs.

Usage: Scripts/documentation.py [OUTPUT], by default .build/documentation. It fails for a public symbol without
a documentation comment, for one that throws and does not document it, for a target without a landing page, and
for any warning of docc.

The guides and reference pages are plain Markdown in `Documentation/Guides` and `Documentation/Reference`; they
become articles of the site's home catalog, with their links rewritten.

The script calls the toolchain's own `docc`. The package swift-docc-plugin would be resolved by everybody who
depends on this package, and it would build the targets again.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".build/documentation-work"
MODULES = ROOT / ".build/debug/Modules"
HOME = "ZerOLab"  # the catalog of the site's first page
PAGES = {page.stem: page for folder in ("Guides", "Reference")
         for page in sorted((ROOT / "Documentation" / folder).glob("*.md"))}


def run(*command):
    """Returns the output of a command; a failure ends the script with that output."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(word) for word in command[:3])} …\n{done.stdout}{done.stderr}")
    return done.stdout


def library_targets():
    """Returns the package's own library targets, lowest first."""
    package = json.loads(run("swift", "package", "dump-package"))
    return [target["name"] for target in package["targets"] if target["type"] == "regular"
            and (target.get("path") or "").startswith("Sources/") and target["name"] != HOME]


def clang_options():
    """Returns the options by which the compiler finds the C modules that the Swift modules import."""
    maps = [*ROOT.glob("Sources/System/*/module.modulemap"),
            *ROOT.glob(".build/checkouts/*/Sources/*/include/module.modulemap")]
    libraries = re.findall(r'pkgConfig: "([a-z]+)"', (ROOT / "Package.swift").read_text())
    flags = run("pkg-config", "--cflags", *libraries).split()
    return [word for option in [*(f"-fmodule-map-file={m}" for m in maps), *flags]
            for word in ("-Xcc", option)]


def symbols(module, triple, options):
    """Writes a module's symbol graphs; returns the defects of its documentation comments."""
    folder = WORK / "graphs" / module
    folder.mkdir(parents=True)
    run("swift", "symbolgraph-extract", "-module-name", module, "-target", triple, "-I", MODULES,
        *options, "-output-dir", folder, "-minimum-access-level", "public",
        "-skip-synthesized-members", "-emit-extension-block-symbols")
    missing = []
    for file in folder.glob("*.json"):
        for symbol in json.loads(file.read_text())["symbols"]:
            if symbol["kind"]["identifier"] == "swift.extension":
                continue
            comment = "\n".join(line["text"] for line in symbol.get("docComment", {}).get("lines", []))
            declaration = "".join(part["spelling"] for part in symbol["declarationFragments"])
            name = f"{module}.{'.'.join(symbol['pathComponents'])}"
            if not comment:
                missing.append(f"{name}: no documentation comment")
            elif "throws" in declaration and not re.search("[Tt]hrows", comment):
                missing.append(f"{name}: throws, and the comment does not say so")
    return missing


def snippet_graph():
    """Returns a symbol graph of `Snippets`, in which `@Snippet` finds a part of a file.

    A part extends from `// snippet.NAME` to `// snippet.end`; `make test-documentation` runs the files.
    """
    entries = []
    for file in sorted((ROOT / "Snippets").glob("*.swift")):
        lines, starts, slices = [], {}, {}
        name = None
        for line in file.read_text().splitlines():
            marker = re.fullmatch(r"\s*// snippet\.(\w+)", line)
            if not marker:
                lines.append(line)
            elif marker[1] == "end":
                slices[name] = [starts[name], len(lines)]
            else:
                name = marker[1]
                starts[name] = len(lines)
        path = ["Snippets", file.stem]
        entries.append({
            "kind": {"identifier": "swift.snippet", "displayName": "Snippet"},
            "identifier": {"precise": f"$snippet__{HOME}.{file.stem}", "interfaceLanguage": "swift"},
            "pathComponents": path, "names": {"title": file.stem}, "accessLevel": "public",
            "docComment": {"lines": []},
            "snippet": {"language": "swift", "lines": lines, "slices": slices}})
    return {"metadata": {"formatVersion": {"major": 0, "minor": 1, "patch": 0}, "generator": "zerolab"},
            "module": {"name": HOME, "platform": {}, "isVirtual": True},
            "symbols": entries, "relationships": []}


def article(page, catalog):
    """Writes a guide or reference page into the home catalog as an article.

    A link to another page becomes a link of DocC, a picture is copied, any other relative link becomes plain
    text, and comments, which mark the generated tables, are left out.
    """
    def picture(match):
        file = (page.parent / match[2]).resolve()
        shutil.copy(file, catalog)
        return f"![{match[1]}]({file.stem})"

    def link(match):
        text, target = match[1], match[2]
        if re.match(r"https?:", target):
            return match[0]
        path = (page.parent / target.split("#")[0]).resolve()
        return f"[{text}](doc:{path.stem})" if PAGES.get(path.stem) == path else text

    parts = re.split(r"(^```.*?^```$)", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for index in range(0, len(parts), 2):  # the odd ones are code
        part = re.sub(r"^<!--.*-->\n", "", parts[index], flags=re.MULTILINE)
        part = re.sub(r"!\[([^\]]*)\]\(([^)]+)\)", picture, part)
        parts[index] = re.sub(r"(?<!!)\[([^\]]+)\]\(([^)]+)\)", link, part)
    (catalog / page.name).write_text("".join(parts))


def home_catalog():
    """Makes the catalog of the first page, with the guides, the reference and the recorded figures."""
    catalog = WORK / f"{HOME}.docc"
    shutil.copytree(ROOT / f"Documentation/{HOME}.docc", catalog)
    for figure in ("figure_3_left", "figure_3_right"):
        shutil.copy(ROOT / f"Documentation/Results/{figure}/{figure}.svg", catalog)
    for page in PAGES.values():
        article(page, catalog)
    return catalog


def convert(name, catalog, output, *options):
    """Makes the archive of one catalog and returns its path."""
    graphs = WORK / "graphs" / name
    graphs.mkdir(exist_ok=True)
    (graphs / "snippets.symbols.json").write_text(json.dumps(snippet_graph()))
    archive = output / f"{name}.doccarchive"
    run("docc", "convert", catalog, "--additional-symbol-graph-dir", graphs, "--output-path", archive,
        "--fallback-display-name", name, "--fallback-bundle-identifier", name,
        "--fallback-default-module-kind", "Target", "--enable-experimental-external-link-support",
        *options)
    return archive


def archives(catalogs, pool):
    """Makes all archives twice: a link into another archive needs that archive to exist."""
    def link_all(name):
        others = [word for other in catalogs if other != name
                  for word in ("--dependency", WORK / f"first/{other}.doccarchive")]
        return convert(name, catalogs[name], WORK / "second", "--warnings-as-errors", *others)

    for folder in ("first", "second"):
        (WORK / folder).mkdir()
    list(pool.map(lambda name: convert(name, catalogs[name], WORK / "first"), catalogs))
    return list(pool.map(link_all, catalogs))


def main():
    output = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".build/documentation").resolve()
    targets = library_targets()
    folders = {name: name.removeprefix("ZerO") for name in targets}
    catalogs = {name: next(ROOT.glob(f"Sources/*/{folder}")) / f"{folder}.docc" for name, folder in folders.items()}
    absent = [str(c.relative_to(ROOT)) for c in catalogs.values() if not (c / f"{c.stem}.md").exists()]
    if absent:
        sys.exit(f"without a landing page: {', '.join(absent)}")

    shutil.rmtree(WORK, ignore_errors=True)
    triple = json.loads(run("swift", "-print-target-info"))["target"]["triple"]
    options = clang_options()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        missing = [name for names in pool.map(lambda m: symbols(m, triple, options), targets)
                   for name in names]
        if missing:
            sys.exit("defects of documentation comments:\n  " + "\n  ".join(missing))
        # The home catalog comes last. Otherwise the side bar would show its links to targets, which have no
        # contents, in place of the targets.
        made = archives(catalogs | {HOME: home_catalog()}, pool)

    shutil.rmtree(output, ignore_errors=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    run("docc", "merge", *made, "--output-path", output,
        "--synthesized-landing-page-name", HOME, "--synthesized-landing-page-kind", "Package")
    (output / "index.html").write_text(
        f'<!doctype html><meta http-equiv="refresh" content="0; url=documentation/{HOME.lower()}/">\n')
    print(f"{len(targets)} targets: {output}; to read it: python3 -m http.server --directory {output}")


main()
