"""The search for the worst slices looks at each that is large enough, finds what is planted, and nothing in noise."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom
from statsmodels.stats.multitest import multipletests

from lookingglass.errors import BadSetting
from lookingglass.fairness import GroupCodes, cases_of, search
from lookingglass.fairness.search import FAILURES, SEARCHED


def axes_of(columns: np.ndarray) -> list[GroupCodes]:
    return [
        GroupCodes(f"c{at}", tuple(f"v{n}" for n in range(int(column.max()) + 1)), column.astype(np.int32))
        for at, column in enumerate(columns.T)
    ]


def by_hand(
    columns: np.ndarray, failed: np.ndarray, smallest: int
) -> dict[frozenset[tuple[str, str]], tuple[int, int]]:
    """Look at every conjunction of up to three conditions, one by one; those that everybody meets are left out."""
    found = {}
    for length in (1, 2, 3):
        for chosen in combinations(range(columns.shape[1]), length):
            for values in product(*(range(int(columns[:, at].max()) + 1) for at in chosen)):
                inside = np.all(
                    [columns[:, at] == value for at, value in zip(chosen, values, strict=True)], axis=0
                )
                if smallest <= inside.sum() < len(failed):
                    name = frozenset(
                        (f"c{at}", f"v{value}") for at, value in zip(chosen, values, strict=True)
                    )
                    found[name] = (int(inside.sum()), int((inside & failed).sum()))
    return found


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_nothing_above_the_smallest_size_is_missed(seed: int, smallest: int) -> None:
    """What is looked at, and each p-value and its correction, equal those of looking at every conjunction by itself."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 90))
    columns = rng.integers(0, rng.integers(1, 5, size=4), size=(n, 4))
    failed = rng.uniform(size=n) < np.where(columns[:, 0] == 0, 0.8, 0.15)
    every = by_hand(columns, failed, smallest)
    found = search(axes_of(columns), np.ones(n, dtype=bool), failed, smallest=smallest, most=10_000)
    assert found.looked_at == (len(every) if failed.any() else 0)
    if not failed.any() or not every:
        assert found.found == ()
        return
    names = list(every)
    tail = {
        both: float(hypergeom.sf(both[1] - 1, n, int(failed.sum()), both[0])) for both in set(every.values())
    }
    tails = [tail[every[name]] for name in names]
    adjusted = dict(zip(names, multipletests(tails, method="holm")[1], strict=True))
    raw = dict(zip(names, tails, strict=True))
    alarming = {name for name in names if adjusted[name] <= 0.05}
    expected = set()
    for name in alarming:
        parts = [frozenset(part) for length in (1, 2) for part in combinations(name, length)]
        rate = every[name][1] / every[name][0]
        weaker = [
            part in alarming and part != name
            and not (raw[name] < raw[part] * (1 - 1e-9) and rate > every[part][1] / every[part][0])
            for part in parts
        ]  # fmt: skip
        if not any(weaker):
            expected.add(name)
    got = {frozenset(each.slice.conditions): each for each in found.found}
    assert set(got) == expected
    for name, each in got.items():
        assert (each.n, each.failures) == every[name]
        assert each.p_value == pytest.approx(raw[name], rel=1e-6)
        assert each.p_adjusted == pytest.approx(adjusted[name], rel=1e-6)


def test_a_planted_conjunction_is_found_alone() -> None:
    """Failures are common where c0 = v1 and c3 = v2 together, and nowhere else: no refinement of it is told as well."""
    rng = np.random.default_rng(1)
    columns = rng.integers(0, 4, size=(6_000, 8))
    planted = (columns[:, 0] == 1) & (columns[:, 3] == 2)
    failed = rng.uniform(size=6_000) < np.where(planted, 0.5, 0.1)
    found = search(axes_of(columns), np.ones(6_000, dtype=bool), failed)
    first = found.found[0]
    assert first.slice.to_json() == {"c0": "v1", "c3": "v2"}
    assert first.n == planted.sum()
    assert first.failures == (planted & failed).sum()
    assert first.difference.value == pytest.approx(failed[planted].mean() - failed[~planted].mean())
    assert first.share.value == pytest.approx(first.failures / failed.sum())
    for other in found.found[1:]:
        assert not set(first.slice.conditions) <= set(other.slice.conditions)
    assert found.complete


def test_noise_is_not_presented_as_discovery() -> None:
    """Failures fall anywhere: of 150 searches over 600 slices and more, about 5 in 100 may tell of something."""
    rng = np.random.default_rng(2)
    told = 0
    for _ in range(150):
        columns = rng.integers(0, 3, size=(600, 6))
        found = search(axes_of(columns), np.ones(600, dtype=bool), rng.uniform(size=600) < 0.3, smallest=10)
        assert found.looked_at > 300
        told += bool(found.found)
    assert told / 150 <= 0.1


def test_failures_are_those_of_the_metric() -> None:
    y_true, yes = np.array([1, 1, 0, 0]), np.array([True, False, True, False])
    for metric, cases, failures in (
        ("accuracy", [1, 1, 1, 1], [0, 1, 1, 0]),
        ("recall", [1, 1, 0, 0], [0, 1, 0, 0]),
        ("false_positive_rate", [0, 0, 1, 1], [0, 0, 1, 0]),
        ("precision", [1, 0, 1, 0], [0, 0, 1, 0]),
    ):
        found = cases_of(metric, y_true, yes)
        assert (found[0].tolist(), found[1].tolist()) == (
            [bool(n) for n in cases],
            [bool(n) for n in failures],
        )
    assert set(FAILURES) == set(SEARCHED)
    with pytest.raises(BadSetting, match="cannot be searched by 'f1'"):
        cases_of("f1", y_true, yes)


def test_sizes_are_those_of_the_cases() -> None:
    rng = np.random.default_rng(3)
    columns, cases = rng.integers(0, 2, size=(400, 2)), np.arange(400) < 100
    failed = cases & (columns[:, 0] == 1)
    found = search(axes_of(columns), cases, failed, smallest=30, metric="recall")
    assert (found.cases, found.failures) == (100, int(failed.sum()))
    assert found.found[0].slice.to_json() == {"c0": "v1"}
    assert found.found[0].n == int((cases & (columns[:, 0] == 1)).sum())


def test_a_column_of_thousands_of_values_is_cut_down_by_size() -> None:
    rng = np.random.default_rng(4)
    columns = np.column_stack([np.arange(5_000), rng.integers(0, 2_500, 5_000), rng.integers(0, 2, 5_000)])
    columns[:300, 1] = 7
    failed = np.arange(5_000) < 250
    found = search(axes_of(columns), np.ones(5_000, dtype=bool), failed, smallest=50)
    assert found.found[0].slice.to_json() == {"c1": "v7"}
    assert found.looked_at <= 5


def test_no_failures_no_columns_and_a_stop() -> None:
    columns = np.random.default_rng(5).integers(0, 2, size=(100, 3))
    everybody, none = np.ones(100, dtype=bool), np.zeros(100, dtype=bool)
    assert search(axes_of(columns), everybody, none).found == ()
    assert search([], everybody, everybody).looked_at == 0
    assert search(axes_of(columns), none, none).cases == 0
    assert search(axes_of(columns * 0), everybody, np.arange(100) < 50).found == ()
    assert search(axes_of(columns), everybody, everybody).found == ()
    stopped = search(axes_of(columns), everybody, columns[:, 0] == 1, stop=lambda: True)
    assert not stopped.complete
    assert stopped.looked_at == 6
    assert search(axes_of(columns), everybody, columns[:, 0] == 1, conditions=1).looked_at == 6


def test_settings_that_are_none_are_refused() -> None:
    with pytest.raises(BadSetting, match="at least 1 case"):
        search([], np.ones(1, dtype=bool), np.ones(1, dtype=bool), smallest=0)
    with pytest.raises(BadSetting, match="one to 3 conditions, not 4"):
        search([], np.ones(1, dtype=bool), np.ones(1, dtype=bool), conditions=4)
