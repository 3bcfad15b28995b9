"""Themes whose members disagree in mood are divided; a few of the other mood are not."""

from __future__ import annotations

import numpy as np

from nlp.cluster import Groups, find_groups
from nlp.encoder import Vectors
from nlp.moods import Moods, moods_apart


def grouped(sizes: tuple[int, int, int]) -> tuple[Groups, Vectors, Moods]:
    glad, bad, none = sizes
    draw = np.random.default_rng(4)
    count = sum(sizes)
    vectors = draw.normal(0, 0.05, (count, 6)).astype(np.float32)
    vectors[:, 0] = 1.0
    vectors[:glad, 1] += 0.3
    vectors[glad : glad + bad, 1] -= 0.3
    vectors[glad + bad :, 1] += 0.3
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    moods = np.array([1] * glad + [-1] * bad + [0] * none)
    found = find_groups([f"{i:03d}" for i in range(count)], vectors, resolution=1.0, outliers=0.0)
    return found.joined(np.zeros(found.count, dtype=np.int64), vectors), vectors, moods


def test_praise_and_complaints_are_two_themes_and_the_rest_goes_to_the_nearer() -> None:
    groups, vectors, moods = grouped((20, 20, 6))
    assert groups.count == 1
    apart = moods_apart(groups, vectors, moods)
    assert apart.count == 2
    for number in range(2):
        assert len({m for m in moods[apart.labels == number].tolist() if m}) == 1
    assert set(apart.labels[moods == 0]) == set(apart.labels[moods == 1])


def test_a_few_of_the_other_mood_stay() -> None:
    groups, vectors, moods = grouped((3, 40, 0))
    assert moods_apart(groups, vectors, moods).count == 1
