"""Parameters and states of PyTorch's optimizers after each of some updates, in double precision.

    python3 generate_optimizers.py > optimizers.json

The gradients are fixed waves, so a test can make them without this script.
"""
import json
import math

import torch

SIZE, UPDATES = 5, 6
CASES = {
    "sgd": (torch.optim.SGD, {}),
    "sgd, decay": (torch.optim.SGD, {"weight_decay": 0.1}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "momentum, decay": (torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.1}),
    "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "nesterov, decay": (torch.optim.SGD, {"momentum": 0.8, "nesterov": True, "weight_decay": 0.1}),
    "adam": (torch.optim.Adam, {}),
    "adam, decay": (torch.optim.Adam, {"weight_decay": 0.1}),
    "adamw": (torch.optim.AdamW, {}),
    "adamw, decay": (torch.optim.AdamW, {"weight_decay": 0.1}),
}


def wave(count, phase):
    return torch.tensor([math.sin(1.7 * i + phase) for i in range(count)], dtype=torch.float64)


def main():
    found = []
    for name, (optimizer, options) in CASES.items():
        parameter = torch.nn.Parameter(wave(SIZE, 0))
        rule = optimizer([parameter], lr=0.05, **options)
        values = []
        for update in range(UPDATES):
            for group in rule.param_groups:
                group["lr"] = 0.05 / (1 + update)
            parameter.grad = wave(SIZE, update + 1)
            rule.step()
            values.append(parameter.tolist())
        states = {key: state.tolist() for key, state in rule.state[parameter].items()
                  if state is not None and key != "step"}
        found.append({"name": name, "values": values, "states": states})
    print(json.dumps({"torch": torch.__version__, "cases": found}, indent=1))


main()
