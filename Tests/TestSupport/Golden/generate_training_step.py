#!/usr/bin/env python3
"""Makes training_step.json: one step of a small network in double precision, by PyTorch.

    pip install torch
    python3 generate_training_step.py > training_step.json

Weights, biases and inputs are formulas, so that any program can make the same ones.
"""
import json
import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def wave(count, phase, scale):
    return torch.tensor([scale * math.sin(1.7 * i + phase) for i in range(count)])


sizes, samples, rate = [6, 6, 9, 9, 4], 5, 0.1
weights = [wave(m * n, 10 * l, 0.6).reshape(m, n) for l, (n, m) in enumerate(zip(sizes, sizes[1:]))]
biases = [wave(m, 10 * l + 5, 0.2) for l, m in enumerate(sizes[1:])]
inputs = wave(samples * sizes[0], 3, 1.0).abs().reshape(samples, sizes[0])
labels = torch.tensor([3, 0, 2, 2, 1])

parameters = [p.requires_grad_() for p in weights + biases]
x = inputs
for l, (w, b) in enumerate(zip(weights, biases)):
    x = x @ w.T + b
    if l < 3:
        x = F.relu(x)
loss = F.nll_loss(F.log_softmax(x, dim=1), labels)
gradients = torch.autograd.grad(loss, parameters)
updated = [p.detach() - rate * g for p, g in zip(parameters, gradients)]

print(json.dumps({
    "sizes": sizes, "samples": samples, "learning_rate": rate, "loss": loss.item(),
    "labels": labels.tolist(), "logits": x.detach().flatten().tolist(),
    "weights": [p.flatten().tolist() for p in updated[:4]],
    "biases": [p.tolist() for p in updated[4:]]}))
