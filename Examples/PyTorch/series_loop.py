#!/usr/bin/env python3
"""A series of checkpoints from a plain training loop, and the ranks along it.

Usage: series_loop.py [ZEROLAB]

`save_step` is all that a training program of your own needs.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from series import show


def save_step(model, folder, step):
    path = Path(folder, f"step{step:06}.pt")
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), f"{path}.part")
    Path(f"{path}.part").rename(path)  # a program that watches the folder sees complete files only


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    target = torch.randn(32, 4)
    save_step(model, "runs/loop", 0)
    for step in range(1, 101):
        x = torch.randn(64, 32)
        optimizer.zero_grad()
        functional.cross_entropy(model(x), (x @ target).argmax(1)).backward()
        optimizer.step()
        if step % 25 == 0:
            save_step(model, "runs/loop", step)
    show("runs/loop")
