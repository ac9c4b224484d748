#!/usr/bin/env python3
"""Builds an archive for Linux and a wheel for Python, below .build/dist.

    make dist                (installs the tools and calls this script)

Both contain the same folder: the program with its data, manual page and completions, a font, and all licenses. Its parts find
each other by relative paths, so the folder can be moved. The program needs no package besides the C library:

- Swift's libraries and most C libraries are linked statically.
- libzip, which Debian has as a shared library only, is beside the program with the libraries that it needs.
- OpenBLAS is that of the package scipy-openblas32 on PyPI. It is as fast and as exact as Debian 12's, newer, and has no
  Fortran libraries of its own. Its functions begin with scipy_; a library of jumps gives them their usual names.

The result depends on the commit and the installed packages only: files are sorted, and their times are that of the commit.
"""
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD, OUTPUT = ROOT / ".build/static", ROOT / ".build/dist"
TOOLS = pathlib.Path(sys.executable).parent
SYSTEM_LIBRARIES = pathlib.Path("/usr/lib/x86_64-linux-gnu")
PLATFORM = "manylinux_2_35_x86_64"

# The libraries by pkg-config's names, with those that a static one needs. The last two stay shared.
LIBRARIES = {
    "cairo": ["cairo", "pixman-1", "fontconfig", "freetype", "expat", "png16", "brotlidec", "brotlicommon", "z"],
    "zlib": ["z"], "libdeflate": ["deflate"], "libsodium": ["sodium"], "libzip": ["zip"], "openblas": ["openblas"],
    "libxsmm": ["xsmm"], "libpng": ["png16", "z"], "libturbojpeg": ["turbojpeg"]}
SHARED = {"zip", "openblas"}

# Parts of the GNU C library, which every system has and which must be its own.
C_LIBRARY = re.compile(r"lib(c|m|dl|pthread|rt|util|resolv)\.so|ld-linux|linux-vdso")
FONTS = [pathlib.Path("/usr/share/fonts/truetype/dejavu") / name for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]


def output(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def static_archives():
    """The static libraries that the program contains."""
    names = {name for names in LIBRARIES.values() for name in names} - SHARED
    return [pathlib.Path(output("cc", f"-print-file-name=lib{name}.a").strip()).resolve() for name in [*sorted(names), "stdc++"]]


def build():
    """Builds the program; the linker finds a folder with the static libraries before the shared ones of the system."""
    folder = BUILD / "libraries"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in static_archives():
        (folder / path.name).symlink_to(path)
    for package, names in LIBRARIES.items():
        for name in SHARED & set(names):
            found = output("cc", f"-print-file-name=lib{name}.so").strip()
            (folder / f"lib{name}.so").symlink_to(pathlib.Path(found).resolve())
        description = pathlib.Path(output("pkg-config", "--variable=pcfiledir", package).strip()) / f"{package}.pc"
        flags = " ".join([f"-L{folder}", *(f"-l{name}" for name in names)])
        (folder / f"{package}.pc").write_text(
            re.sub(r"^Libs:.*$", f"Libs: {flags}", description.read_text(), flags=re.MULTILINE))
    subprocess.run(
        ["swift", "build", "-c", "release", "--product", "zerolab", "--static-swift-stdlib", "--scratch-path", BUILD,
         "-Xswiftc", "-DZEROLAB_PORTABLE", "-Xswiftc", "-use-ld=lld"],
        check=True, cwd=ROOT, stdout=sys.stderr, env={**os.environ, "PKG_CONFIG_PATH": str(folder)})


def shared_libraries(program):
    """The shared libraries that a program loads, directly or through others, by their names; without the C library's."""
    found = dict(re.findall(r"(\S+) => (/\S+)", output("ldd", program)))
    return {name: pathlib.Path(path) for name, path in found.items() if not C_LIBRARY.match(name)}


def add_blas(program, target):
    """OpenBLAS of PyPI, and the library of jumps from the usual names of the functions that the program calls."""
    import scipy_openblas32

    library = pathlib.Path(scipy_openblas32.get_lib_dir()) / "libscipy_openblas.so"
    shutil.copyfile(library, target / library.name)
    defined = set(re.findall(r" T (\w+)", output("nm", "-D", "--defined-only", library)))
    called = re.findall(r" [Uw] (\w+)", output("nm", "-D", "--undefined-only", program))
    names = sorted(name for name in called if f"scipy_{name}" in defined)
    jumps = target / "jumps.s"
    jumps.write_text("".join(f".globl {name}\n.type {name}, @function\n{name}: jmp *scipy_{name}@GOTPCREL(%rip)\n" for name in names)
                     + '.section .note.GNU-stack,"",@progbits\n')
    output("cc", "-shared", "-nostdlib", "-o", target / "libopenblas.so.0", jumps, target / library.name, "-Wl,-soname,libopenblas.so.0")
    jumps.unlink()


def add_libraries(folder):
    """Copies the shared libraries beside the program and makes all find each other there; returns their own paths."""
    target, program = folder / "lib/zerolab", folder / "bin/zerolab"
    target.mkdir(parents=True)
    # Only OpenBLAS of Debian needs those of Fortran.
    found = {name: path for name, path in shared_libraries(program).items()
             if not re.match(r"lib(openblas|gfortran|quadmath)\.", name)}
    for name, path in sorted(found.items()):
        shutil.copyfile(path, target / name)
    add_blas(program, target)
    for path in target.iterdir():
        path.chmod(0o755)
        output(TOOLS / "patchelf", "--set-rpath", "$ORIGIN", path)
    output(TOOLS / "patchelf", "--set-rpath", "$ORIGIN/../lib/zerolab", program)
    return list(found.values())


def package_of(path):
    """The Debian package of a file; its record may have the path before the merge of /lib into /usr/lib."""
    for name in (path, path.resolve(), pathlib.Path(str(path.resolve()).removeprefix("/usr"))):
        done = subprocess.run(["dpkg", "-S", str(name)], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    sys.exit(f"dist.py: no package is known for {path}, so its license is not either")


def add_fonts(folder):
    """The font of figures: a bare system has none."""
    fonts = folder / "share/zerolab/fonts"
    fonts.mkdir()
    for font in FONTS:
        shutil.copyfile(font, fonts / font.name)
    shutil.copyfile(ROOT / "Scripts/fonts.conf", fonts / "fonts.conf")


def add_licenses(folder, paths):
    """The license of everything in the folder."""
    import importlib.metadata

    licenses = folder / "share/doc/zerolab"
    licenses.mkdir(parents=True)
    shutil.copyfile(ROOT / "LICENSE", licenses / "zerolab.txt")
    swift = pathlib.Path(shutil.which("swift")).resolve().parents[1]
    shutil.copyfile(swift / "share/swift/LICENSE.txt", licenses / "swift.txt")
    for checkout in sorted((BUILD / "checkouts").iterdir()):
        for license in sorted(checkout.glob("LICENSE*")) + sorted(checkout.glob("NOTICE*")):
            shutil.copyfile(license, licenses / f"{checkout.name}-{license.name.lower().removesuffix('.txt')}.txt")
    for package in sorted({package_of(path) for path in paths}):
        shutil.copyfile(f"/usr/share/doc/{package}/copyright", licenses / f"{package}.txt")
    for file in importlib.metadata.files("scipy-openblas32") or []:
        if "license" in file.name.lower():
            shutil.copyfile(file.locate(), licenses / f"openblas-{file.name.lower().removesuffix('.txt')}.txt")
    if not list(licenses.glob("openblas-*")):
        sys.exit("dist.py: scipy-openblas32 has no license file")


def newest_symbols(folder):
    """The newest version of the C library's symbols that a file in the folder needs."""
    files = [folder / "bin/zerolab", *(folder / "lib/zerolab").iterdir()]
    return max(int(version) for file in files for version in re.findall(r"GLIBC_2\.(\d+)", output("objdump", "-T", file)))


def archive(folder, epoch):
    """Packs the folder as a .tar.gz whose bytes depend on its contents only."""
    path = OUTPUT / f"{folder.name}.tar.gz"

    def plain(entry):
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = epoch
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed, \
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in [folder, *sorted(folder.rglob("*"))]:
            tar.add(entry, entry.relative_to(OUTPUT), recursive=False, filter=plain)
    return path


def wheel(folder, version, epoch):
    """Builds the wheel with the folder inside the Python package."""
    source = OUTPUT / "python"
    shutil.copytree(ROOT / "Python", source, ignore=shutil.ignore_patterns("tests", "__pycache__", ".*"))
    shutil.copytree(folder, source / "zerolab/program")
    project = source / "pyproject.toml"
    project.write_text(project.read_text().replace('version = "0"', f'version = "{version}"'))
    environment = {"SOURCE_DATE_EPOCH": str(epoch), "PATH": f"{TOOLS}:/usr/bin:/bin"}
    output(TOOLS / "python", "-m", "build", "--wheel", "--no-isolation", "--outdir", OUTPUT, source, env=environment)
    built = OUTPUT / f"zerolab-{version}-py3-none-any.whl"
    name = output(TOOLS / "python", "-m", "wheel", "tags", "--remove", "--platform-tag", PLATFORM, built, env=environment)
    shutil.rmtree(source)
    return OUTPUT / name.strip().splitlines()[-1]


def main():
    epoch = int(output("git", "-C", ROOT, "log", "-1", "--format=%ct"))
    build()
    shutil.rmtree(OUTPUT, ignore_errors=True)
    prefix = OUTPUT / "prefix"
    subprocess.run([ROOT / "Scripts/install.sh", "install", prefix], check=True, stdout=sys.stderr,
                   env={**os.environ, "ZEROLAB_BUILD": str(BUILD / "release")})
    version = output(prefix / "bin/zerolab", "--version").strip()
    folder = OUTPUT / f"zerolab-{version}-linux-x86_64"
    prefix.rename(folder)
    (folder / "share/zerolab/installed").unlink()
    output("strip", "--strip-unneeded", folder / "bin/zerolab")
    paths = add_libraries(folder)
    add_fonts(folder)
    archives = [path for path in static_archives() if path.name != "libstdc++.a"]
    add_licenses(folder, [*paths, *archives, *FONTS, SYSTEM_LIBRARIES / "libstdc++.so.6"])
    newest = newest_symbols(folder)
    if newest > int(PLATFORM.split("_")[2]):
        sys.exit(f"dist.py: a file needs version 2.{newest} of the C library, which {PLATFORM} does not promise")
    for path in (archive(folder, epoch), wheel(folder, version, epoch)):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB")


main()
