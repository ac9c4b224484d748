#!/usr/bin/env python3
"""Compares zerolab rank --over-steps with NumPy and PyTorch on a series of checkpoints: results, time and memory.

    make bench-series        (installs PyTorch and calls this script)
    series.py ZEROLAB [--short]

The script writes 20 checkpoints with the shapes of Pythia-70M (26 matrices, 70 million parameters, single precision), 5.6 GB
as .pt and as much as .safetensors, in a temporary folder. The weights are random, with changes of low rank between steps.

1. Results: every rank and energy rank equals the other program's, every other quantity to a relative error of 1e-4.
2. Speed: zerolab runs alternately with the program, once with NumPy's SVD and once with PyTorch's, as whole processes; the
   speed-up is the median of three pairs.
3. Format: .pt against .safetensors, alternately, median of three pairs.
4. Growth: the time of 5, 10 and 20 checkpoints, as the exponent of a power law.
5. Memory: the peak is at most 2 times the largest tensor in double precision, plus 100 MB: the start, the weight and the
   weight before in single precision, blocks of the difference, and the program with OpenBLAS's buffers.

Both programs compute in double precision, and neither has results of an earlier run. The exit code is 1 if a line fails.
--short uses two layers of a quarter of the width, six checkpoints and one pair, and requires no speed.
"""
import json
import math
import multiprocessing
import pathlib
import shutil
import statistics
import sys
import tempfile

import sides
from sides import HERE, SHORT, ZEROLAB

WIDTH, LAYERS, VOCABULARY = (128, 2, 2048) if SHORT else (512, 6, 50304)
CHECKPOINTS = 6 if SHORT else 20
PAIRS = 1 if SHORT else 3
TIMES_FASTER, FORMAT_RATIO, GROWTH = {"numpy": 5, "torch": 4}, 1.3, 1.15
LARGEST_MATRICES, CONSTANT_MEMORY = 2, 100e6
ERROR = 1e-4


def shapes():
    """The shapes of Pythia-70M by name."""
    found = {"gpt_neox.embed_in.weight": (VOCABULARY, WIDTH)}
    for layer in range(LAYERS):
        prefix = f"gpt_neox.layers.{layer}."
        found |= {f"{prefix}attention.query_key_value.weight": (3 * WIDTH, WIDTH),
                  f"{prefix}attention.query_key_value.bias": (3 * WIDTH,),
                  f"{prefix}attention.dense.weight": (WIDTH, WIDTH), f"{prefix}attention.dense.bias": (WIDTH,),
                  f"{prefix}mlp.dense_h_to_4h.weight": (4 * WIDTH, WIDTH), f"{prefix}mlp.dense_h_to_4h.bias": (4 * WIDTH,),
                  f"{prefix}mlp.dense_4h_to_h.weight": (WIDTH, 4 * WIDTH), f"{prefix}mlp.dense_4h_to_h.bias": (WIDTH,)}
        found |= {f"{prefix}{norm}.{part}": (WIDTH,) for norm in ("input_layernorm", "post_attention_layernorm")
                  for part in ("weight", "bias")}
    return found | {"gpt_neox.final_layer_norm.weight": (WIDTH,), "gpt_neox.final_layer_norm.bias": (WIDTH,),
                    "embed_out.weight": (VOCABULARY, WIDTH)}


def write(folder):
    """Writes the series in both formats. Each step adds a change of rank 8 and a small one of full rank.

    Runs in a process of its own: the peak memory of a program that is started counts that of the process that starts it."""
    import torch
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(1)
    state = {name: 0.02 * torch.randn(shape, generator=generator) for name, shape in shapes().items()}
    for kind in ("pt", "safetensors"):
        (folder / kind).mkdir()
    for place in range(CHECKPOINTS):
        torch.save(state, folder / "pt" / f"step{1000 * place}.pt")
        save_file(state, folder / "safetensors" / f"step{1000 * place}.safetensors")
        for name, tensor in state.items():
            if tensor.dim() == 2:
                rows, columns = tensor.shape
                change = torch.randn(rows, 8, generator=generator) @ torch.randn(8, columns, generator=generator)
                tensor += 1e-3 * change + 1e-5 * torch.randn(rows, columns, generator=generator)


def zerolab(folder, kind, count=CHECKPOINTS, keep=None):
    """Runs zerolab on the first checkpoints; returns its time and its peak memory in bytes."""
    out = folder / "ranks"
    _, seconds, memory = sides.output(
        ZEROLAB, "rank", folder / kind, "--over-steps", "--minus", "first", "--whole", "--only-steps",
        f"0-{1000 * (count - 1)}", "--out", out, "--quiet")
    if keep:
        shutil.move(out / "ranks.jsonl", keep)
    shutil.rmtree(out)
    return seconds, memory * 2 ** 20


def peer(folder, library, kind="pt", keep=None):
    """Runs the other program with a library's SVD; returns its time and its peak memory in bytes."""
    files = [folder / kind / f"step{1000 * place}.{kind}" for place in range(CHECKPOINTS)]
    output = keep or folder / "peer.jsonl"
    script = f"exec '{sys.executable}' '{HERE / 'numpy_series.py'}' \"$@\" > '{output}'"
    _, seconds, memory = sides.output("sh", "-c", script, "peer", library, *files)
    return seconds, memory * 2 ** 20


def line(what, passed, outcome):
    sides.failures += not passed
    print(f"{what:58} {outcome:50} {'ok' if passed else 'OUT'}", flush=True)


def compare(ours, theirs):
    """Compares the results of both programs row by row."""
    mine = {(row["step"] // 1000, row["matrix"]): row for row in map(json.loads, ours.read_text().splitlines())}
    peers = {(row["place"], row["matrix"]): row for row in map(json.loads, theirs.read_text().splitlines())}
    line("the programs have the same rows", mine.keys() == peers.keys(), f"{len(mine)} and {len(peers)}")
    differing, largest = 0, 0.0
    for place in mine.keys() & peers.keys():
        for key, value in peers[place].items():
            if key in ("rank", "energy_rank_90", "energy_rank_99"):
                differing += mine[place][key] != value
            elif isinstance(value, float):
                largest = max(largest, abs(mine[place].get(key, math.inf) - value) / max(abs(value), 1e-30))
    line("ranks and energy ranks are equal", differing == 0, f"{differing} differ")
    line("other quantities", largest <= ERROR, f"largest relative error {largest:.1e}")


def ratios(first, second):
    """The second program's time over the first's, in alternating pairs, and the median times."""
    pairs = [(first()[0], second()[0]) for _ in range(PAIRS)]
    found = sorted(their / our for our, their in pairs)
    mine, other = (statistics.median(side) for side in zip(*pairs))
    return statistics.median(found), f"{mine:.2f} s, {other:.2f} s: {statistics.median(found):.2f} ({found[0]:.2f} to {found[-1]:.2f})"


def main():
    with tempfile.TemporaryDirectory(prefix="zerolab-series-") as temporary:
        folder = pathlib.Path(temporary)
        writer = multiprocessing.get_context("spawn").Process(target=write, args=(folder,))
        writer.start()
        writer.join()
        if writer.exitcode:
            sys.exit("the series could not be written")
        _, memory = zerolab(folder, "pt", keep=folder / "ours.jsonl")
        _, their_memory = peer(folder, "numpy", keep=folder / "theirs.jsonl")
        compare(folder / "ours.jsonl", folder / "theirs.jsonl")
        largest = 8 * max(math.prod(shape) for shape in shapes().values())
        allowed = LARGEST_MATRICES * largest + CONSTANT_MEMORY
        line("peak memory: zerolab, program with NumPy", memory <= allowed,
             f"{memory / 1e6:.0f} MB, {their_memory / 1e6:.0f} MB; allowed {allowed / 1e6:.0f} MB")
        for library, required in TIMES_FASTER.items():
            ratio, outcome = ratios(lambda: zerolab(folder, "pt"), lambda: peer(folder, library))
            line(f"{CHECKPOINTS} checkpoints: zerolab, program with {library}", SHORT or ratio >= required,
                 f"{outcome}, required {required}")
        ratio, outcome = ratios(lambda: zerolab(folder, "safetensors"), lambda: zerolab(folder, "pt"))
        line("zerolab: .safetensors, .pt", SHORT or ratio <= FORMAT_RATIO, f"{outcome}, allowed {FORMAT_RATIO}")
        if not SHORT:
            counts = [5, 10, 20]
            times = [statistics.median(zerolab(folder, "pt", count)[0] for _ in range(PAIRS)) for count in counts]
            exponent = math.log2(times[2] / times[1])
            line("zerolab: 5, 10, 20 checkpoints", exponent <= GROWTH,
                 f"{', '.join(f'{value:.2f} s' for value in times)}: exponent {exponent:.2f}, allowed {GROWTH}")
    sides.conclude()


if __name__ == "__main__":
    main()
