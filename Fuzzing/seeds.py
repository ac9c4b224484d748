#!/usr/bin/env python3
"""Honest files for the fuzzer to begin from: seeds.py FOLDER"""
import gzip
import io
import json
import pathlib
import struct
import sys
import zipfile

folder = pathlib.Path(sys.argv[1])
experiments = pathlib.Path(__file__).parents[1] / "Sources/Experiments/BuiltIn"


def write(target, name, contents):
    (folder / target).mkdir(parents=True, exist_ok=True)
    (folder / target / name).write_bytes(contents)


def idx(*extents):
    count = 1
    for extent in extents:
        count *= extent
    return struct.pack(f">HBB{len(extents)}I", 0, 8, len(extents), *extents) + bytes(
        i % 251 for i in range(count))


def npy(header, values, version=1):
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header.encode() + values


def safetensors(header, values):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + values


write("idx", "images", idx(3, 4, 5))
write("idx", "labels", idx(7))
write("idx", "images.gz", gzip.compress(idx(3, 4, 5), mtime=0))
write("gzip", "labels", gzip.compress(idx(7), mtime=0)[2:])
write("gzip", "two-members", (gzip.compress(idx(300)[:100], mtime=0) + gzip.compress(idx(300)[100:], mtime=0))[2:])
for version in (1, 2):
    write("npy", f"matrix-{version}", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n",
                                          bytes(24), version))
write("npy", "columns", npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3, 1), }\n", bytes(24)))
for name, method in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as members:
        members.writestr(zipfile.ZipInfo("a.npy"), npy(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", bytes(24)))
        members.writestr(zipfile.ZipInfo("b.npy"), npy(
            "{'descr': '<f2', 'fortran_order': True, 'shape': (5,), }\n", bytes(10)))
    write("npz", name, archive.getvalue())
write("safetensors", "two", safetensors(
    {"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]},
     "b\u00e9": {"dtype": "F16", "shape": [3], "data_offsets": [8, 14]}}, bytes(14)))
write("safetensors", "empty", safetensors({}, b""))
for file in experiments.glob("*.yaml"):
    write("yaml", file.stem, file.read_bytes())
write("yaml", "sweep", b"""name: sweep
question: "How far?"
training: {epochs: 2, bias: none}
runs:
  - &base {init: [ZerO, Random], width: [8, 16], depth: 2, seed: 3, repeat: 4}
  - {init: OnE, width: 9, learning_rate: [0.1, 1.0e-3]}
figure: [{name: one, quantity: rank, tensor: l3.weight, label: "{init}"},
         {name: two, quantity: rank, tensor: l4.weight, label: "{width}", lines: [{label: l, y: 5}]}]
claims: [{runs: {width: [8, 16]}, tensor: l4.weight, quantity: rank, exceeds: 3}]
""")
