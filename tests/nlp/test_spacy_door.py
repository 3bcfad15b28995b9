"""spaCy splits clauses without bringing torch along; a trained pipeline may take its place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from knowledge.errors import BadInput
from nlp.text import clauses


def test_clauses_do_not_import_torch() -> None:
    code = "import sys; from nlp.text import clauses; clauses(['It was late, but fine.']); print('torch' in sys.modules); import torch; print(torch.ones(1).item())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert said == ["False", "1.0"]


def test_a_pipeline_of_ones_own_says_where_sentences_begin(tmp_path: Path) -> None:
    import spacy

    own = spacy.blank("en")
    own.add_pipe("sentencizer", config={"punct_chars": ["|"]})
    own.to_disk(tmp_path / "own")
    text = "the driver came late again | nobody called us before"
    assert [text[a:b] for a, b in clauses([text])[0]] == [text]
    assert [text[a:b] for a, b in clauses([text], str(tmp_path / "own"))[0]] == [
        "the driver came late again |",
        "nobody called us before",
    ]


def test_a_pipeline_that_is_not_there_is_named() -> None:
    with pytest.raises(BadInput) as caught:
        clauses(["late"], "nowhere_sm")
    assert caught.value.code == "no_pipeline"
