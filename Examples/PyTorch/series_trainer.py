#!/usr/bin/env python3
"""A series of checkpoints from Hugging Face's Trainer, and the ranks along it.

Usage: series_trainer.py [ZEROLAB]

The Trainer saves no checkpoint before the first update, and its checkpoints contain the optimizer's state. `SaveSeries` saves
the weights alone, and the start.
"""

import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainerCallback, TrainingArguments

from series import show


class SaveSeries(TrainerCallback):
    """Saves the weights before training and after every `every` updates."""

    def __init__(self, folder, every):
        self.folder, self.every = folder, every

    def on_train_begin(self, args, state, control, model=None, **kwargs):
        if state.global_step == 0:
            self.save(state, model)

    def on_step_end(self, args, state, control, model=None, **kwargs):
        if state.global_step % self.every == 0:
            self.save(state, model)

    def save(self, state, model):
        if state.is_world_process_zero:
            model.save_pretrained(f"{self.folder}/checkpoint-{state.global_step}")


if __name__ == "__main__":
    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config(vocab_size=64, n_positions=32, n_embd=32, n_layer=2, n_head=2))
    start = torch.randint(64, (256, 1))
    texts = [{"input_ids": row, "labels": row} for row in (start + 3 * torch.arange(32)) % 64]
    arguments = TrainingArguments("runs/trainer-own", max_steps=100, per_device_train_batch_size=8, learning_rate=1e-3,
                                  report_to=[], save_strategy="steps", save_steps=50, use_cpu=True, disable_tqdm=True)
    Trainer(model, arguments, train_dataset=texts, callbacks=[SaveSeries("runs/trainer", every=25)]).train()
    show("runs/trainer")
    # The Trainer's own checkpoints are a series as well, without the start.
    show("runs/trainer-own", steps=(50, 100))
