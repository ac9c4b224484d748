#!/usr/bin/env python3
"""Compares zerolab's models and optimizers with PyTorch's and prints one table.

    make parity        (makes the Python environment and calls this script)

A line is one run. Its difference is the largest of the first four updates: of losses, gradients, weights and states of the
optimizer, in single precision. Each update starts from zerolab's weights and states. PyTorch's optimizer gets the gradients
of zerolab once they are compared, so that Adam enlarges their rounding differences less (see ADAM_FIRST_WEIGHTS).

In a negative control, one setting of PyTorch's side is wrong on purpose; the difference must exceed the allowed one. The
exit code is 1 if a line fails.
"""
import collections
import functools
import itertools
import math
import pathlib
import tempfile

import numpy
import safetensors.torch
import torch

import peer
from comparison import FIRST_STEPS, NORMAL_WEIGHTS, distance, finish, heading, line, subset, zerolab

UPDATES = 4  # that are compared
WIDTH, DEPTH, SEED = 48, 4, 3
IMAGES, BATCH_SIZE = 400, 64  # seven updates per epoch; the last batch is smaller
NEAR_ZERO = 1e-6  # relative to the largest input of a layer's ReLUs: rounding decides the sign
# Allowed differences, relative.
WEIGHT_ROUNDING = 2.0 ** -23  # of weights after an update, to the weights: each side rounds them once
# Of weights after the first update of Adam, to their change, lr·g/(|g| + 1e-8): where the terms of g cancel, rounding decides
# it, and clipping and weight decay round g once more. Such elements are few, but each of them changes as much as any other.
# This is three times the largest of 245 runs (five initial seeds, seven models). Later updates also depend on the earlier
# gradients of an element; in all but one of these runs they differed by less than 3e-6.
ADAM_FIRST_WEIGHTS = 2e-4
RATES = 1e-15  # to the largest rate: PyTorch computes each one from the one before

# Settings of models and optimizers are zerolab's options and mostly PyTorch's arguments too.
PLAIN = {"activation": "relu", "norm": "none"}
LAYER = {"activation": "gelu", "norm": "layer", "residual": True}
RMS = {"activation": "tanh", "norm": "rms"}
ZEROS = LAYER | {"init_rule": "*.last.weight=Zeros"}
OPTIMIZERS = {
    "sgd, decay": {"weight_decay": 0.1},
    "sgd, clip": {"clip": 0.5},
    "sgd, label smoothing": {"label_smoothing": 0.1},
    "sgd, cosine": {"schedule": "cosine"},
    "sgd, momentum": {"momentum": 0.9},
    "sgd, momentum, warm-up": {"momentum": 0.9, "warmup": 3},
    "sgd, momentum, decay, clip": {"momentum": 0.9, "weight_decay": 0.1, "clip": 0.5},
    "sgd, Nesterov": {"momentum": 0.9, "nesterov": True},
    "sgd, Nesterov, decay": {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    "adam": {"optimizer": "adam"},
    "adam, decay": {"optimizer": "adam", "weight_decay": 0.1},
    "adam, decay, clip": {"optimizer": "adam", "weight_decay": 0.1, "clip": 0.5},
    "adamw": {"optimizer": "adamw"},
    "adamw, decay 0.1": {"optimizer": "adamw", "weight_decay": 0.1},
    "adamw, everything": {
        "optimizer": "adamw", "clip": 0.5, "schedule": "cosine", "warmup": 3, "label_smoothing": 0.1},
}
EVERYTHING = "adamw, everything"


class ReLU(torch.nn.Module):
    """ReLU that remembers the ambiguous inputs, which are 0 up to rounding, and can toggle one of them."""

    toggled = None

    def forward(self, x):
        on = x > 0
        self.ambiguous = (x.abs() <= NEAR_ZERO * x.abs().max()).nonzero().tolist()
        if self.toggled:
            on[tuple(self.toggled)] ^= True
        return x * on


ACTIVATIONS = {"relu": ReLU, "tanh": torch.nn.Tanh, "gelu": torch.nn.GELU, "silu": torch.nn.SiLU,
               "gelu_tanh": functools.partial(torch.nn.GELU, approximate="tanh"), "identity": torch.nn.Identity}
NORMS = {"none": lambda width, **_: torch.nn.Identity(), "layer": torch.nn.LayerNorm, "rms": torch.nn.RMSNorm}


class Block(torch.nn.Module):
    """A residual block: h + V·f(W·N(h) + b) + c."""

    def __init__(self, f, norm, linear):
        super().__init__()
        self.norm, self.first, self.f, self.last = norm(), linear(WIDTH, WIDTH), f(), linear(WIDTH, WIDTH)

    def forward(self, h):
        return h + self.last(self.f(self.first(self.norm(h))))


def network(activation, norm, residual=False, init_rule=None, bias=0.01, **norm_options):
    """784 → 784 → n_h → … → n_h → 10, with the names and initial weights of zerolab."""
    torch.manual_seed(SEED)
    f, linear = ACTIVATIONS[activation], functools.partial(torch.nn.Linear, bias=bias != "none")
    make_norm = functools.partial(NORMS[norm], WIDTH, **norm_options)
    layers = {"l1": linear(784, 784), "f1": f(), "l2": linear(784, WIDTH), "f2": f()}
    if residual:
        layers["blocks"] = torch.nn.Sequential(*(Block(f, make_norm, linear) for _ in range(DEPTH // 2)))
        layers |= {"norm": make_norm(), "head": linear(WIDTH, 10)}
    else:
        for k in range(3, DEPTH + 3):
            layers |= {f"norm{k}": make_norm(), f"l{k}": linear(WIDTH, WIDTH), f"f{k}": f()}
        layers[f"l{DEPTH + 3}"] = linear(WIDTH, 10)
    model = torch.nn.Sequential(collections.OrderedDict(layers))
    for name, layer in model.named_modules():
        if isinstance(layer, torch.nn.Linear):
            init = "Zeros" if init_rule and name.endswith(".last") else "Random"
            layer.weight.data = peer.weight(init, *layer.weight.shape, None)
            if layer.bias is not None:
                torch.nn.init.constant_(layer.bias, bias)
    return model


def optimizer_of(parameters, settings):
    """PyTorch's optimizer, with PyTorch's defaults except for the learning rate of SGD."""
    names = ("lr", "momentum", "nesterov", "weight_decay", "betas", "eps")
    chosen = {name: settings[name] for name in names if name in settings}
    if settings.get("optimizer", "sgd") == "sgd":
        return torch.optim.SGD(parameters, **({"lr": 0.1} | chosen))
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[settings["optimizer"]](parameters, **chosen)


def clip_gradients(parameters, largest):
    """PyTorch's clip_grad_norm_, with a norm in double precision: in single precision, PyTorch's norm of the 614 656 elements of
    l1.weight has a relative error of up to 8e-6."""
    norm = torch.nn.utils.get_total_norm([parameter.grad.double() for parameter in parameters])
    torch.nn.utils.clip_grads_with_norm_(parameters, largest, norm)


def schedule_of(optimizer, settings, updates):
    """PyTorch's schedule, which is stepped after every update."""
    schedules, warmup = torch.optim.lr_scheduler, settings.get("warmup", 0)
    parts = [schedules.LinearLR(optimizer, 1 / warmup, total_iters=warmup - 1)] if warmup else []
    if settings.get("schedule") == "cosine":
        parts.append(schedules.CosineAnnealingLR(optimizer, updates - warmup))
    else:
        parts.append(schedules.ConstantLR(optimizer, factor=1))
    return schedules.SequentialLR(optimizer, parts, [warmup]) if warmup else parts[0]


def options(settings):
    """Settings as options of zerolab."""
    pairs = [(f"--{key.replace('_', '-')}", value) for key, value in settings.items()]
    return [text for key, value in pairs for text in ([key] if value is True else [key, value])]


def train(data, *more):
    """Trains one run of zerolab; returns its rows and its trace."""
    with tempfile.TemporaryDirectory() as folder:
        rows, run = zerolab(
            folder, "--init", "Random", "--model-seed", SEED, "--width", WIDTH, "--depth", DEPTH, "--batch-size", BATCH_SIZE,
            "--log-interval", 1, "--no-measure", "--snapshots", 0, "--trace", UPDATES, "--data", data, *more)
        return [row for row in rows if row["kind"] == "train"], safetensors.torch.load_file(run / "trace.safetensors")


def initial_weights(data, model):
    """All parameters of zerolab before training."""
    _, trace = train(data, *options(model), "--lr", 0)
    return {name[2:]: value for name, value in trace.items()
            if name.startswith("0.") and name != "0.loss" and not name.endswith(".gradient")}


def nearest_gradients(model, x, y, smoothing, ours):
    """The peer's loss and gradients, with one ambiguous ReLU toggled if they are closer to zerolab's then; also the distances of
    zerolab's gradients, by parameter, and whether a ReLU is toggled."""
    names, parameters = zip(*model.named_parameters())
    relus = [module for module in model.modules() if isinstance(module, ReLU)]
    best, least, candidates = None, math.inf, [None]
    for place in candidates:
        for relu in relus:
            relu.toggled = place[1] if place and place[0] is relu else None
        loss = torch.nn.functional.cross_entropy(model(x), y, label_smoothing=smoothing)
        gradients = dict(zip(names, torch.autograd.grad(loss, parameters)))
        errors = {name: distance(value, gradients[name]) for name, value in ours.items()}
        error = float(numpy.max(list(errors.values())))
        if best is None or error < least:
            best, least = (loss.item(), gradients, errors, place is not None), error
        if error <= FIRST_STEPS:
            break
        if place is None:
            candidates += [(relu, ambiguous) for relu in relus for ambiguous in relu.ambiguous]
    return best


def change_error(after, theirs, before):
    """The difference of two weights relative to their change, beyond rounding."""
    scale = (theirs - before).norm() + WEIGHT_ROUNDING / FIRST_STEPS * before.norm()
    return ((after - theirs).norm() / max(scale, 1e-30)).item()


def compare(model, settings, batches, start, trace):
    """The differences of the first updates by tensor of the trace; also the last losses, and the number of toggled ReLUs."""
    optimizer = optimizer_of(model.parameters(), settings)
    schedule = schedule_of(optimizer, settings, math.ceil(IMAGES / BATCH_SIZE))
    found, toggled, before = {}, 0, start
    for k, (x, y) in enumerate(batches):
        model.load_state_dict(before, strict=True)
        ours = {name: trace[f"{k}.{name}.gradient"] for name in start if f"{k}.{name}.gradient" in trace}
        our_loss = trace[f"{k}.loss"].item()
        loss, gradients, errors, toggles = nearest_gradients(model, x, y, settings.get("label_smoothing", 0.0), ours)
        toggled += toggles
        found[f"{k}.loss"] = abs(our_loss - loss) / loss
        found |= {f"{k}.{name}.gradient": error for name, error in errors.items()}

        for name, parameter in model.named_parameters():
            parameter.grad = ours.get(name, gradients[name]).clone()
            for state, value in optimizer.state[parameter].items():
                if state != "step":
                    value.copy_(trace[f"{k - 1}.optimizer.{state}.{name}"])
        if "clip" in settings:
            clip_gradients(list(model.parameters()), settings["clip"])
        optimizer.step()
        schedule.step()
        after = {name: trace[f"{k}.{name}"] for name in start}
        for name, parameter in model.named_parameters():
            found[f"{k}.{name}"] = change_error(after[name], parameter.data, before[name])
            for state, value in optimizer.state[parameter].items():
                if state != "step":
                    key = f"{k}.optimizer.{state}.{name}"
                    found[key] = distance(trace[key], value)
        before = after
    assert set(found) == set(trace), set(found) ^ set(trace)
    return found, (f"{loss:.6f}", f"{our_loss:.6f}"), toggled


def worst(what, losses, found, allowed, control=False):
    """Prints a line with the largest difference, and the tensor it belongs to if the line fails."""
    name = list(found)[numpy.argmax(list(found.values()))]  # a NaN counts as the largest
    if not line(what, *losses, found[name], allowed, control):
        print(f"    {name}")


def title(model):
    norm = "no norm" if model["norm"] == "none" else f"{model['norm']} norm"
    notes = ["residual"] * ("residual" in model) + ["last 0"] * ("init_rule" in model) + ["no bias"] * ("bias" in model)
    return ", ".join([model["activation"], norm, *notes])


class Comparison:
    """Runs on one data set, whose batches have the same order in all of them."""

    def __init__(self, folder):
        subset(folder, IMAGES, 100)
        torch.manual_seed(1)
        loader = torch.utils.data.DataLoader(peer.read(folder, "train"), batch_size=BATCH_SIZE, shuffle=True)
        self.data, self.batches, self.starts = folder, list(itertools.islice(loader, UPDATES)), {}

    def start(self, model):
        """Initial weights, which are compared for each kind of model."""
        key = tuple(model.get(name) for name in ("norm", "residual", "init_rule", "bias"))
        if key not in self.starts:
            ours, theirs = initial_weights(self.data, model), network(**model).state_dict()
            errors = {name: distance(value, theirs[name]) for name, value in ours.items()}
            assert set(ours) == set(theirs), set(ours) ^ set(theirs)
            worst(f"{title(model)}: initial weights", ("", ""), errors, NORMAL_WEIGHTS)
            self.starts[key] = ours
        return self.starts[key]

    def updates(self, model, name, settings):
        """Compares the first updates of one run."""
        start = self.start(model)
        _, trace = train(self.data, *options(model | settings))
        found, losses, toggled = compare(network(**model), settings, self.batches, start, trace)
        what = f"{title(model)}: {name}" + f", {toggled} ReLUs toggled" * (toggled > 0)
        if "optimizer" in settings:
            first = {f"0.{name}": found.pop(f"0.{name}") for name in start}
            worst(f"{what}, first weights", losses, first, ADAM_FIRST_WEIGHTS)
        worst(what, losses, found, FIRST_STEPS)

    def control(self, what, model, settings, wrong_model=None, wrong_settings=None):
        """Shows that a wrong setting of PyTorch's side makes a difference."""
        _, trace = train(self.data, *options(model | settings))
        found, losses, _ = compare(network(**(model | (wrong_model or {}))), settings | (wrong_settings or {}), self.batches,
                                   self.start(model), trace)
        allowed = ADAM_FIRST_WEIGHTS if "optimizer" in settings else FIRST_STEPS
        worst(f"control {what}", losses, found, allowed, control=True)

    def rates(self, name, settings):
        """Compares the learning rates of three epochs with the formula and with PyTorch's schedules."""
        rows, _ = train(self.data, *options(PLAIN | settings), "--epochs", 3)
        ours, updates = [row["learning_rate"] for row in rows], 3 * math.ceil(IMAGES / BATCH_SIZE)
        optimizer = optimizer_of([torch.nn.Parameter(torch.zeros(1))], settings)
        highest, warmup = optimizer.param_groups[0]["lr"], settings.get("warmup", 0)
        schedule = schedule_of(optimizer, settings, updates)
        formula, theirs = [], []
        for t in range(updates):
            theirs.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
            angle = math.pi * max(0, t - warmup) / (updates - warmup) if "schedule" in settings else 0
            formula.append(highest * (1 + math.cos(angle)) / 2 * min(1, (t + 1) / max(1, warmup)))
        for how, expected in (("the formula", formula), ("PyTorch's schedule", theirs)):
            error = float(numpy.max(numpy.abs(numpy.subtract(ours, expected)))) / highest
            line(f"{name}: {updates} learning rates, by {how}", "", "", error, RATES)


def main():
    torch.set_num_threads(1)  # the matrices are small, and threads on a busy machine wait for each other
    heading()
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(pathlib.Path(folder))
        for residual, norm, activation in itertools.product((False, True), NORMS, ACTIVATIONS):
            model = {"activation": activation, "norm": norm} | ({"residual": True} if residual else {})
            comparison.updates(model, "sgd, rate 0.01", {"lr": 0.01})  # a linear network diverges at 0.1
        for model, (name, settings) in itertools.product((PLAIN, LAYER, RMS), OPTIMIZERS.items()):
            comparison.updates(model, name, settings)
        for model, name in itertools.product((ZEROS, LAYER | {"bias": "none"}), ("sgd, momentum, decay, clip", EVERYTHING)):
            comparison.updates(model, name, OPTIMIZERS[name])
        for name in ("sgd, cosine", "sgd, momentum, warm-up", EVERYTHING):
            comparison.rates(name, OPTIMIZERS[name])
        control = comparison.control
        momentum, adam, decay = {"momentum": 0.9}, {"optimizer": "adam"}, {"weight_decay": 0.1}
        control("gelu_tanh instead of gelu", LAYER, {}, {"activation": "gelu_tanh"})
        control("rms norm with eps 1e-5 instead of 1.2e-7", RMS, {}, {"eps": 1e-5})
        control("layer norm with eps 1e-6 instead of 1e-5", LAYER, {}, {"eps": 1e-6})
        control("Nesterov's momentum instead of momentum", PLAIN, momentum, None, {"nesterov": True})
        control("weight decay 0.1001 instead of 0.1", PLAIN, decay, None, {"weight_decay": 0.1001})
        control("clip 0.5001 instead of 0.5", PLAIN, {"clip": 0.5}, None, {"clip": 0.5001})
        control("label smoothing 0.1001 instead of 0.1", PLAIN, {"label_smoothing": 0.1}, None, {"label_smoothing": 0.1001})
        control("cosine without warm-up instead of warm-up", PLAIN, {"warmup": 3}, None, {"warmup": 0, "schedule": "cosine"})
        control("beta2 0.9991 instead of 0.999", PLAIN, adam, None, {"betas": (0.9, 0.9991)})
        control("adam's eps 1e-7 instead of 1e-8", PLAIN, adam, None, {"eps": 1e-7})
        control("adamw instead of adam, with decay", PLAIN, adam | decay, None, {"optimizer": "adamw"})
    finish()


if __name__ == "__main__":
    main()
