#!/usr/bin/env python3
"""Compares zerolab's convolutional and residual networks with PyTorch's and prints one table.

    make parity        (makes the Python environment and calls this script)
    convolutional.py ZEROLAB [--short]

--short compares and exchanges one small residual network, has one control, and does without torchvision.

A line is one quantity of one model. Differences are relative to the norm of a tensor, and the largest of the first three updates.
Each update starts from zerolab's weights, running statistics and momentum buffers. The same model in double precision shows which
rounding error is usual: zerolab's distance from it is also divided by PyTorch's distance from it.

Saved models are then exchanged in both directions: zerolab's weights in PyTorch, and PyTorch's in `zerolab test`.

In a negative control, one setting of PyTorch's side is wrong on purpose; the difference must exceed the allowed one. The
exit code is 1 if a line fails.
"""
import collections
import csv
import functools
import itertools
import pathlib
import subprocess
import sys
import tempfile

import numpy
import safetensors.torch
import torch

import peer
from comparison import FIRST_STEPS, NORMAL_WEIGHTS, distance, finish, heading, line, zerolab

FASHION = pathlib.Path("/usr/share/datasets/fashion-mnist")
UPDATES = 3  # that are compared
SEED, IMAGES, TEST_IMAGES, MOMENTUM = 3, 256, 200, 0.9
RATES = {"batch": 0.01, "group": 0.01, "layer": 0.01, "none": 1e-4}  # a deep network without normalization diverges sooner
BATCH_SIZE = {"silu": 32, "relu": 8}  # of many inputs, ReLU is ambiguous at some
# Allowed differences, relative.
ORTHOGONAL_WEIGHTS = 1e-5  # PyTorch factorizes in single precision
ROUNDING = 2  # times PyTorch's distance from double precision, where that is larger: two programs round differently
MULTIPLE = 4  # of PyTorch's rounding error
LOGITS = 1e-4
MOST_AMBIGUOUS = 40  # ReLUs whose choices are searched
CANCELED = 1e-2  # of the root mean square of all gradients: a tensor whose gradients are smaller are sums that cancel
NEAR_ZERO = 2e-6  # relative to the largest input of a ReLU: rounding decides the sign

NORMS = {
    "batch": torch.nn.BatchNorm2d,
    "group": lambda channels, groups=8, **more: torch.nn.GroupNorm(groups, channels, **more),
    "layer": lambda channels, **more: torch.nn.GroupNorm(1, channels, **more),
}


class ReLU(torch.nn.Module):
    """ReLU that remembers its latest input and output."""

    def forward(self, x):
        self.input, self.output = x, torch.nn.functional.relu(x)
        return self.output

    def ambiguous(self):
        """The places of inputs that are 0 up to rounding."""
        near = (self.input.abs() <= NEAR_ZERO * self.input.abs().max()) & (self.input != 0)
        return [tuple(place) for place in near.nonzero().tolist()]

    def change(self, place, gradient):
        """The change of the input's gradient if the derivative at a place were the other one."""
        change = torch.zeros_like(self.input)
        change[place] = gradient[place] * (-1 if self.input[place] > 0 else 1)
        return change


class BasicBlock(torch.nn.Module):
    """torchvision's BasicBlock, also without normalization."""

    def __init__(self, inputs, outputs, stride, downsample, conv, norm, f):
        super().__init__()
        self.conv1 = conv(inputs, outputs, 3, stride=stride, padding=1)
        if norm:
            self.bn1 = norm(outputs)
        self.relu1 = f()
        self.conv2 = conv(outputs, outputs, 3, padding=1)
        if norm:
            self.bn2 = norm(outputs)
        self.relu2 = f()
        self.downsample = downsample
        self.norms = (lambda: (self.bn1, self.bn2)) if norm else (lambda: (torch.nn.Identity(), torch.nn.Identity()))

    def forward(self, x):
        bn1, bn2 = self.norms()
        branch = bn2(self.conv2(self.relu1(bn1(self.conv1(x)))))
        return self.relu2(branch + (self.downsample(x) if self.downsample else x))


class ResNet(torch.nn.Module):
    """torchvision's ResNet for small images, whose modules are made in the same order."""

    def __init__(self, blocks, widths, conv, norm, f):
        super().__init__()
        self.conv1 = conv(1, widths[0], 3, padding=1)
        self.bn1 = norm(widths[0]) if norm else torch.nn.Identity()
        self.relu = f()
        inputs, self.stages = widths[0], len(blocks)
        for stage, (count, width) in enumerate(zip(blocks, widths)):
            layers = []
            for block in range(count):
                stride = 2 if stage > 0 and block == 0 else 1
                downsample = None
                if stride > 1 or inputs != width:
                    downsample = torch.nn.Sequential(
                        conv(inputs, width, 1, stride=stride), *([norm(width)] if norm else []))
                layers.append(BasicBlock(inputs, width, stride, downsample, conv, norm, f))
                inputs = width
            setattr(self, f"layer{stage + 1}", torch.nn.Sequential(*layers))
        self.avgpool = torch.nn.AdaptiveAvgPool2d(1)
        self.fc = torch.nn.Linear(inputs, 10)

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return self.fc(self.avgpool(x).flatten(1))


def cnn(blocks, widths, conv, norm, f):
    """Stages of convolutions with pooling, without residual blocks."""
    stages, inputs, size = collections.OrderedDict(), 1, 28
    for stage, (count, width) in enumerate(zip(blocks, widths)):
        layers = collections.OrderedDict()
        for block in range(count):
            modules = {"conv": conv(inputs, width, 3, padding=1)}
            if norm:
                modules["bn"] = norm(width)
            layers[str(block)] = torch.nn.Sequential(collections.OrderedDict(modules | {"relu": f()}))
            inputs = width
        layers["pool"] = torch.nn.MaxPool2d(2)
        size //= 2
        stages[f"layer{stage + 1}"] = torch.nn.Sequential(layers)
    stages |= {"flatten": torch.nn.Flatten(), "fc": torch.nn.Linear(inputs * size * size, 10)}
    return torch.nn.Sequential(stages)


def published(block):
    """torchvision's own network for large images, with a first convolution for gray ones."""
    def make(blocks, widths, conv, norm, f):
        from torchvision.models import resnet
        result = resnet.ResNet(getattr(resnet, block), blocks, num_classes=10, norm_layer=norm)
        result.conv1 = conv(1, widths[0], 7, stride=2, padding=3)
        return result
    return make


# Name: (settings of zerolab, PyTorch's class, blocks, widths).
MODELS = {
    "resnet20": ({"model": "resnet20"}, ResNet, [3, 3, 3], [16, 32, 64]),
    "small resnet18": ({"model": "resnet", "blocks": [1, 1, 1, 1], "widths": [8, 16, 32, 64]}, ResNet,
                       [1, 1, 1, 1], [8, 16, 32, 64]),
    "cnn": ({"model": "cnn", "width": 16}, cnn, [1, 1, 1], [16, 32, 64]),
}
STAGES = {"blocks": [1, 2, 1, 1]}
PUBLISHED = {
    "torchvision's basic blocks": ({"model": "imagenet_resnet18"} | STAGES, published("BasicBlock"),
                                   STAGES["blocks"], [64]),
    "torchvision's bottlenecks": ({"model": "imagenet_resnet50"} | STAGES, published("Bottleneck"),
                                  STAGES["blocks"], [64]),
}


def network(model, norm, activation, init="ZerO", norm_options={}, padding_mode="zeros"):
    """PyTorch's model with the initial weights of a seed."""
    _, make, blocks, widths = MODELS[model]
    torch.manual_seed(SEED)
    conv = functools.partial(torch.nn.Conv2d, bias=norm == "none", padding_mode=padding_mode)
    result = make(blocks, widths, conv, None if norm == "none" else functools.partial(NORMS[norm], **norm_options),
                  {"relu": ReLU, "silu": torch.nn.SiLU}[activation])
    for name, module in result.named_modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Conv2d):
            zero = init == "ZerO" and name.endswith("conv2")
            initialize(module.weight, "Zeros" if zero else init)
            if module.bias is not None:
                torch.nn.init.constant_(module.bias, 0.01)
    return result


def initialize(weight, init):
    """Writes initial weights: of a deterministic rule, those of a dense layer at the center of a convolution kernel."""
    rule = {"Random": torch.nn.init.kaiming_normal_, "Orthogonal": torch.nn.init.orthogonal_}.get(init)
    with torch.no_grad():
        if rule:
            rule(weight)
        elif weight.dim() == 2:
            weight.copy_(peer.weight(init, *weight.shape, None))
        else:
            weight.zero_()
            weight[:, :, weight.shape[2] // 2, weight.shape[3] // 2] = peer.weight(init, *weight.shape[:2], None)


def options(settings):
    """Settings as options of zerolab; an option is repeated for each entry of a list."""
    found = []
    for key, value in settings.items():
        for entry in value if isinstance(value, list) else [value]:
            found += [f"--{key}", entry]
    return found


def train(model, norm, activation, *more):
    """Trains one run of zerolab for one epoch; returns its rows and the tensors of its trace and of its trained model."""
    with tempfile.TemporaryDirectory() as folder:
        rows, run = zerolab(
            folder, *options(MODELS[model][0] | {"norm": norm, "activation": activation}), "--model-seed", SEED,
            "--batch-size", BATCH_SIZE[activation],
            "--train-images", IMAGES, "--test-images", TEST_IMAGES, "--log-interval", 1, "--no-measure", "--snapshots", 0,
            "--trace", UPDATES, "--save-model", "--momentum", MOMENTUM, "--data", "fashion-mnist", *more)
        return rows, *(safetensors.torch.load_file(run / f"{name}.safetensors") for name in ("trace", "model"))


def of_update(trace, number, kind=""):
    """The tensors of an update by parameter: the values of all of them, `gradient`, or a state of the optimizer."""
    found = {}
    for name, value in trace.items():
        update, name = name.split(".", 1)
        state, is_gradient = name.startswith("optimizer."), name.endswith(".gradient")
        if int(update) != number or name == "loss":
            continue
        if kind == "gradient" and is_gradient:
            found[name.removesuffix(".gradient")] = value
        elif kind and name.startswith(f"optimizer.{kind}."):
            found[name.removeprefix(f"optimizer.{kind}.")] = value
        elif not kind and not state and not is_gradient:
            found[name] = value
    return found


def gradients(model, x, y, before):
    """Loss, gradients and running statistics of a batch, in the precision of the model; also the graph's output."""
    model.load_state_dict(before, strict=True)
    names, parameters = zip(*model.named_parameters())
    loss = torch.nn.functional.cross_entropy(model.train()(x.to(parameters[0].dtype)), y)
    found = torch.autograd.grad(loss, parameters, retain_graph=parameters[0].dtype == torch.double)
    return {"loss": {"loss": loss.detach()}, "gradients": dict(zip(names, found)),
            "statistics": {name: value.clone() for name, value in model.named_buffers()}}, loss


def update(model, before, buffers, found, rate, momentum):
    """Weights and momentum buffers of PyTorch's optimizer after an update by given gradients."""
    model.load_state_dict(before, strict=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=momentum)
    for name, parameter in model.named_parameters():
        parameter.grad = found[name].clone()
        if buffers:
            optimizer.state[parameter]["momentum_buffer"] = buffers[name].clone()
    optimizer.step()
    return {"weights": {name: parameter.detach() for name, parameter in model.named_parameters()},
            "momentum buffers": {name: optimizer.state[parameter]["momentum_buffer"]
                                 for name, parameter in model.named_parameters()}}


def toggles(exact, loss, *differences):
    """Differences of gradients without the part that ambiguous ReLUs explain, and the number of these.

    Where the input of a ReLU is 0 up to rounding, its derivative is 0 or 1 by chance. Each such place changes the gradients by a
    vector, which one backward pass computes. A least-squares fit finds the places at which a program decided otherwise: their
    coefficients are near 1, and those of others near 0. Differences stay as they are if there are very many such places.
    """
    places = [(module, place) for module in exact.modules() if isinstance(module, ReLU)
              for place in module.ambiguous()]
    if not 0 < len(places) <= MOST_AMBIGUOUS:
        return [(difference, 0) for difference in differences]
    parameters, columns = list(exact.parameters()), []
    for module, place in places:
        gradient, = torch.autograd.grad(loss, module.output, retain_graph=True)
        changes = torch.autograd.grad(module.input, parameters, module.change(place, gradient), retain_graph=True,
                                      allow_unused=True)
        columns.append(torch.cat([torch.zeros_like(parameter).flatten() if change is None else change.flatten()
                                  for parameter, change in zip(parameters, changes)]))
    columns = torch.stack(columns, 1)
    results = []
    for difference in differences:
        factors = torch.linalg.lstsq(columns, difference[:, None], driver="gelsd").solution[:, 0]
        chosen = (factors > 0.5).double()
        results.append((difference - columns @ chosen, int(chosen.sum())))
    return results


def updates(make, batches, start, trace, rate, momentum=MOMENTUM):
    """Distances of the first updates by quantity and tensor: of zerolab to PyTorch, and of both to double precision."""
    found, toggled = collections.defaultdict(dict), [0, 0]
    model, exact = make(), make().double()
    before, buffers = start, None
    for k, (x, y) in enumerate(batches):
        after, states = of_update(trace, k), of_update(trace, k, "momentum_buffer")
        theirs, _ = gradients(model, x, y, before)
        best, loss = gradients(exact, x, y, before)
        ours = {"loss": {"loss": trace[f"{k}.loss"].squeeze()}, "gradients": of_update(trace, k, "gradient"),
                "statistics": {name: after[name] for name in theirs["statistics"]}}
        assert set(ours["gradients"]) == set(theirs["gradients"]), set(ours["gradients"]) ^ set(theirs["gradients"])
        for kind in ("loss", "statistics"):
            for name, value in ours[kind].items():
                others = theirs[kind][name], best[kind][name]
                assert value.shape == others[0].shape, (name, value.shape)
                found[kind][f"{k}.{name}"] = (distance(value, others[0]), distance(value, others[1]), distance(*others))
        names = list(best["gradients"])
        sizes = [best["gradients"][name].numel() for name in names]
        usual = torch.cat([value.flatten() for value in best["gradients"].values()]).square().mean().sqrt().item()
        both = [torch.cat([(side[name].double() - best["gradients"][name]).flatten() for name in names])
                for side in (ours["gradients"], theirs["gradients"])]
        norms = [max(value.norm().item(), CANCELED * usual * value.numel() ** 0.5) for value in best["gradients"].values()]

        def largest(difference):
            return max(part.norm().item() / norm for part, norm in zip(difference.split(sizes), norms))

        if largest(both[0] - both[1]) > FIRST_STEPS or largest(both[0]) > MULTIPLE * largest(both[1]):
            both, counts = zip(*toggles(exact, loss, *both))
            toggled = [total + count for total, count in zip(toggled, counts)]
        for name, norm, mine, other in zip(names, norms, *(side.split(sizes) for side in both)):
            found["gradients"][f"{k}.{name}"] = tuple(
                error.norm().item() / norm for error in (mine - other, mine, other))
        expected = update(model, before, buffers, ours["gradients"], rate, momentum)
        for kind, values in (("weights", after), ("momentum buffers", states)):
            for name, value in expected[kind].items():
                found[kind][f"{k}.{name}"] = (distance(values[name], value), 0, 0)
        before, buffers = after, states
    return found, (theirs["loss"]["loss"].item(), ours["loss"]["loss"].item()), toggled


def worst(found):
    """The largest difference, and the tensor that it belongs to."""
    name = list(found)[numpy.argmax(list(found.values()))]  # a NaN counts as the largest
    return found[name], name


def report(what, losses, found, allowed, control=False):
    difference, name = worst(found)
    if not line(what, *(f"{loss:.6f}" if loss is not None else "" for loss in losses), difference, allowed, control):
        print(f"    {name}")


def batches(activation, count=UPDATES):
    """The first batches of zerolab's run, whose order is PyTorch's."""
    data = peer.read(FASHION, "train")
    first = torch.utils.data.TensorDataset(*(part[:IMAGES] for part in data.tensors))
    torch.manual_seed(1)
    loader = torch.utils.data.DataLoader(first, batch_size=BATCH_SIZE[activation], shuffle=True)
    return [(x.reshape(-1, 1, 28, 28), y) for x, y in itertools.islice(loader, count)]


def initial(model, norm, activation, init):
    """zerolab's parameters before training. The running statistics are PyTorch's; the first update shows whether they are equal."""
    _, trace, _ = train(model, norm, activation, "--init", init, "--lr", 0)
    return of_update(trace, 0) | dict(network(model, norm, activation).named_buffers())


def compare(model, norm, activation, init, data):
    """Compares initial weights and the first updates of one model."""
    title = f"{model}, norm {norm}, {activation}, {init}"
    make = functools.partial(network, model, norm, activation, init)
    start, theirs = initial(model, norm, activation, init), make().state_dict()
    assert set(start) == set(theirs), set(start) ^ set(theirs)
    report(f"{title}: initial weights", (None, None), {name: distance(value, theirs[name]) for name, value in start.items()},
           ORTHOGONAL_WEIGHTS if init == "Orthogonal" else NORMAL_WEIGHTS)
    _, trace, _ = train(model, norm, activation, "--init", init, "--lr", RATES[norm])
    found, losses, toggled = updates(make, data, start, trace, RATES[norm])
    for kind, errors in found.items():
        note = f", {toggled[0]} and {toggled[1]} ReLUs toggled" * (kind == "gradients" and sum(toggled) > 0)
        report(f"{title}: {kind}{note}", losses if kind == "loss" else (None, None),
               {name: error[0] for name, error in errors.items()},
               max(FIRST_STEPS, ROUNDING * worst({name: error[2] for name, error in errors.items()})[0]))
    # Largest errors of all tensors, which are random, so their quotient is steadier than that of one tensor.
    ours, theirs = (worst({name: error[side] for name, error in found["gradients"].items()})[0] for side in (1, 2))
    line(f"{title}: error of gradients, times PyTorch's", f"{theirs:.1e}", f"{ours:.1e}", ours / max(theirs, 1e-7), MULTIPLE)


def test_images():
    x, y = peer.read(FASHION, "t10k")[:TEST_IMAGES]
    return x.reshape(-1, 1, 28, 28), y


def tested(model, norm, activation, file):
    """Runs `zerolab test`; returns its line, its logits and the predictions of its CSV file."""
    with tempfile.TemporaryDirectory() as folder:
        logits, table = pathlib.Path(folder) / "logits.safetensors", pathlib.Path(folder) / "predictions.csv"
        output = subprocess.run(
            [sys.argv[1], "test", file,
             *map(str, options(MODELS[model][0] | {"norm": norm, "activation": activation})), "--data", "fashion-mnist",
             "--test-images", str(TEST_IMAGES), "--logits", logits, "--predictions", table],
            check=True, capture_output=True, text=True).stdout
        with table.open() as rows:
            predictions = [(int(row["label"]), int(row["prediction"])) for row in csv.DictReader(rows)]
        return output.strip(), safetensors.torch.load_file(logits)["logits"], torch.tensor(predictions)


def outputs(module, x):
    """Logits in evaluation mode."""
    with torch.no_grad():
        return module.eval()(x)


def exchange(model, norm, activation):
    """A model that zerolab trained in PyTorch, and one that PyTorch trained in zerolab."""
    title, (x, y) = f"{model}, norm {norm}, {activation}", test_images()
    rows, _, trained = train(model, norm, activation, "--init", "Random", "--lr", RATES[norm])
    module = network(model, norm, activation)
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "model.safetensors"
        module.load_state_dict(trained, strict=True)
        safetensors.torch.save_file(trained, file)
        said, ours, _ = tested(model, norm, activation, file)
        theirs = outputs(module, x)
        report(f"{title}: logits of zerolab's model", (None, None), {"logits": distance(ours, theirs)}, LOGITS)
        loss = torch.nn.functional.cross_entropy(theirs, y).item()
        last = [row for row in rows if row["kind"] == "test"][-1]
        report(f"{title}: test loss in training", (loss, last["loss"]), {"loss": abs(last["loss"] - loss) / loss}, LOGITS)
        expected = f"Average loss: {last['loss']:.4f}, Accuracy: {last['correct']}/{last['total']}"
        line(f"{title}: the line of zerolab test", "", "", 0.0 if expected in said else 1.0, 0)

        module = network(model, norm, activation, "Random")
        optimizer = torch.optim.SGD(module.parameters(), lr=RATES[norm], momentum=MOMENTUM)
        module.train()
        for images, labels in batches(activation, IMAGES // BATCH_SIZE[activation]):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(module(images), labels).backward()
            optimizer.step()
        theirs, weights = outputs(module, x), module.state_dict()
        torch.save(weights, file.with_suffix(".pt"))
        safetensors.torch.save_file(weights, file)
        best = theirs.topk(2).values
        ties = best[:, 0] - best[:, 1] <= LOGITS * theirs.abs().max()
        for path in (file, file.with_suffix(".pt")):
            said, ours, predictions = tested(model, norm, activation, path)
            what = f"{title}: PyTorch's {path.suffix} file"
            report(f"{what}, logits", (None, None), {"logits": distance(ours, theirs)}, LOGITS)
            assert torch.equal(predictions[:, 0], y)
            differing = ((predictions[:, 1] != theirs.argmax(1)) & ~ties).sum().item()
            correct = (theirs.argmax(1) == y).sum().item()
            line(f"{what}, predictions", correct, (predictions[:, 1] == y).sum().item(), differing, 0)
            assert f"Accuracy: {(predictions[:, 1] == y).sum()}/{TEST_IMAGES} " in said, said


CONTROLS = [
    ("batch norm with eps 2e-5 instead of 1e-5", "resnet20", "batch", {"norm_options": {"eps": 2e-5}}),
    ("running statistics with momentum 0.101 instead of 0.1", "resnet20", "batch", {"norm_options": {"momentum": 0.101}}),
    ("group norm with eps 2e-4 instead of 1e-5", "resnet20", "group", {"norm_options": {"eps": 2e-4}}),
    ("group norm with 4 groups instead of 8", "resnet20", "group", {"norm_options": {"groups": 4}}),
    ("layer norm with eps 2e-4 instead of 1e-5", "resnet20", "layer", {"norm_options": {"eps": 2e-4}}),
    ("reflected pixels instead of zeros", "resnet20", "batch", {"padding_mode": "reflect"}),
    ("reflected pixels instead of zeros in a plain network", "cnn", "none", {"padding_mode": "reflect"}),
    ("momentum 0.9001 instead of 0.9", "resnet20", "batch", {"momentum": 0.9001}),
]


def controls(cases):
    """Wrong settings of PyTorch's side."""
    runs, activation, data = {}, "silu", batches("silu")
    for what, model, norm, wrong in cases:
        if (model, norm) not in runs:
            start = initial(model, norm, activation, "Random")
            runs[model, norm] = start, train(model, norm, activation, "--init", "Random", "--lr", RATES[norm])[1]
        start, trace = runs[model, norm]
        options_of_model = {key: value for key, value in wrong.items() if key != "momentum"}
        momentum = wrong.get("momentum", MOMENTUM)
        make = functools.partial(network, model, norm, activation, "Random", **options_of_model)
        found, losses, _ = updates(make, data, start, trace, RATES[norm], momentum)
        errors = {name: error[0] for tensors in found.values() for name, error in tensors.items()}
        report(f"control {model}: {what}", losses, errors, FIRST_STEPS, control=True)


def short():
    data = batches("silu")
    for norm in ["batch", "group"]:
        compare("small resnet18", norm, "silu", "Orthogonal", data)
    exchange("small resnet18", "batch", "relu")
    controls([case for case in CONTROLS if case[1:3] == ("resnet20", "group")][:1])


def whole():
    norms = ["batch", "group", "layer", "none"]
    for activation, init in [("relu", "Random"), ("silu", "Orthogonal"), ("silu", "ZerO")]:
        data = batches(activation)
        for model, norm in itertools.product(MODELS, norms):
            # Pooling chooses between pixels that are equal up to rounding; after ReLU these are mostly exact zeros.
            if model != "cnn" or activation == "relu":
                compare(model, norm, activation, init, data)
    for model, norm in itertools.product(MODELS, norms):
        exchange(model, norm, "relu")
    MODELS.update(PUBLISHED)
    for model in PUBLISHED:
        exchange(model, "batch", "relu")
    controls(CONTROLS)


def main():
    torch.set_num_threads(1)
    heading()
    if "--short" in sys.argv:
        short()
    else:
        whole()
    finish()


if __name__ == "__main__":
    main()
