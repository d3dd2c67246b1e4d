"""``python -m bench.mutants [COUNT] [--seed N] [--app APP]``: seeded slips of the hand in the rules of all apps, each tried on
the tests of its app; which share the tests notice, and by name those they do not. No file is changed.

The tests that need no database are asked first; what they let pass goes to the others, unless ``--pure``.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.mutations import Mutation, mutations

ROOT = Path(__file__).resolve().parents[1]
#: a mutant that runs longer has lost its way, which counts as noticed
LONGEST_SECONDS = 240
#: what tells modules apart for tests, beside their own app: cases of whole documents
CASES = ("tests/config", "tests/core/test_policy_cases.py")


@dataclass(frozen=True, slots=True)
class Mutant:
    path: str
    number: int
    mutation: Mutation

    @property
    def words(self) -> str:
        return f"{self.path}:{self.mutation.line}  {self.mutation.was} → {self.mutation.text[:60]}"


def main() -> None:
    asked = argparse.ArgumentParser(prog="bench.mutants")
    asked.add_argument("count", nargs="?", type=int, default=300)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--app", default="", help="rules of this app alone")
    asked.add_argument("--module", default="", help="rules whose path holds this word alone")
    asked.add_argument("--pure", action="store_true", help="only tests without a database")
    options = asked.parse_args()
    chosen = sample(options.count, options.seed, options.app, options.module)
    noticed: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    begun = time.monotonic()
    for app in sorted({mutant.path.partition("/")[0] for mutant in chosen}):
        if any(_fails(None, files) for files in files_for(app)[: 1 if options.pure else 2]):
            raise SystemExit(f"the tests of {app} fail without any mutant: mend them first")
    for mutant in chosen:
        app = mutant.path.partition("/")[0]
        tried[app] += 1
        if is_noticed(mutant, pure=options.pure):
            noticed[app] += 1
        else:
            print(f"not noticed  {mutant.words}", flush=True)
    for app in sorted(tried):
        print(f"{app:<12} {noticed[app]:>4} of {tried[app]:>4}")
    total, all_tried = sum(noticed.values()), sum(tried.values())
    print(
        f"{total} of {all_tried} noticed: {100 * total / max(all_tried, 1):.1f} % in {time.monotonic() - begun:.0f} s"
    )


def sample(count: int, seed: int, app: str = "", module: str = "") -> list[Mutant]:
    """The same seed, the same mutants of the same sources; every module in the proportion of its faults."""
    every = [
        mutant
        for path in sorted(ROOT.glob(f"{app or '*'}/rules/*.py"))
        for mutant in _of(path)
        if module in mutant.path
    ]
    return random.Random(seed).sample(every, min(count, len(every)))


def _of(path: Path) -> Iterator[Mutant]:
    name = path.relative_to(ROOT).as_posix()
    for number, mutation in enumerate(mutations(path.read_text(encoding="utf-8"))):
        yield Mutant(name, number, mutation)


def is_noticed(mutant: Mutant, *, pure: bool) -> bool:
    without, with_database = files_for(mutant.path.partition("/")[0])
    return _fails(mutant, without) or (not pure and _fails(mutant, with_database))


def files_for(app: str) -> tuple[list[str], list[str]]:
    """Test files of the app that name no database, and the others."""
    files = sorted((ROOT / "tests" / app).rglob("test_*.py"))
    files += [
        file
        for place in CASES
        for file in sorted((ROOT / place).rglob("test_*.py") if (ROOT / place).is_dir() else [ROOT / place])
        if file.exists()
    ]
    names: tuple[list[str], list[str]] = [], []
    for file in files:
        needs = "django_db" in file.read_text(encoding="utf-8")
        names[needs].append(file.relative_to(ROOT).as_posix())
    return names


def _fails(mutant: Mutant | None, tests: list[str]) -> bool:
    if not tests:
        return False
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-n",
        "0",
        "--nomigrations",
        "-p",
        "bench.mutant_hook",
        *tests,
    ]
    told = f"{mutant.path}:{mutant.number}" if mutant else ""
    environment = {**os.environ, "MUTANT": told, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=ROOT, env=environment, capture_output=True, timeout=LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


if __name__ == "__main__":
    main()
