#!/usr/bin/env python3
"""A series of checkpoints from Lightning, and the ranks along it.

Usage: series_lightning.py [ZEROLAB]

Lightning's ModelCheckpoint saves the optimizer's state as well and no checkpoint before the first update. `SaveSeries` saves
the weights alone, and the start.
"""

from pathlib import Path

import lightning
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from torch import nn
from torch.nn import functional

from series import show


class SaveSeries(Callback):
    """Saves the weights before training and after every `every` updates."""

    def __init__(self, folder, every):
        self.folder, self.every, self.latest = Path(folder), every, -1

    def on_train_start(self, trainer, module):
        self.save(trainer, module)

    def on_train_batch_end(self, trainer, module, outputs, batch, batch_idx):
        # With accumulated gradients, several batches belong to one update.
        if trainer.global_step % self.every == 0 and trainer.global_step != self.latest:
            self.save(trainer, module)

    def save(self, trainer, module):
        self.latest = trainer.global_step
        if trainer.is_global_zero:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f"step={trainer.global_step:06}.pt"
            torch.save(module.state_dict(), f"{path}.part")
            Path(f"{path}.part").rename(path)


class Classifier(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.network = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))

    def training_step(self, batch, index):
        x, y = batch
        return functional.cross_entropy(self.network(x), y)

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=1e-3)


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(1600, 32)
    data = torch.utils.data.TensorDataset(x, (x @ torch.randn(32, 4)).argmax(1))
    own = ModelCheckpoint("runs/lightning-own", every_n_train_steps=50, save_top_k=-1)
    trainer = lightning.Trainer(max_epochs=1, accelerator="cpu", logger=False, enable_progress_bar=False,
                                enable_model_summary=False, callbacks=[SaveSeries("runs/lightning", every=25), own])
    trainer.fit(Classifier(), torch.utils.data.DataLoader(data, batch_size=16))
    show("runs/lightning")
    # ModelCheckpoint's own files are a series as well, without the start.
    show("runs/lightning-own", steps=(50, 100))
