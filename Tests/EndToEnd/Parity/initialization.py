#!/usr/bin/env python3
"""Loads models with new weights from `zerolab init --like` into PyTorch and checks the output of the modules.

    make test-init-pytorch        (makes the Python environment and calls this script)

PyTorch makes and saves each model, the program gives it new weights, and PyTorch loads it with strict=True. The exit
code is 1 if a check fails.
"""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import warnings

import safetensors.torch
import torch
from torch import nn

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
INITIALIZERS = ["ZerO", "ZerO_Paper_Scale", "Partial_Identity", "OnE", "Spray", "IDInit", "IDInit_Branch_End", "Sinusoidal",
                "DCT", "ConstAvg", "Zeros", "Random", "KaimingUniform", "XavierNormal", "XavierUniform", "Orthogonal"]
# g, the quotient and PyTorch's norm are rounded to single precision.
ROUNDING = 4 * 2.0 ** -23

failures = 0


def line(what, passed, outcome=""):
    global failures
    failures += not passed
    print(f"{'ok  ' if passed else 'OUT '} {what}{': ' + outcome if outcome else ''}", flush=True)


def reinitialized(model, *options, save=None):
    """Gives a model new weights in place; returns the notes and the file's metadata."""
    with tempfile.TemporaryDirectory() as folder:
        old, new = pathlib.Path(folder) / "model.safetensors", pathlib.Path(folder) / "new.safetensors"
        if save:
            save(model, old)
        else:
            state = {name: tensor.detach().clone().contiguous() for name, tensor in model.state_dict().items()}
            safetensors.torch.save_file(state, old, metadata={"format": "pt"})
        done = subprocess.run([PROGRAM, "init", "--like", old.name, "--out", new.name, *options], cwd=folder,
                              capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        if save:
            missing, unexpected = safetensors.torch.load_model(model, new, strict=True)
            assert not missing and not unexpected
        else:
            model.load_state_dict(safetensors.torch.load_file(new), strict=True)
        with safetensors.safe_open(new, "pt") as file:
            return done.stderr, file.metadata()


LAYERS = {"Linear(8, 5)": lambda: nn.Linear(8, 5), "Linear(5, 8)": lambda: nn.Linear(5, 8),
          "Conv1d(4, 6, 3)": lambda: nn.Conv1d(4, 6, 3), "Conv2d(6, 4, 3)": lambda: nn.Conv2d(6, 4, 3),
          "ConvTranspose2d(6, 4, 2)": lambda: nn.ConvTranspose2d(6, 4, 2)}
# A layer and the dimension of its norms; None for a single norm.
NORMALIZED = [(name, axis) for name, layer in LAYERS.items() for axis in [None, *range(layer().weight.dim())]]


def layers(normalize=lambda layer, dim: layer):
    return nn.ModuleDict({f"m{place:02}": normalize(LAYERS[name](), dim=axis)
                          for place, (name, axis) in enumerate(NORMALIZED)})


def check_weight_normalization():
    largest, cases = 0.0, 0
    for initializer in INITIALIZERS:
        options = ["--init", initializer, "--seed", "5"]
        plain = layers()
        reinitialized(plain, *options)
        for normalize in (nn.utils.weight_norm, nn.utils.parametrizations.weight_norm):
            model = layers(normalize)
            reinitialized(model, *options)
            for (name, axis), layer, plain_layer in zip(NORMALIZED, model.values(), plain.values()):
                weight = plain_layer.weight.detach()
                x = torch.randn(3, getattr(layer, "in_channels", weight.shape[1]), *[7] * (weight.dim() - 2))
                layer(x).square().sum().backward()
                finite = all(torch.isfinite(p).all() and torch.isfinite(p.grad).all() for p in layer.parameters())
                # The forward pass has computed the weight from g and v.
                error = ((layer.weight.detach() - weight).abs().max() / weight.abs().max().clamp(min=1e-30)).item()
                cases, largest = cases + 1, max(largest, error)
                if not finite or not error <= ROUNDING:
                    line(f"{normalize.__module__}, {name}, dim={axis}, {initializer}", False,
                         f"relative error {error:.1e}, finite: {finite}")
    line(f"weight normalization, {cases} cases: g v/|v| = W, gradients finite", largest <= ROUNDING,
         f"largest relative error {largest:.1e}")


def check_other_parametrizations():
    torch.manual_seed(1)
    model = nn.Sequential(nn.utils.spectral_norm(nn.Linear(8, 5)), nn.utils.parametrizations.spectral_norm(nn.Linear(5, 6)),
                          nn.utils.parametrizations.orthogonal(nn.Linear(6, 6)))
    model(torch.randn(2, 8))
    model.eval()
    before = [layer.weight.detach().clone() for layer in model]
    notes, _ = reinitialized(model, "--init", "ZerO")
    model(torch.randn(2, 8))
    same = all(torch.allclose(a, layer.weight) for a, layer in zip(before, model))
    line("spectral and orthogonal layers keep their weights, with a note", same and "parametrized weights" in notes)


class StateSpace(nn.Module):
    """Mamba's selective state space layer as a plain loop."""

    def __init__(self, width=16, states=4):
        super().__init__()
        self.A_log = nn.Parameter(torch.log(torch.arange(1.0, states + 1).repeat(width, 1)))
        self.D = nn.Parameter(torch.ones(width))
        self.in_proj = nn.Linear(width // 2, 2 * width, bias=False)
        self.conv1d = nn.Conv1d(width, width, 4, groups=width, padding=3)
        self.x_proj = nn.Linear(width, 1 + 2 * states, bias=False)
        self.dt_proj = nn.Linear(1, width)
        self.out_proj = nn.Linear(width, width // 2, bias=False)
        step = torch.exp(torch.rand(width) * 4.6 - 6.9)
        with torch.no_grad():
            self.dt_proj.bias.copy_(step + torch.log(-torch.expm1(-step)))

    def forward(self, x):
        u, z = self.in_proj(x).chunk(2, -1)
        u = nn.functional.silu(self.conv1d(u.mT)[..., :x.shape[1]].mT)
        rate, B, C = self.x_proj(u).split([1, self.A_log.shape[1], self.A_log.shape[1]], -1)
        step = nn.functional.softplus(self.dt_proj(rate))
        decay = torch.exp(step[..., None] * -torch.exp(self.A_log))
        state, outputs = torch.zeros_like(decay[:, 0]), []
        for t in range(x.shape[1]):
            state = decay[:, t] * state + (step * u)[:, t, :, None] * B[:, t, None]
            outputs.append((state * C[:, t, None]).sum(-1))
        return self.out_proj((torch.stack(outputs, 1) + self.D * u) * nn.functional.silu(z)), decay


def check_state_space():
    torch.manual_seed(2)
    model = nn.ModuleDict({"mixer": StateSpace()})
    names = ["A_log", "D", "dt_proj.bias"]
    before = {name: model.mixer.get_parameter(name).detach().clone() for name in names}
    notes, _ = reinitialized(model, "--init", "ZerO")
    same = all(torch.equal(before[name], model.mixer.get_parameter(name)) for name in names)
    y, decay = model.mixer(torch.randn(2, 50, 8))
    y.square().sum().backward()
    finite = torch.isfinite(y).all() and all(torch.isfinite(p.grad).all() for p in model.parameters())
    line("a state-space layer keeps A_log, D and dt_proj.bias, with a note", same and "time constants" in notes)
    line("its states decay", bool(finite and decay.max() < 1 and decay.min() > 0),
         f"factors per step {decay.min():.3f} to {decay.max():.4f}")


class Tied(nn.Module):
    def __init__(self, vocabulary=20, width=8):
        super().__init__()
        self.model = nn.Module()
        self.model.embed_tokens = nn.Embedding(vocabulary, width)
        layer = nn.Module()
        layer.self_attn = nn.ModuleDict({f"{n}_proj": nn.Linear(width, width, bias=False) for n in "qkvo"})
        self.model.layers = nn.ModuleList([layer])
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.lm_head.weight = self.model.embed_tokens.weight


def check_ties():
    for what, save in [("both names", None), ("one name, by save_model", safetensors.torch.save_model)]:
        torch.manual_seed(3)
        model = Tied()
        before = model.model.embed_tokens.weight.detach().clone()
        notes, _ = reinitialized(model, "--init", "ZerO", save=save)
        same = torch.equal(model.model.embed_tokens.weight, before) and model.lm_head.weight is model.model.embed_tokens.weight
        changed = torch.equal(model.model.layers[0].self_attn["q_proj"].weight, torch.eye(8))
        line(f"tied embeddings stored under {what} keep their weights, with a note", same and changed and "tied" in notes)


def check_transposed_convolutions():
    for inputs, outputs in [(8, 4), (4, 8)]:
        layer = nn.Sequential(nn.ConvTranspose2d(inputs, outputs, 2, stride=2))
        reinitialized(layer, "--init", "ZerO")
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "w.safetensors"
            subprocess.run([PROGRAM, "init", "--init", "ZerO", "--shape", f"{outputs}x{inputs}", "--out", file], check=True,
                           capture_output=True)
            weight = safetensors.torch.load_file(file)["weight"]
        x = torch.randn(1, inputs, 5, 5)
        # The tap (1, 1) of the stride's 2 x 2, so every odd pixel.
        y = layer(x)
        expected = torch.einsum("oi,nihw->nohw", weight, x)
        right = torch.allclose(y[..., 1::2, 1::2], expected, atol=1e-6) and not y[..., ::2, :].any()
        line(f"ConvTranspose2d({inputs}, {outputs}) maps each pixel by Algorithm 1 of {outputs}x{inputs}", bool(right))


def check_activations():
    model = nn.Sequential(nn.Conv2d(3, 10, 3), nn.PReLU(10))
    model.add_module("prelu", nn.PReLU())
    notes, _ = reinitialized(model, "--init", "ZerO", "--keep", "1.weight")
    line("a PReLU named prelu keeps its slope, with a note",
         torch.equal(model.prelu.weight, torch.tensor([0.25])) and "slopes" in notes)
    notes, _ = reinitialized(nn.Sequential(nn.Conv2d(3, 10, 3), nn.PReLU(10)), "--init", "ZerO")
    line("a PReLU with the name of a norm has a note", "slopes of PReLU" in notes)


def check_recurrent_layers():
    for kind, gates in [(nn.LSTM, 4), (nn.GRU, 3), (nn.RNN, 1)]:
        layer = nn.Sequential(kind(6, 6, 2, bidirectional=True))
        reinitialized(layer, "--init", "ZerO")
        right = torch.equal(layer[0].weight_hh_l1_reverse, torch.eye(6).repeat(gates, 1))
        y = layer(torch.randn(20, 2, 6))[0]
        line(f"each gate of {kind.__name__} has its own matrix", bool(right and torch.isfinite(y).all()))


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.c1, self.c2 = (nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(2))

    def forward(self, x):
        return x + self.c2(torch.relu(self.c1(x)))


def check_branches():
    network = nn.Sequential(nn.Conv2d(3, 16, 3), nn.Sequential(*[Residual(16) for _ in range(8)]))
    notes, _ = reinitialized(network, "--init", "ZerO")
    options = shlex.split(re.search("give (--zero .*)", notes).group(1)) if "--zero" in notes else []
    reinitialized(network, "--init", "ZerO", *options)
    x = torch.randn(2, 16, 9, 9)
    line("the option in the note makes residual blocks the identity", torch.equal(network[1](x), x), " ".join(options))
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 4, 32, batch_first=True, norm_first=True), 2,
                                    enable_nested_tensor=False)
    notes, _ = reinitialized(encoder, "--init", "ZerO")
    options = shlex.split(re.search("give (--zero .*)", notes).group(1))
    reinitialized(encoder, "--init", "ZerO", "--attention", "*.in_proj_weight", *options)
    encoder.eval()
    x = torch.randn(2, 5, 16)
    line("with --attention a transformer's blocks are the identity", torch.equal(encoder(x), x), " ".join(options))
    encoder(x).square().sum().backward()
    moving = [name for name, p in encoder.named_parameters() if p.grad is not None and bool(p.grad.any())]
    line("and both branches of each block have a gradient",
         all(any(part in name for name in moving) for part in ("in_proj_weight", "linear2.weight")))


def check_metadata():
    _, metadata = reinitialized(nn.Sequential(nn.Linear(4, 3)), "--init", "Random", "--seed", "7")
    line("the file's metadata contain PyTorch's and those of the initialization", metadata == {
        "format": "pt", "zerolab.initialized":
        '{"initializer":"Random","layout":"torch","rules":"generic","seed":"7","treatments":{"0.weight":"matrix"}}'})


def check_pytorch_files():
    types = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2,
             torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]
    state = {f"layer{place}.weight": torch.arange(12.0).reshape(4, 3).to(kind) for place, kind in enumerate(types)}
    state |= {"scalar": torch.tensor(3), "empty.weight": torch.zeros(0, 300), "é.bias": torch.ones(70_000)}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        safetensors.torch.save_file(state, folder / "model.safetensors")
        for name in ["new.safetensors", "new.pt"]:
            done = subprocess.run([PROGRAM, "init", "--like", "model.safetensors", "--init", "ZerO", "--out", name], cwd=folder,
                                  capture_output=True, text=True)
            if done.returncode:
                sys.exit(done.stderr)
        expected = safetensors.torch.load_file(folder / "new.safetensors")
        for mapped in [False, True]:
            loaded = torch.load(folder / "new.pt", weights_only=True, mmap=mapped)
            same = list(loaded) == list(expected) and all(
                a.dtype == b.dtype and a.shape == b.shape
                and torch.equal(a.contiguous().view(-1).view(torch.uint8), b.contiguous().view(-1).view(torch.uint8))
                for a, b in zip(loaded.values(), expected.values()))
            line(f"torch.load(weights_only=True, mmap={mapped}) reads --out new.pt: {len(loaded)} tensors, equal bits", same)


if __name__ == "__main__":
    warnings.simplefilter("ignore", FutureWarning)
    check_weight_normalization()
    check_other_parametrizations()
    check_state_space()
    check_ties()
    check_transposed_convolutions()
    check_activations()
    check_recurrent_layers()
    check_branches()
    check_metadata()
    check_pytorch_files()
    print(f"{failures} checks failed" if failures else "all checks passed")
    sys.exit(failures > 0)
