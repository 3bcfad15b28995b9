"""The encoder gives the same bits on every processor: no sum depends on its order, no rounding on the last bit."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from nlp import encoder
from nlp.encoder import load_encoder
from nlp.encoder_export import (
    EXPONENT,
    GELU_STEP,
    GELU_TOP,
    LEVELS,
    LOGIT,
    LONGEST,
    MIDDLE,
    WHOLE,
    _ranges,
    gelu_steps,
    quantised,
)
from nlp.weights import default_files

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = [
    f"{who} {what} {when}{end}"
    for who in ("The driver", "Your agent Ana", "Nobody at the warehouse", "the EDI invoice", "Our pallet of seals")
    for what in ("was late", "never called us back", "helped a lot", "came with a wrong price, twice", "is GREAT :)")
    for when in ("again", "on Friday", "in 2026", "this week")
    for end in (".", "!!")
]
FEW = SENTENCES[::5]  # an emulated processor takes a fifth of a second for each
PINNED = "2ace15d91158988a"
RUN = """
import json, sys
import numpy as np
from nlp.encoder import load_encoder
from nlp.weights import default_files
np.save(sys.argv[2], load_encoder().encode(json.load(open(sys.argv[1]))))
"""


def digest(vectors: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(vectors).tobytes()).hexdigest()[:16]


def tell(line: str) -> None:
    """Shown also where pytest keeps what passes to itself."""
    warnings.warn(line, stacklevel=2)


def under(command: list[str], folder: Path, texts: list[str], **environment: str) -> np.ndarray:
    """The vectors that another process makes. What this machine's environment says about kernels (OPENBLAS_CORETYPE) is not for it:
    Haswell's on a processor that is older end in an illegal instruction."""
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    told = [*command, sys.executable, "-c", RUN, str(folder / "texts.json"), str(folder / "vectors.npy")]
    ours = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    done = subprocess.run(told, check=False, capture_output=True, text=True, cwd=ROOT, env={**ours, **environment})
    assert done.returncode == 0, done.stderr
    return np.load(folder / "vectors.npy")


def test_the_bits_are_those_seen_on_other_processors() -> None:
    found = digest(load_encoder().encode(SENTENCES))
    tell(f"vectors of {len(SENTENCES)} sentences: {found}")
    assert found == PINNED


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("model", ["Haswell", "Nehalem"])
def test_another_processor_gives_the_same_bits(model: str, tmp_path: Path) -> None:
    """Haswell has AVX2 and no VNNI; Nehalem neither AVX nor fused multiplication, so that every kernel is another one."""
    emulator = shutil.which("qemu-x86_64")
    if emulator is None or os.uname().machine != "x86_64":
        assert os.environ.get("CI", "").lower() != "true", "CI needs qemu-user"
        pytest.skip("no qemu-x86_64 here: apt-get install qemu-user")
    here, there = load_encoder().encode(FEW), under([emulator, "-cpu", model], tmp_path, FEW)
    tell(f"{model}: {digest(there)}, lowest cosine {(here * there).sum(axis=1).min():.6f}")
    assert digest(there) == digest(here)


@pytest.mark.parametrize("threads", ["1", "4"])
def test_the_number_of_threads_does_not_matter(threads: str, tmp_path: Path) -> None:
    found = under([], tmp_path, SENTENCES, OMP_NUM_THREADS=threads, OPENBLAS_NUM_THREADS=threads)
    assert digest(found) == digest(load_encoder().encode(SENTENCES))


def test_a_text_alone_has_the_vector_that_it_has_among_others() -> None:
    some = [*SENTENCES[:5], "", "word " * 300]
    together = load_encoder().encode(some)
    assert all(np.array_equal(load_encoder().encode([t])[0], row) for t, row in zip(some, together, strict=True))


def test_no_sixteen_bit_sum_of_products_overflows() -> None:
    whole, scale = quantised(np.random.default_rng(1).normal(size=(384, 96)), np.ones(384))
    assert np.abs(whole).max() <= LEVELS
    assert 2 * 255 * LEVELS < 2**15
    assert MIDDLE == 128
    assert (scale > 0).all()


def test_no_exponential_comes_near_to_a_half() -> None:
    """Any Exp that errs by less than ten units in the last place is rounded to the same whole number."""
    exact = np.exp(-np.arange(LOGIT * 16) / LOGIT) * EXPONENT
    assert (np.abs(exact % 1 - 0.5) / exact)[exact > 0.1].min() > 10 * 2.0**-23
    assert EXPONENT * LONGEST < 2**24


def test_no_gelu_comes_near_to_a_half() -> None:
    from scipy.special import erf

    given = np.arange(-(2**13), 2**13) * GELU_STEP
    exact = given / 2 * (1 + erf(given / 2**0.5))
    for name, highest in _ranges().items():
        if not name.endswith("gout.max"):
            continue
        steps, zero = gelu_steps(highest)
        for step in np.unique(steps):
            told = exact / step + zero
            inside = (told < 256) & (exact != 0) & (given > -8)
            assert (np.abs(told % 1 - 0.5) / np.maximum(np.abs(exact / step), 1))[inside].min() > 10 * 2.0**-23
    assert GELU_TOP > 0


def test_shares_of_attention_times_values_are_exact() -> None:
    """The shares of at most LONGEST tokens are WHOLE in all, and half of one each by rounding; values fit what is left of 2**24."""
    assert (WHOLE + LONGEST / 2) * 127 * 16 < 2**24


@pytest.mark.slow
def test_it_means_what_the_weights_mean() -> None:
    """Against the weights in float32 under torch: as near as eight bits come."""
    torch = pytest.importorskip("torch")
    from tokenizers import Tokenizer

    from nlp.encoder_tuning import load_bert

    files = default_files()
    read, bert = Tokenizer.from_file(str(files["tokenizer.json"])), load_bert(files["model.safetensors"]).eval()
    read.no_padding()
    cosines, some = [], SENTENCES[::9]
    for text, own in zip(some, load_encoder().encode(some), strict=True):
        ids = torch.tensor([read.encode(text).ids])
        with torch.no_grad():
            mean = bert(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0].mean(dim=0).numpy()
        cosines.append(own @ mean / np.linalg.norm(mean))
    assert np.mean(cosines) > 0.995
    assert min(cosines) > 0.985


def test_states_end_where_the_weights_say(tmp_path: Path) -> None:
    from knowledge.errors import Unavailable
    from nlp.encoder_export import export

    stored = load_file(str(default_files()["model.safetensors"]))
    from safetensors.numpy import save_file

    save_file({k: v for k, v in stored.items() if "layer.5" not in k}, str(tmp_path / "other.safetensors"))
    with pytest.raises(Unavailable, match="architecture"):
        export(tmp_path / "other.safetensors", tmp_path / "graph.onnx")
    assert encoder.LOWER < 6
