#!/usr/bin/env python3
"""Honest files for the fuzzer to begin from: seeds.py FOLDER"""
import base64
import gzip
import io
import json
import pathlib
import struct
import sys
import zipfile

folder = pathlib.Path(sys.argv[1])
experiments = pathlib.Path(__file__).parents[1] / "Sources/Lab/Experiments/BuiltIn"


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

# Files that PyTorch has written, and their pickles.
golden = pathlib.Path(__file__).parents[1] / "Tests/TestSupport/Golden/torch_files.json"
for file in json.loads(golden.read_text()):
    contents = base64.b64decode(file["contents"])
    write("pytorch", file["name"], contents)
    if contents.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(contents)) as members:
            pickle = next(name for name in members.namelist() if name.endswith("/data.pkl"))
            write("pickle", file["name"], members.read(pickle))


def model(name, tensors, **metadata):
    """A model for ranks and new weights: (type, shape) by name, the values small and all different."""
    sizes = {"BOOL": 1, "U8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "BF16": 2, "F16": 2, "I64": 8, "F64": 8}
    header, values = {"__metadata__": metadata} if metadata else {}, b""
    for key, (kind, shape) in tensors.items():
        count = 1
        for dimension in shape:
            count *= dimension
        if kind == "F32":
            data = b"".join(struct.pack("<f", 0.25 + (7 * i % 11) / 8 - i % 3) for i in range(count))
        else:
            data = bytes((5 * i) % 60 for i in range(count * sizes.get(kind, 4)))
        header[key] = {"dtype": kind, "shape": shape, "data_offsets": [len(values), len(values) + len(data)]}
        values += data
    contents = safetensors(header, values)
    write("rank", name, contents)
    write("init", name, contents)


types = ["BOOL", "U8", "I64", "F8_E4M3", "F8_E5M2", "F8_E8M0", "BF16", "F16", "F32", "F64"]
model("types", {kind: (kind, [3, 2]) for kind in types})
model("shapes", {"": ("F32", []), "a": ("F32", [0]), "b": ("F32", [0, 1 << 62]), "c": ("F32", [1 << 62, 0, 3]),
                 "d.weight": ("F32", [2, 3, 1, 2]), "e": ("F32", [1, 1, 1, 1, 2, 2]), "f": ("F32", [1, 9])})
model("names", {"a\r\nb.weight": ("F32", [2, 2]), "=cmd": ("F32", [2, 2]), "l[0].w": ("F32", [2, 2]), "\0": ("F32", [2, 2]),
                "\u202e\u0301": ("F32", [2, 2]), "\U0001f468\u200d\U0001f469": ("F32", [2, 2]), "_orig_mod.x": ("F32", [2, 2])})
model("resnet", {"conv1.weight": ("F32", [4, 3, 3, 3]), "bn1.weight": ("F32", [4]), "bn1.running_var": ("F32", [4]),
                 "layer1.0.conv2.weight": ("F32", [4, 4, 3, 3]), "layer1.0.bn2.weight": ("F32", [4]), "fc.weight": ("F32", [2, 4])})
model("llama", {"model.embed_tokens.weight": ("F16", [5, 4]), "lm_head.weight": ("F16", [5, 4])} | {
    f"model.layers.0.{part}.weight": ("F16", [4, 4])
    for part in ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.down_proj")})
model("gpt2", {"wte.weight": ("F32", [5, 4]), "h.0.attn.c_attn.weight": ("F32", [4, 12]), "h.0.attn.c_proj.weight": ("F32", [4, 4]),
               "h.0.ln_1.weight": ("F32", [4]), "h.0.mlp.c_proj.weight": ("F32", [16, 4])})
model("others", {"c.weight_g": ("F32", [4, 1, 1]), "c.weight_v": ("F32", [4, 2, 3]), "m.A_log": ("F32", [4, 2]),
                 "d.parametrizations.weight.original0": ("F32", [1, 1, 3]), "d.parametrizations.weight.original1": ("F32", [4, 2, 3]),
                 "mlp.experts.gate_up_proj": ("F32", [2, 3, 4]), "up.weight": ("F32", [4, 2, 2, 2]), "up.bias": ("F32", [2]),
                 "lora_up.weight": ("F32", [4, 2]), "prelu.weight": ("F32", [4]), "gru.weight_ih_l0": ("F32", [6, 2])})
model("keras", {"conv/kernel:0": ("F32", [3, 3, 2, 4]), "bn/gamma:0": ("F32", [4]), "query/kernel": ("F32", [4, 2, 2])}, format="mlx")


def records(name, status, rows, **settings):
    """The parts of a run's folder: 32 images in batches of 16, two updates and a test pass."""
    plan = dict(data="x", init="ZerO", width=4, depth=1, model_seed=0, seed=1, epochs=1, batch_size=16, test_batch_size=1000,
                learning_rate=0.1, gamma=0.7, step_size=12, bias=0.01, ties="dense", measure_every=50,
                quantities=["rank", "rank_from_start"], snapshots=3) | settings
    provenance = dict(blas_kernel="Haswell", blas_library="OpenBLAS", c_library="glibc", commit="unknown", compiler="Swift",
                      cores=2, processor="p", threads=1, started="2026-01-01T00:00:00Z", ended="2026-01-01T00:00:01Z",
                      data=dict(name="x", class_count=3, counts=[32, 8], input_dimension=4, sha256={}))
    parts = [json.dumps(plan), json.dumps(provenance), json.dumps(status), "".join(json.dumps(row) + "\n" for row in rows)]
    write("records", name, "\n---\n".join(parts).encode())


def update(step):
    return dict(kind="train", epoch=1, iteration=step, step=step, samples=16 * step, learning_rate=0.1, loss=1.5,
                running_accuracy=12.5, rank={"l3.weight": step, "l3.bias": 3}, rank_from_start={"l3.weight": step})


snapshot = dict(kind="snapshot", tensor="l3.weight", updates=0, shape=[4, 4],
                map=dict(rows=2, columns=2, values=[1, 0, 0, 1]),
                spectra=dict(identity=dict(singular_values=[1, 0.5, 0, 0], rank=2, tolerance=1e-4, smallest_above=0.5,
                                           largest_below=0, stable_rank=1.25, effective_rank=1.9)))
test = dict(kind="test", epoch=1, loss=1.25, correct=3, total=8)
rows = [dict(kind="ceiling", tensors={"l3.weight": 4}, from_identity=["l3.weight"]), snapshot, update(0), update(1), test]
records("done", dict(status="done", seconds=1.5), rows)
records("running", dict(status="running"), rows[:3])
records("failed", dict(status="failed", message="no", metrics=dict(rows=1, bytes=9, sha256="00")), rows[:1], bias=None)
for name, text in (("stars", b"layers.*.w[0-9]*****alayers.1.w3"), ("escaped", b"a\\[0]a[0]"), ("wide", "日本語\ta\u0300".encode())):
    write("name", name, text)
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
golden = json.loads((pathlib.Path(__file__).parents[1] / "Tests/TestSupport/Golden/image_files.json").read_text())
for target, files in (("image", golden["images"] + golden["refused"]), ("keras", golden["arrays"])):
    for file in files:
        write(target, file["name"], base64.b64decode(file["bytes"]))
