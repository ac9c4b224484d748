"""A GPT of two layers and a small residual network, trained on generated data.

The GPT has nanoGPT's tensor names, the residual network has torchvision's.
"""
import torch
from torch import nn
from torch.nn import functional

WIDTH, HEADS, LAYERS, CONTEXT, TOKENS = 64, 4, 2, 32, 64


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_attn, self.c_proj = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        heads = [part.unflatten(2, (HEADS, -1)).transpose(1, 2) for part in self.c_attn(x).chunk(3, -1)]
        return self.c_proj(functional.scaled_dot_product_attention(*heads, is_causal=True).transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_fc, self.c_proj = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

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


class GPT(nn.Module):
    """A GPT whose head shares the storage of the embedding, as nanoGPT's."""

    def __init__(self):
        super().__init__()
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(TOKENS, WIDTH), "wpe": nn.Embedding(CONTEXT, WIDTH),
            "h": nn.ModuleList(Block() for _ in range(LAYERS)), "ln_f": nn.LayerNorm(WIDTH)})
        self.lm_head = nn.Linear(WIDTH, TOKENS, bias=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.02 / (8 ** 0.5 if name.endswith("c_proj.weight") else 1))
        self.transformer.wte.weight = self.lm_head.weight

    def forward(self, tokens):
        x = self.transformer.wte(tokens) + self.transformer.wpe.weight[:tokens.shape[1]]
        for block in self.transformer.h:
            x = block(x)
        return self.lm_head(self.transformer.ln_f(x))

    @staticmethod
    def batch(generator):
        """Sequences of a Markov chain: each token has two likely successors."""
        tokens = torch.zeros(16, CONTEXT + 1, dtype=torch.long)
        tokens[:, 0] = torch.randint(TOKENS, (16,), generator=generator)
        for place in range(CONTEXT):
            step = torch.randint(2, (16,), generator=generator)
            tokens[:, place + 1] = (5 * tokens[:, place] + 7 + 12 * step) % TOKENS
        return tokens[:, :-1], tokens[:, 1:]

    def loss(self, tokens, targets):
        return functional.cross_entropy(self(tokens).flatten(0, 1), targets.flatten())


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(
            outputs)) if stride > 1 else nn.Identity()

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.downsample(x) + self.bn2(self.conv2(y)))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(BasicBlock(16, 16, 1))
        self.layer2 = nn.Sequential(BasicBlock(16, 32, 2))
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.layer2(self.layer1(functional.relu(self.bn1(self.conv1(x)))))
        return self.fc(x.mean((2, 3)))

    @staticmethod
    def batch(generator):
        """Noisy images of ten waves of different frequency and direction."""
        labels = torch.randint(10, (32,), generator=generator)
        rows, columns = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
        angle = labels[:, None, None] * 0.314
        wave = torch.sin((rows * torch.cos(angle) + columns * torch.sin(angle)) * (0.5 + 0.1 * labels[:, None, None]))
        return wave[:, None] + 0.5 * torch.randn(32, 3, 16, 16, generator=generator), labels

    def loss(self, images, labels):
        return functional.cross_entropy(self(images), labels)


MODELS = {"gpt": GPT, "resnet": ResNet}
OPTIMIZERS = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
    "adamw": lambda parameters: torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.1)}


def train(model, optimizer, steps, seed=0):
    """Trains a model from a fixed seed. Yields (step, model, optimizer, loss) before training and after each update."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed + 1)
    module = MODELS[model]()
    update = OPTIMIZERS[optimizer](module.parameters())
    yield 0, module, update, None
    for step in range(1, steps + 1):
        loss = module.loss(*module.batch(generator))
        update.zero_grad()
        loss.backward()
        update.step()
        yield step, module, update, loss.item()
