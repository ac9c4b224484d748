#!/usr/bin/env python3
"""A small GPT-2 with Hugging Face's names and ZerO's weights, trained for 100 steps on the text of this file.

Usage: gpt2_small.py [ZEROLAB]

Matrices are in x out, as in Hugging Face's Conv1D; zerolab's rules for GPT-2 use this layout.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from weights import reinitialize

WIDTH, HEADS, LAYERS, CONTEXT, TOKENS = 128, 4, 3, 64, 256


class Conv1D(nn.Module):
    """A dense layer with a weight of in x out."""

    def __init__(self, outputs, inputs):
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return x @ self.weight + self.bias


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_attn = Conv1D(3 * WIDTH, WIDTH)
        self.c_proj = Conv1D(WIDTH, WIDTH)

    def forward(self, x):
        heads = [part.unflatten(2, (HEADS, -1)).transpose(1, 2)
                 for part in self.c_attn(x).split(WIDTH, dim=2)]
        mixed = functional.scaled_dot_product_attention(*heads, is_causal=True)
        return self.c_proj(mixed.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_fc = Conv1D(4 * WIDTH, WIDTH)
        self.c_proj = Conv1D(WIDTH, 4 * WIDTH)

    def forward(self, x):
        return self.c_proj(functional.gelu(self.c_fc(x)))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(WIDTH), Attention()
        self.ln_2, self.mlp = nn.LayerNorm(WIDTH), FeedForward()

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT2(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(TOKENS, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        for embedding in (self.wte, self.wpe):
            nn.init.normal_(embedding.weight, std=0.02)
        self.h = nn.ModuleList(Block() for _ in range(LAYERS))
        self.ln_f = nn.LayerNorm(WIDTH)

    def forward(self, tokens):
        x = self.wte(tokens) + self.wpe.weight[:tokens.shape[1]]
        for block in self.h:
            x = block(x)
        return self.ln_f(x) @ self.wte.weight.T


torch.manual_seed(0)
model = GPT2()
embedding = model.wte.weight.detach().clone()
reinitialize(model, "--init", "ZerO", "--rules", "gpt2")
assert torch.equal(model.wte.weight, embedding)
queries, keys, values = model.h[0].attn.c_attn.weight.split(WIDTH, dim=1)
assert torch.equal(queries, torch.eye(WIDTH)) and not keys.any() and not values.any()
print("embeddings unchanged; W_Q = I, W_K = W_V = 0")

text = torch.tensor(list(Path(__file__).read_bytes()))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
losses = []
for step in range(101):
    starts = torch.randint(len(text) - CONTEXT - 1, (16,)).tolist()
    windows = torch.stack([text[start:start + CONTEXT + 1] for start in starts])
    loss = functional.cross_entropy(model(windows[:, :-1]).flatten(0, 1), windows[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    if step % 20 == 0:
        print(f"step {step:3}: loss {losses[-1]:.4f}")
assert losses[-1] < losses[0] / 2
