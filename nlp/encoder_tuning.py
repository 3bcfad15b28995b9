"""The encoder's top layers learn labels, over token states of the lower ones that are read once. Only here does learning need
torch; what comes out is read without it (`nlp.encoder_layers`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.errors import needs
from nlp.encoder import LOWER, States
from nlp.encoder_layers import Layers, padded
from nlp.weights import default_files

# Chosen on Banking77's training file and on a part of the training part of one fold of airline reasons.
READ, FEWEST_TIMES, MOST_TIMES = 24_000, 2, 4  # texts read in all, and how often each
BATCH, RATE, HEAD_RATE, DECAY, DROPOUT, SMOOTH, WARM = 32, 1e-4, 2e-3, 0.01, 0.1, 0.1, 0.1


def load_bert(weights: Path) -> Any:
    """The pinned model under torch."""
    from safetensors.torch import load_file
    from transformers import BertConfig, BertModel

    config = BertConfig(hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536, vocab_size=30522)
    config._attn_implementation = "sdpa"
    bert = BertModel(config, add_pooling_layer=False)
    state = {k.removeprefix("0.auto_model.").removeprefix("bert."): v for k, v in load_file(str(weights)).items()}
    bert.load_state_dict(state, strict=False)
    return bert


def tune(states: Sequence[States], y: npt.NDArray[np.int64], weight: npt.NDArray[np.float64], *, seed: int) -> Layers:
    """Needs each text's token states, its class (0, 1, …) and how much each class weighs. The same input and number of threads, the
    same layers."""
    with needs("models", "Learning with many labels"):
        import torch
        import transformers  # noqa: F401

    classes, epochs = len(weight), int(np.clip(round(READ / len(y)), FEWEST_TIMES, MOST_TIMES))
    precision = torch.get_float32_matmul_precision()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        draw = np.random.default_rng(seed)
        layers = torch.nn.ModuleList(load_bert(default_files()["model.safetensors"]).encoder.layer[LOWER:])
        head, drop = torch.nn.Linear(states[0].shape[1], classes), torch.nn.Dropout(DROPOUT)
        torch.nn.init.zeros_(head.weight)
        torch.nn.init.zeros_(head.bias)
        parts = torch.nn.ModuleList([layers, head, drop]).train()
        steps = epochs * -(-len(y) // BATCH)
        optimiser = torch.optim.AdamW(
            [{"params": head.parameters(), "lr": HEAD_RATE}, {"params": layers.parameters(), "lr": RATE}], weight_decay=DECAY
        )
        rate = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda t: min((t + 1) / (WARM * steps), (steps - t) / ((1 - WARM) * steps))
        )
        loss = torch.nn.CrossEntropyLoss(weight=torch.tensor(weight, dtype=torch.float32), label_smoothing=SMOOTH)
        torch.set_float32_matmul_precision("medium")  # bfloat16 where the processor has it
        try:
            for rows in _order([len(s) for s in states], epochs, draw):
                x, there = (torch.from_numpy(a) for a in padded([states[i] for i in rows]))
                unseen = ((1 - there) * -1e9)[:, None, None, :]
                for layer in layers:
                    x = layer(x, unseen)
                shares = (there / there.sum(dim=1, keepdim=True)).unsqueeze(-1)
                error = loss(head(drop((x * shares).sum(dim=1))), torch.from_numpy(y[rows]))
                optimiser.zero_grad()
                error.backward()
                torch.nn.utils.clip_grad_norm_(parts.parameters(), 1.0)
                optimiser.step()
                rate.step()
        finally:
            torch.set_float32_matmul_precision(precision)
    learned = {**layers.state_dict(), **{f"head.{name}": w for name, w in head.state_dict().items()}}
    return Layers({name: w.numpy().astype(np.float16) for name, w in learned.items()})


def _order(lengths: list[int], epochs: int, draw: np.random.Generator) -> Iterator[list[int]]:
    """Batches at random, of texts that are about as long as each other."""
    for _ in range(epochs):
        order, near, made = draw.permutation(len(lengths)), BATCH * 16, []
        for start in range(0, len(order), near):
            part = sorted(order[start : start + near].tolist(), key=lambda i: lengths[i])
            made += [part[k : k + BATCH] for k in range(0, len(part), BATCH)]
        for i in draw.permutation(len(made)).tolist():
            yield made[i]
