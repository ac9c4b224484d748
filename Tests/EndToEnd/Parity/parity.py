#!/usr/bin/env python3
"""Compares zerolab with the reference notebook's pipeline in PyTorch and prints one table.

    make parity        (makes the Python environment and calls this script)

Both sides use the same seeds. Values without rounding must be equal. The allowed difference of other values depends on
the number of updates, over which rounding differences grow (see Documentation/Guides/Rounding.md). The exit code is 1 if
a line fails.
"""
import copy
import itertools
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy
import safetensors.torch
import torch

import peer
from comparison import FIRST_STEPS, MNIST, NORMAL_WEIGHTS, distance, finish, heading, line, subset, zerolab

FASHION = pathlib.Path("/usr/share/datasets/fashion-mnist")

# Allowed differences, relative unless stated otherwise.
EXACT_WEIGHTS = 0.0
DOUBLE_WEIGHTS = 1e-8  # both sides round double to single precision: few elements differ
ORTHOGONAL_WEIGHTS = 5e-6  # PyTorch's QR factorization in single precision
CANCELLATION = 4 * 2.0 ** -23  # relative to the terms' magnitudes: one rounding in each of four layers, where terms
#                                cancel
NEAR_ZERO = 1e-6  # relative to the terms' magnitudes: rounding decides the sign of the pre-activation
FIRST_LOSSES = 5e-3  # a hundred updates
DECAY_LOSSES = 1e-4  # sixty updates of a narrow network; a missing decay of the learning rate would cause 1e-2
ALL_LOSSES = 0.1  # an epoch, at single batches
# Four standard deviations of the difference between two PyTorch runs that differ only in rounding: 4.5 % and 20.5 images
# for a single run (make rounding), times √2, times four.
TEST_LOSS = 0.25
TEST_CORRECT = 116  # of 10 000, absolute
NEAR_TOLERANCE = 1e-9  # rounding may move a singular value this close to 1e-4 across the tolerance

ALLOWED_WEIGHTS = {"Orthogonal": ORTHOGONAL_WEIGHTS, "Random": NORMAL_WEIGHTS,
                   "XavierNormal": NORMAL_WEIGHTS, "Sinusoidal": DOUBLE_WEIGHTS,
                   "DCT": DOUBLE_WEIGHTS}
EVERY = ["ZerO", "ZerO_Paper_Scale", "Partial_Identity", "OnE", "Spray", "IDInit", "IDInit_Branch_End",
         "Sinusoidal", "DCT", "ConstAvg", "Zeros", "Random", "KaimingUniform",
         "XavierNormal", "XavierUniform", "Orthogonal"]


def forward(model, x, toggled=()):
    """The network's output with some ReLUs toggled, given as (layer, sample, unit).

    Also returns the ambiguous ReLUs, whose input is 0 up to rounding although its terms are not, and for each layer the
    mask of active ReLUs."""
    tied, masks = [], []
    for index, layer in enumerate(model.layers()[:-1]):
        z = layer(x)
        with torch.no_grad():
            bias = 0 if layer.bias is None else layer.bias.abs()
            terms = x.abs() @ layer.weight.abs().T + bias
            near = (z.abs() <= NEAR_ZERO * terms) & (terms > 0)
            tied += [(index, *place) for place in near.nonzero().tolist()]
            on = z > 0
            for _, sample, unit in (place for place in toggled if place[0] == index):
                on[sample, unit] = ~on[sample, unit]
        masks.append(on)
        x = z * on
    return torch.nn.functional.log_softmax(model.layers()[-1](x), dim=1), tied, masks


def exact_gradients(model, x, y, masks):
    """For each parameter, in double precision and with the same active ReLUs: the gradient, and the sum of the magnitudes
    of its terms."""
    double = copy.deepcopy(model).double()
    inputs = [x.double()]
    for layer, on in zip(double.layers(), masks):
        inputs.append(layer(inputs[-1]) * on)
    output = torch.nn.functional.log_softmax(double.layers()[-1](inputs[-1]), dim=1)
    names, parameters = zip(*double.named_parameters())
    gradients = torch.autograd.grad(torch.nn.functional.nll_loss(output, y), parameters)
    found = {name: [gradient] for name, gradient in zip(names, gradients)}
    with torch.no_grad():
        # A second backward pass with absolute values.
        delta = (output.exp() + torch.nn.functional.one_hot(y, output.shape[1])) / len(y)
        for index in reversed(range(len(inputs))):
            found[f"l{index + 1}.weight"].append(delta.T @ inputs[index].abs())
            if f"l{index + 1}.bias" in found:
                found[f"l{index + 1}.bias"].append(delta.sum(0))
            if index:
                delta = (delta @ double.layers()[index].weight.abs()) * masks[index - 1]
    return found


def nearest_gradients(model, x, y, ours):
    """The peer's loss and gradients with up to two ambiguous ReLUs toggled so that they are closest to zerolab's; also the
    remaining error, the number of toggled ReLUs, and the masks of active ReLUs."""
    names, parameters = zip(*model.named_parameters())
    best = None
    candidates = [()]
    for toggled in candidates:
        output, tied, masks = forward(model, x, toggled)
        loss = torch.nn.functional.nll_loss(output, y)
        gradients = dict(zip(names, torch.autograd.grad(loss, parameters)))
        whole = max(sum(gradient.double().norm() ** 2 for gradient in gradients.values()) ** 0.5, 1e-300)
        error = float(numpy.max([((ours[name].double() - gradient.double()).norm() / whole).item()
                                 for name, gradient in gradients.items()]))
        if best is None or error < best[2]:
            best = loss.item(), gradients, error, len(toggled), masks
        if error <= FIRST_STEPS:
            break
        if not toggled:
            candidates += [(place,) for place in tied]
            candidates += list(itertools.islice(itertools.combinations(tied, 2), 200))
    return best


def initial_weights(init, width, data):
    """Compares the initial weights of all layers at a width that is a power of two, or less than the number of pixels."""
    with tempfile.TemporaryDirectory() as folder:
        _, run = zerolab(folder, "--init", init, "--width", width, "--model-seed", 2 ** 40 + 5, "--data",
                         data, "--lr", 0, "--no-measure", "--save-model")
        ours = safetensors.torch.load_file(run / "model.safetensors")
    theirs = dict(peer.MLP(init, width, 0.01, 2 ** 40 + 5).named_parameters())
    line(f"{init} {width}, seed 2^40 + 5: initial weights", "", "",
         float(numpy.max([distance(ours[name], value.data) for name, value in theirs.items()])),
         ALLOWED_WEIGHTS.get(init, EXACT_WEIGHTS))


def first_steps(init, bias, data):
    """Compares initial weights, and losses, gradients and weights of three updates, each starting from equal weights.

    The error of a tensor's gradient is relative to the norm of the whole gradient: with Spray, some gradients are
    differences of nearly equal numbers and consist of rounding errors on both sides. Each gradient is also compared with
    double precision by itself. There the allowed relative error is 1e-5 or, where terms cancel, four roundings relative
    to their magnitudes. The width exceeds the number of pixels and is no power of two.
    """
    label = f"{init}, {'bias' if bias else 'no bias'}"
    options = ["--init", init, "--width", 900, "--model-seed", 7, "--data", data, "--log-interval", 1,
               "--no-measure", "--trace", 3] + (["--bias", bias] if bias else ["--no-bias"])
    with tempfile.TemporaryDirectory() as folder:
        _, still = zerolab(folder, *options, "--lr", 0, "--save-model")
        start = safetensors.torch.load_file(still / "model.safetensors")
    with tempfile.TemporaryDirectory() as folder:
        _, run = zerolab(folder, *options)
        trace = safetensors.torch.load_file(run / "trace.safetensors")
    model = peer.MLP(init, 900, bias, 7)
    weights = dict(model.named_parameters())
    line(f"{label}: initial weights", "", "", max(distance(start[k], v.data) for k, v in weights.items()),
         ALLOWED_WEIGHTS.get(init, EXACT_WEIGHTS))

    states = [start] + [{name: trace[f"{k}.{name}"] for name in start} for k in range(3)]
    found = {"losses": [], "gradients": [], "weights": []}
    excess = []  # for each gradient: its error relative to the allowed error
    updates, switched = 0, 0

    def compare(x, y):
        nonlocal updates, switched
        before, after = states[updates], states[updates + 1]
        model.load_state_dict(before)
        ours = {name: trace[f"{updates}.{name}.gradient"] for name in start}
        loss, gradients, error, toggled, masks = nearest_gradients(model, x, y, ours)
        found["losses"].append(abs(trace[f"{updates}.loss"].item() - loss) / loss)
        found["gradients"].append(error)
        for name, gradient in gradients.items():
            found["weights"].append(distance(after[name], before[name] - 0.1 * gradient))
        for name, (exact, terms) in exact_gradients(model, x, y, masks).items():
            allowed = max(FIRST_STEPS * exact.norm().item(), CANCELLATION * terms.norm().item())
            error = (ours[name].double() - exact).norm().item()
            excess.append(error / allowed if allowed else math.inf if error else 0.0)
        updates, switched = updates + 1, switched + toggled

    for _ in peer.train(model, data, before=compare):
        if updates == 3:
            break
    assert updates == 3, updates
    for what, values in found.items():
        note = f", {switched} ReLUs toggled" if switched and what == "gradients" else ""
        line(f"{label}: {what} of the first 3 updates{note}", "", "",
             float(numpy.max(values)), FIRST_STEPS)
    line(f"{label}: largest error of a gradient, relative to the allowed error", "", "",
         float(numpy.max(excess)), 1.0)


def whole_run(label, init, width, bias=0.01, data=MNIST, epochs=1, batch_size=64, step_size=12,
              horizon=FIRST_LOSSES):
    """Compares losses and test passes of a whole run, and tests the saved model in PyTorch."""
    name = {FASHION: "fashion-mnist", MNIST: "mnist"}.get(data, data)
    options = ["--init", init, "--width", width, "--model-seed", 3, "--data", name, "--epochs", epochs,
               "--batch-size", batch_size, "--step-size", step_size]
    options += ["--bias", bias] if bias else ["--no-bias"]
    with tempfile.TemporaryDirectory() as folder:
        rows, run = zerolab(folder, *options, "--log-interval", 1, "--no-measure", "--save-model")
        saved = safetensors.torch.load_file(run / "model.safetensors")
    steps = [row for row in rows if row["kind"] == "train"]
    test = [row for row in rows if row["kind"] == "test"][-1]
    model = peer.MLP(init, width, bias, 3)
    events = list(peer.train(
        model, data, batch_size=batch_size, epochs=epochs, step_size=step_size))
    peers = [event for event in events if event[0] == "step"]
    _, peer_loss, peer_correct, _ = events[-1]
    assert len(steps) == len(peers), (len(steps), len(peers))
    rates = [0.1 * 0.7 ** ((row["epoch"] - 1) // step_size) for row in steps]
    line(f"{label}: learning rates", "", "",
         float(numpy.max(numpy.abs(numpy.array([row["learning_rate"] for row in steps]) - rates))), 1e-16)
    errors = [abs(ours["loss"] - theirs[1]) / theirs[1] for ours, theirs in zip(steps, peers)]
    line(f"{label}: losses of updates 1 to {min(100, len(errors))}", "", "", float(numpy.max(errors[:100])), horizon)
    line(f"{label}: median difference of all {len(errors)} losses", "", "",
         float(numpy.median(errors)), ALL_LOSSES)
    line(f"{label}: test loss", f"{peer_loss:.5f}", f"{test['loss']:.5f}",
         abs(test["loss"] - peer_loss) / peer_loss, TEST_LOSS)
    line(f"{label}: correct test images", peer_correct, test["correct"],
         abs(test["correct"] - peer_correct), TEST_CORRECT)

    model.load_state_dict(saved)
    loader = torch.utils.data.DataLoader(peer.read(data, "t10k"), batch_size=1000)
    loss, correct = peer.evaluate(model, loader)
    line(f"{label}: saved model in PyTorch, test loss", f"{loss:.5f}", f"{test['loss']:.5f}",
         abs(test["loss"] - loss) / loss, FIRST_STEPS)
    line(f"{label}: saved model in PyTorch, correct test images", correct, test["correct"],
         abs(test["correct"] - correct), 0)


def ranks(init, width):
    """Compares ranks with NumPy's for the same weights, at three updates of a run."""
    with tempfile.TemporaryDirectory() as folder:
        rows, run = zerolab(folder, "--init", init, "--width", width, "--model-seed", 3,
                            "--log-interval", 400, "--trace", 4)
        trace = safetensors.torch.load_file(run / "trace.safetensors")
    with tempfile.TemporaryDirectory() as folder:
        _, still = zerolab(folder, "--init", init, "--width", width, "--model-seed", 3, "--lr", 0,
                           "--no-measure", "--save-model")
        start = safetensors.torch.load_file(still / "model.safetensors")["l3.weight"].double()
    for k, row in enumerate(row for row in rows if row["kind"] == "train"):
        after = trace[f"{k}.l3.weight"].double()
        for quantity, origin in (("rank", torch.eye(width).double()), ("rank_from_start", start)):
            difference = (after - origin).numpy()
            theirs = int(numpy.linalg.matrix_rank(difference, tol=1e-4))
            ours = row[quantity]["l3.weight"]
            values = numpy.linalg.svd(difference, compute_uv=False)
            near = int((abs(values - 1e-4) < NEAR_TOLERANCE).sum())
            line(f"{init} {width}: {quantity} after {row['iteration'] + 1} updates, by NumPy", theirs, ours,
                 abs(theirs - ours), near)
        bias = peer.rank(trace[f"{k}.l3.bias"])
        line(f"{init} {width}: rank of the bias after {row['iteration'] + 1} updates", bias,
             row["rank"]["l3.bias"], abs(bias - row["rank"]["l3.bias"]), 0)


def one_weight(rows, columns, seed):
    """Compares `zerolab init` with kaiming_normal_ element by element."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "w.npy"
        subprocess.run([sys.argv[1], "init", "--init", "Random", "--shape", f"{rows}x{columns}", "--seed",
                        str(seed), "--out", file], check=True, stdout=subprocess.DEVNULL)
        ours = numpy.load(file).astype(float)
    torch.manual_seed(seed)
    theirs = torch.nn.init.kaiming_normal_(torch.empty(rows, columns)).double().numpy()
    line(f"init Random {rows}x{columns}, seed {seed}: largest relative difference of an element", "", "",
         float(numpy.max(numpy.abs(ours - theirs) / numpy.abs(theirs))), NORMAL_WEIGHTS)


heading()
for rows, columns, seed in ((100, 30, 1), (3, 4, 1), (1, 1, 1), (7, 5, 1), (33, 17, 2 ** 32 + 3)):
    one_weight(rows, columns, seed)
with tempfile.TemporaryDirectory() as folder:
    small = pathlib.Path(folder)
    subset(small, 192, 100)
    for init in EVERY:
        for width in (64, 2048):
            initial_weights(init, width, small)
        for bias in (0.01, None):
            # Without bias, each unit of IDInit_Branch_End is the difference of two pixels: more than a thousand ambiguous
            # ReLUs per batch, too many to try.
            if init != "IDInit_Branch_End" or bias:
                first_steps(init, bias, small)
    few = small / "few"
    few.mkdir()
    subset(few, 1280, 1000)
    # Only 60 updates, so that rounding differences cannot hide a wrong learning rate.
    whole_run("Random 64, 3 epochs of 20 updates, decay after each", "Random", 64, data=few, epochs=3,
              step_size=1, horizon=DECAY_LOSSES)
for init, width in (("Partial_Identity", 256), ("ZerO", 1024), ("Random", 256)):
    ranks(init, width)
whole_run("ZerO 64", "ZerO", 64)
whole_run("Partial_Identity 256, no bias", "Partial_Identity", 256, bias=None)
whole_run("ZerO 1024", "ZerO", 1024)
whole_run("Random 256", "Random", 256)
whole_run("OnE 64, 3 epochs, decay after 2", "OnE", 64, epochs=3, step_size=2)
whole_run("Spray 64, batches of 100", "Spray", 64, batch_size=100)
whole_run("Partial_Identity 64, batches of 37", "Partial_Identity", 64, batch_size=37)
whole_run("ZerO 64, Fashion-MNIST", "ZerO", 64, data=FASHION)
finish()
