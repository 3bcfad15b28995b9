"""Layers of BERT under onnxruntime in float32, one thread: twice as fast as numpy's products, and no pool of threads that waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
HEADS, WIDTH, TINY = 12, 384, 1e-12


class Layers:
    """Layers by name, one after the other (Devlin et al. 2019); `weights` are referred to, the graph holds none. Threads may share it."""

    def __init__(self, weights: Mapping[str, Floats], names: Sequence[str]) -> None:
        import onnxruntime

        graph = _Graph()
        out = "x"
        for name in names:
            out = graph.layer(out, name)
        given = {n: np.ascontiguousarray(weights[n].T) if weights[n].ndim == 2 else np.array(weights[n]) for n in graph.needs()}
        self._held = {n: onnxruntime.OrtValue.ortvalue_from_numpy(w) for n, w in given.items()}
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_external_initializers(list(self._held), list(self._held.values()))
        model = graph.model(out, {n: w.shape for n, w in given.items()})
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def __call__(self, x: Floats) -> Floats:
        """(pieces, d) to (pieces, d)."""
        return np.asarray(self._session.run(None, {"x": x})[0], dtype=np.float32)


class _Graph:
    """ONNX nodes as they are added; what is named and not made is a weight."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []

    def needs(self) -> list[str]:
        made = {out for node in self._nodes for out in node.output}
        return sorted({i for node in self._nodes for i in node.input} - made - {"x", "heads", "flat", "scale"})

    def layer(self, x: str, name: str) -> str:
        query, key, value = (
            self._add("Reshape", [self._dense(x, f"{name}.attention.self.{part}"), "heads"])
            for part in ("query", "key", "value")
        )
        scores = self._add(
            "MatMul", [self._add("Transpose", [query], perm=[1, 0, 2]), self._add("Transpose", [key], perm=[1, 2, 0])]
        )
        shares = self._add("Softmax", [self._add("Mul", [scores, "scale"])], axis=-1)
        mixed = self._add("MatMul", [shares, self._add("Transpose", [value], perm=[1, 0, 2])])
        flat = self._add("Reshape", [self._add("Transpose", [mixed], perm=[1, 0, 2]), "flat"])
        x = self._normalised(x, self._dense(flat, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
        inner = self._add("Gelu", [self._dense(x, f"{name}.intermediate.dense")])
        return self._normalised(x, self._dense(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def model(self, out: str, shapes: Mapping[str, Sequence[int]]) -> bytes:
        from onnx import TensorProto, helper

        values: list[Any] = [
            helper.make_tensor("heads", TensorProto.INT64, [3], [-1, HEADS, WIDTH // HEADS]),
            helper.make_tensor("flat", TensorProto.INT64, [2], [-1, WIDTH]),
            helper.make_tensor("scale", TensorProto.FLOAT, [], [(WIDTH / HEADS) ** -0.5]),
        ]
        for name, shape in shapes.items():
            held = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL)
            held.external_data.add(key="location", value="in memory")
            values.append(held)
        ends = [helper.make_tensor_value_info(end, TensorProto.FLOAT, ["pieces", WIDTH]) for end in ("x", out)]
        graph = helper.make_graph(self._nodes, "layers", ends[:1], ends[1:], values)
        return bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10).SerializeToString())

    def _add(self, kind: str, inputs: Sequence[str], **how: Any) -> str:
        from onnx import helper

        out = f"{kind} {len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [out], **how))
        return out

    def _dense(self, x: str, name: str) -> str:
        return self._add("Add", [self._add("MatMul", [x, f"{name}.weight"]), f"{name}.bias"])

    def _normalised(self, x: str, more: str, name: str) -> str:
        return self._add("LayerNormalization", [self._add("Add", [x, more]), f"{name}.weight", f"{name}.bias"], epsilon=TINY)
