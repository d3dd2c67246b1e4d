"""The eighty files in full size, within their limits of time and memory; and each annotated copy back again."""

from __future__ import annotations

import resource
import time

import pytest

from tests.intake.test_corpus import check_file, file_names, written_to
from tests.intake.test_fix_loop import NOT_BY_CELLS, check_loop

pytestmark = pytest.mark.corpus
#: Files that must go round: what can be read and is mended by its red cells.
GOES_ROUND = 20


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return written_to(tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("name", file_names())
def test_file_in_full_size(corpus, name):
    folder, manifest = corpus
    entry, started = manifest[name], time.process_time()
    before = _children_seconds()
    check_file(folder / name, entry)
    spent = time.process_time() - started + _children_seconds() - before
    limits = entry["limits"]
    assert spent <= limits["seconds"], f"{spent:.1f} s of processor time"
    assert _largest_child_mib() <= limits["mib"], "the largest child so far"


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _largest_child_mib() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def test_every_annotated_copy_goes_round(corpus):
    folder, manifest = corpus
    rounds = [
        name
        for name, entry in manifest.items()
        if entry["expected"] in ("reject-rows", "reject-file") and check_loop(folder / name, entry)
    ]
    assert len(rounds) >= GOES_ROUND, rounds
    assert not NOT_BY_CELLS & set(rounds)
