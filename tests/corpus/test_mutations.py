"""Two thousand seeded mutations of good files: never an exception, never a row that differs from the file."""

from __future__ import annotations

import pytest

from tests.intake.mutations import check_mutation, write_mutation

pytestmark = pytest.mark.corpus
SEEDS, A_TEST = 2_000, 100


@pytest.mark.parametrize("first", range(0, SEEDS, A_TEST))
def test_mutations(tmp_path, first):
    read = 0
    for seed in range(first, first + A_TEST):
        try:
            read += check_mutation(write_mutation(tmp_path / "a.xlsx", seed))
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
    # else the door would be kept shut rather than tried
    assert read >= A_TEST // 10
