"""The encoder: pinned weights, unit vectors that do not depend on row order, no torch once it is prepared."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from nlp import encoder

TEXTS = [
    "The driver was late again.",
    "late delivery by the driver",
    "I love this jacket",
    "",
    "a" * 5000,
    "☃ unicode, naïve café",
]


def test_vectors_have_length_one_and_meaning() -> None:
    vectors = encoder.load_encoder().encode(TEXTS)
    assert vectors.shape == (6, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3


def test_row_order_and_repeats_do_not_matter() -> None:
    model = encoder.load_encoder()
    straight, turned = model.encode(TEXTS), model.encode([*reversed(TEXTS), TEXTS[0]])
    assert np.array_equal(straight, turned[:6][::-1])
    assert np.array_equal(turned[6], straight[0])
    assert model.encode([]).shape == (0, 384)


def test_a_prepared_encoder_imports_no_torch() -> None:
    encoder.load_encoder()
    code = "from nlp.encoder import load_encoder; load_encoder().encode(['x']); import sys; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
