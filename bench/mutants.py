"""``python -m bench.mutants [COUNT] [--seed N] [--app APP] [--part I/N]``: seeded slips of the hand in the rules of all apps, each
tried on the tests of its app; which share the tests notice, in one table, and by name those they do not. No file is changed.

The tests of an app run once; then each mutant takes the place of its function in a fork of that process, on the tests that
pass its line (``bench.mutant_hook``). What tests work out while they are collected is tried in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.mutant_hook import LONGEST_SECONDS
from bench.mutations import Mutation, mutations

ROOT = Path(__file__).resolve().parents[1]
#: what tells modules apart for tests, beside their own app: cases of whole documents
CASES = ("tests/core/test_policy_cases.py",)


@dataclass(frozen=True, slots=True)
class Mutant:
    path: str
    number: int
    mutation: Mutation

    @property
    def app(self) -> str:
        return self.path.partition("/")[0]

    @property
    def name(self) -> str:
        return f"{self.path}:{self.number}"

    @property
    def words(self) -> str:
        return f"{self.path}:{self.mutation.line}  {self.mutation.was} → {self.mutation.text[:60]}"


def main() -> None:
    asked = argparse.ArgumentParser(prog="bench.mutants")
    asked.add_argument("count", nargs="?", type=int, default=300)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--app", default="", help="rules of this app alone")
    asked.add_argument("--module", default="", help="rules whose path holds this word alone")
    asked.add_argument("--part", default="1/1", help="2/6: every sixth of the sample, from its second on")
    asked.add_argument("--pure", action="store_true", help="only tests without a database")
    options = asked.parse_args()
    part, parts = (int(number) for number in options.part.split("/"))
    chosen = sample(options.count, options.seed, options.app, options.module)[part - 1 :: parts]
    noticed: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    begun = time.monotonic()
    for app in sorted({mutant.app for mutant in chosen}):
        own = [mutant for mutant in chosen if mutant.app == app]
        for mutant, is_noticed in tried_on_tests(app, own, pure=options.pure):
            tried[app] += 1
            noticed[app] += is_noticed
            if not is_noticed:
                print(f"not noticed  {mutant.words}", flush=True)
    print(
        f"seed {options.seed}, {options.count} mutants, part {options.part}: {time.monotonic() - begun:.0f} s"
    )
    print(f"{'':<12} {'tried':>6} {'noticed':>8} {'%':>6}")
    for app in [*sorted(tried), "all"]:
        all_tried, found = tried[app] or tried.total(), noticed[app] if tried[app] else noticed.total()
        print(f"{app:<12} {all_tried:>6} {found:>8} {100 * found / max(all_tried, 1):>6.1f}")


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


def tried_on_tests(app: str, chosen: list[Mutant], *, pure: bool) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant of the app, and whether its tests notice it."""
    without, with_database = files_for(app)
    by_name = {mutant.name: mutant for mutant in chosen}
    with tempfile.TemporaryDirectory() as folder:
        names, results = Path(folder) / "mutants", Path(folder) / "results"
        names.write_text("\n".join(by_name), encoding="utf-8")
        _run([*without, *([] if pure else with_database)], {"MUTANTS": str(names), "RESULTS": str(results)})
        told = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    if len(told) != len(chosen):
        raise SystemExit(f"the tests of {app} fail without any mutant: mend them first ({told[-1:]})")
    for line in told:
        name, word, *files = line.split()
        is_noticed = word == "noticed"
        if word == "collected":
            is_noticed = _run(files, {"MUTANT": name}, LONGEST_SECONDS) != 0
        yield by_name[name], is_noticed


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


def _run(tests: list[str], told: dict[str, str], seconds: int | None = None) -> int:
    """What pytest answers; 1 after so many seconds."""
    options = ["-q", "-x", "-n", "0", "--nomigrations", "--capture=no", "-p", "bench.mutant_hook"]
    environment = {**os.environ, **told, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", *options, *tests]
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=ROOT, env=environment, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return 1
    return done.returncode


if __name__ == "__main__":
    main()
