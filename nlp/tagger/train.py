"""Teaches the tagger from the question bank: `python -m nlp.tagger.train tests/questions/bank --out nlp/tagger/data`.

Only here does it need torch. The same bank, seed and number of threads give the same weights."""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import yaml
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from nlp.encoder_tuning import load_bert
from nlp.tagger.augment import Augmenter
from nlp.tagger.bank import Bank, Wording, read_bank
from nlp.tagger.graph import WIDTH
from nlp.tagger.links import NOTHING, Record, links_of, metric_records
from nlp.tagger.network import END, KINDS, LABELS, LAYERS, LOWER, START, base_weights, packed, unpacked
from nlp.tagger.score import calibrated, split
from nlp.tagger.tagger import DATA, Pieces
from nlp.tagger.words import words_of
from nlp.weights import default_files

log = logging.getLogger("rapport.progress")
SEED, ROUNDS, FIRST, BATCH = 20261129, 7, 70, 16
DECAY, WARM, DROPOUT = 0.01, 0.1, 0.1
RATES = {"bert": 2e-4, "role": 4e-3, "op": 4e-3, "span": 5e-4, "text": 5e-4, "of_": 5e-4}  # by what a weight's name begins with
VARIED, NEAR, SHORT = 0.8, 0.05, 0.5  # how many wordings are varied, temperature of links, how many records are said shortly
LIKE = 0.5  # how near a span must be to the record that it means
Link = tuple[str, list[int], Record]  # kind, the places of its words, what they say


@dataclass(frozen=True)
class Example:
    pieces: list[list[int]]
    labels: list[int]
    op: int
    links: list[Link]


class Reader(nn.Module):  # type: ignore[misc]
    """The pinned encoder and the heads that `nlp.tagger.network` reads; layers below LOWER stay as they are."""

    def __init__(self, ops: int) -> None:
        super().__init__()
        self.bert = load_bert(default_files()["model.safetensors"])
        self.role, self.op = nn.Linear(WIDTH, len(LABELS)), nn.Linear(2 * WIDTH, ops)
        self.span, self.text = nn.Linear(WIDTH, WIDTH, bias=False), nn.Linear(WIDTH, WIDTH, bias=False)
        self.of_span, self.of_text = (nn.Parameter(torch.zeros(len(KINDS), WIDTH)) for _ in range(2))
        self.drop = nn.Dropout(DROPOUT)
        for head in (self.span, self.text):
            nn.init.eye_(head.weight)
        for p in [*self.bert.embeddings.parameters(), *self.bert.encoder.layer[:LOWER].parameters()]:
            p.requires_grad_(False)

    def lower(self, batch: Sequence[Sequence[Sequence[int]]]) -> tuple[Tensor, Tensor]:
        """States below the layers that learn, and where there is a piece: (n, pieces, d), (n, pieces)."""
        rows = [[START, *(i for word in words for i in word), END] for words in batch]
        width = max(map(len, rows))
        ids = torch.tensor([r + [0] * (width - len(r)) for r in rows])
        there = torch.tensor([[1.0] * len(r) + [0.0] * (width - len(r)) for r in rows])
        with torch.no_grad():
            x = self.bert.embeddings(ids)
            for layer in self.bert.encoder.layer[:LOWER]:
                x = layer(x, ((1 - there) * -1e9)[:, None, None, :])
        return x, there

    def upper(self, x: Tensor, there: Tensor) -> Tensor:
        for layer in self.bert.encoder.layer[LOWER:]:
            x = layer(x, ((1 - there) * -1e9)[:, None, None, :])
        return x

    def forward(self, batch: Sequence[Sequence[Sequence[int]]]) -> tuple[Tensor, Tensor, Tensor]:
        """Labels (n, words, LABELS), operations (n, ops) and the words' states, before any softmax."""
        x, there = self.lower(batch)
        x = self.upper(x, there)
        words = pool_of(batch, x.shape[1]) @ x
        ends = torch.zeros_like(there)
        for i, of_text in enumerate(batch):
            ends[i, 1 : 1 + max(sum(map(len, of_text)), 0)] = 1
        mean = (ends / ends.sum(dim=1, keepdim=True).clamp(min=1)).unsqueeze(1) @ x
        return self.role(self.drop(words)), self.op(self.drop(torch.cat([x[:, 0], mean[:, 0]], dim=1))), words

    def whole(self, batch: Sequence[Sequence[Sequence[int]]]) -> Tensor:
        """The mean of each text's states, as they are now."""
        with torch.no_grad():
            x, there = self.lower(batch)
            return ((there / there.sum(dim=1, keepdim=True)).unsqueeze(1) @ self.upper(x, there))[:, 0]

    def texts(self, plain: Tensor, kinds: Tensor) -> Tensor:
        """Needs the texts' vectors by the encoder as it was."""
        return normalize(self.text(plain) + self.of_text[kinds], dim=1)

    def spans(self, words: Tensor, kinds: Tensor) -> Tensor:
        return normalize(self.span(words) + self.of_span[kinds], dim=1)

    def learned(self) -> dict[str, np.ndarray]:
        """By the names of `nlp.tagger.network`."""
        upper = tuple(f"encoder.layer.{i}." for i in range(LOWER, LAYERS))
        made = {n.replace("encoder.", "tuned.", 1): w.numpy() for n, w in self.bert.state_dict().items() if n.startswith(upper)}
        for name in ("role", "op", "span", "text"):
            made |= {f"{name}.{n}": w.numpy() for n, w in getattr(self, name).state_dict().items()}
        return made | {"span.kind": self.of_span.detach().numpy(), "text.kind": self.of_text.detach().numpy()}


def pool_of(batch: Sequence[Sequence[Sequence[int]]], width: int) -> Tensor:
    """(n, words, pieces): takes the mean of each word's pieces."""
    pool = torch.zeros(len(batch), max(map(len, batch)), width)
    for row, words in enumerate(batch):
        at = 1
        for place, pieces in enumerate(words):
            pool[row, place, at : at + len(pieces)] = 1 / max(len(pieces), 1)
            at += len(pieces)
    return pool


def example_of(wording: Wording, pieces: Pieces, ops: Sequence[str], known: dict[str, Record]) -> Example:
    words = words_of(wording.text)
    labels = [0] * len(words)
    inside: list[list[int]] = [[] for _ in wording.marks]
    for at, mark in enumerate(wording.marks):
        for i, word in enumerate(words):
            if word.start < mark.end and word.end > mark.start and not labels[i]:
                labels[i] = LABELS.index(f"{'I' if inside[at] else 'B'}{mark.role}")
                inside[at].append(i)
    links = []
    for marks, records in links_of(wording, known):
        places = [inside[m] for m in marks] if len(records) > 1 else [[i for m in marks for i in inside[m]]]
        links += [(r.kind, p, r) for p, r in zip(places, records, strict=True) if p]
    return Example(pieces.of([w.text for w in words]), labels, ops.index(wording.op), links)


class Records:
    """Every record that training wordings mean, and its texts as the untaught encoder knows them: what a span must find."""

    def __init__(self, records: Sequence[Record], pieces: Pieces, untaught: Reader) -> None:
        self.records = [r for r in records if r.texts]
        self.at = {r: i for i, r in enumerate(self.records)}
        self.at |= dict.fromkeys(NOTHING.values(), len(self.records))  # the place behind the last
        self.kinds = torch.tensor([KINDS.index(r.kind) for r in self.records])
        every = sorted(
            {t: pieces.of_text(t) for r in self.records for t in r.texts}.items(), key=lambda pair: sum(map(len, pair[1]))
        )
        plain: dict[str, Tensor] = {}
        for part in (every[start : start + BATCH] for start in range(0, len(every), BATCH)):
            plain |= dict(zip([t for t, _ in part], untaught.whole([p for _, p in part]), strict=True))
        self.texts = [torch.stack([plain[t] for t in r.texts]) for r in self.records]

    def drawn(self, draw: random.Random) -> Tensor:
        """A text of each, more often the fullest."""
        return torch.stack([texts[draw.randrange(len(texts)) if draw.random() < SHORT else 0] for texts in self.texts])


def link_loss(model: Reader, examples: Sequence[Example], words: Tensor, records: Records, draw: random.Random) -> Tensor:
    """Each span's vector against one text of its record and of every other of its kind (InfoNCE); what no record says must be nearer
    than `LIKE` to none."""
    links = [(row, *link) for row, example in enumerate(examples) for link in example.links]
    if not links:
        return words.sum() * 0
    at = torch.tensor([records.at[r] for *_, r in links])
    kinds = torch.tensor([KINDS.index(r.kind) for *_, r in links])
    spans = model.spans(torch.stack([words[row, places].mean(dim=0) for row, _, places, _ in links]), kinds)
    scores = spans @ model.texts(records.drawn(draw), records.kinds).T / NEAR
    scores = scores.masked_fill(kinds[:, None] != records.kinds[None, :], -1e4)
    return cross_entropy(torch.cat([scores, torch.full((len(links), 1), LIKE / NEAR)], dim=1), at)


def train(bank: Bank, names: dict[str, list[str]], *, rounds: int = ROUNDS, seed: int = SEED) -> Iterator[Reader]:
    """The model after each round, over which the rate falls to almost nothing (Loshchilov and Hutter 2017), so that each can be used,
    and fewer rounds give what the first of more gave. Each is twice as long as the one before."""
    pieces, known = Pieces(default_files()["tokenizer.json"]), metric_records()
    learning, ops = split(bank).learning, bank.ops
    torch.manual_seed(seed)
    draw = random.Random(seed)
    augmenter = Augmenter(names, bank.companies, learning)
    model = Reader(len(ops)).eval()
    meant = {link[2] for w in learning for link in example_of(w, pieces, ops, known).links}
    records = Records(sorted(meant, key=lambda r: (r.kind, r.texts)), pieces, model)
    learns = {n: p for n, p in model.named_parameters() if p.requires_grad}
    groups = [{"params": [p for n, p in learns.items() if n.startswith(part)], "lr": rate} for part, rate in RATES.items()]
    optimiser = torch.optim.AdamW(groups, weight_decay=DECAY)
    batches = _batches(
        [*learning, *(w for w in learning if "measures" in w.plan)], draw
    )  # what people ask of themselves counts twice
    for steps in (FIRST * 2**i for i in range(rounds)):
        model.train()
        rate = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda t, n=steps: min((t + 1) / (WARM * n), (n - t) / ((1 - WARM) * n))
        )
        for step, batch in zip(range(steps), batches, strict=False):
            varied = [augmenter.vary(w, draw) if draw.random() < VARIED else w for w in batch]
            examples = [example_of(w, pieces, ops, known) for w in varied]
            labels, op, words = model([e.pieces for e in examples])
            target = torch.tensor([e.labels + [-100] * (labels.shape[1] - len(e.labels)) for e in examples])
            of_labels = cross_entropy(labels.flatten(0, 1), target.flatten(), label_smoothing=0.02)
            of_op = cross_entropy(op, torch.tensor([e.op for e in examples]), label_smoothing=0.05)
            of_links = link_loss(model, examples, words, records, draw)
            optimiser.zero_grad()
            (of_labels * 2 + of_op + of_links * 0.5).backward()
            nn.utils.clip_grad_norm_(list(learns.values()), 1.0)
            optimiser.step()
            rate.step()
            if step % 20 == 0:
                told = [float(x.detach()) for x in (of_labels, of_op, of_links)]
                log.info("step %d of %d: roles %.3f, operation %.3f, links %.3f", step, steps, *told)
        yield model.eval()


def reference(text: str) -> tuple[np.ndarray, np.ndarray]:
    """What torch says of a text with the weights that ship: as `Tagger.log_chances`."""
    with np.load(DATA / "tagger.npz") as file:
        shipped = {n: file[n] for n in file.files if n != "ops"}
    weights = unpacked(base_weights(default_files()["model.safetensors"]), shipped)
    model = Reader(len(weights["op.bias"])).eval()
    state = {n.replace("tuned.", "bert.encoder.", 1): torch.tensor(w) for n, w in weights.items() if n.startswith("tuned.")}
    state |= {n: torch.tensor(weights[n]) for n in ("role.weight", "role.bias", "op.weight", "op.bias")}
    model.load_state_dict(state, strict=False)
    with torch.no_grad():
        labels, ops, _ = model([Pieces(default_files()["tokenizer.json"]).of_text(text)])
    temperatures = [float(weights[f"{name}.temperature"]) for name in ("role", "op")]
    told = [x[0] / t for x, t in zip((labels, ops), temperatures, strict=True)]
    return torch.log_softmax(told[0], dim=-1).numpy(), torch.log_softmax(told[1], dim=-1).numpy()


def _batches(wordings: Sequence[Wording], draw: random.Random) -> Iterator[list[Wording]]:
    """Without end: every wording once before any again, at random, beside others about as long."""
    while True:
        order = draw.sample(list(wordings), len(wordings))
        made = []
        for start in range(0, len(order), BATCH * 16):
            part = sorted(order[start : start + BATCH * 16], key=lambda w: len(w.text))
            made += [part[k : k + BATCH] for k in range(0, len(part), BATCH)]
        yield from draw.sample(made, len(made))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bank", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--score-most", type=int, help="how many held-out wordings of a kind are scored at most")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    bank = read_bank(given.bank)
    names = yaml.safe_load((given.bank / "names.yaml").read_text(encoding="utf-8"))
    base = base_weights(default_files()["model.safetensors"])
    given.out.mkdir(parents=True, exist_ok=True)
    for model in train(bank, names, rounds=given.rounds):
        weights = packed(base, model.learned()) | {"ops": np.array(bank.ops)}
        scores = calibrated(bank, weights, given.out / "tagger.npz", most=given.score_most)
        digest = hashlib.sha256((given.out / "tagger.npz").read_bytes()).hexdigest()
        (given.out / "tagger.sha256").write_text(digest + "\n", encoding="ascii")
        (given.out / "scores.json").write_text(json.dumps(scores, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        log.info("%s", json.dumps(scores, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
