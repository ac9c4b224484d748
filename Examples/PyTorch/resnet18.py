#!/usr/bin/env python3
"""torchvision's ResNet-18 with ZerO's weights: every residual block is initially the identity.

Usage: resnet18.py [ZEROLAB]
"""

import torch
import torchvision

from weights import reinitialize

torch.manual_seed(0)
model = torchvision.models.resnet18()
reinitialize(model, "--init", "ZerO", "--rules", "resnet")

model.eval()
with torch.no_grad():
    # Activations after a ReLU are nonnegative; a block whose branch is 0 passes them unchanged.
    positive = torch.rand(2, 64, 56, 56)
    assert torch.equal(model.layer1(positive), positive)
    print("layer1 is the identity on nonnegative inputs")

model.train()
images = torch.randn(8, 3, 224, 224)
logits = model(images)
assert torch.isfinite(logits).all() and logits.std() > 0
print(f"logits of a batch: {tuple(logits.shape)}, finite, from {logits.min():.3f} to {logits.max():.3f}")

loss = torch.nn.functional.cross_entropy(logits, torch.arange(8))
loss.backward()
gradients = [(name, parameter.grad) for name, parameter in model.named_parameters()]
assert all(torch.isfinite(gradient).all() for _, gradient in gradients)
moving = sum(bool(gradient.any()) for _, gradient in gradients)
print(f"loss {loss.item():.4f}; {moving} of {len(gradients)} parameters have a nonzero gradient")
