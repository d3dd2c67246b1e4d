"""A pytest plugin that tries mutants; no file is touched.

``MUTANT=evaluation/rules/grading.py:17``: the module is imported with that mutation, and the tests run as usual.
``MUTANTS=FILE``: the tests run once, and which lines of the rules each of them passes is written down; then every mutant of
the file's lines is tried in a fork of this process, where the mutated function takes the place of its own, on the tests that
pass its line. One line of ``RESULTS`` each: ``path:number noticed``, ``missed``, ``untouched`` (no test passes the line) or
``collected``, with the files that would have to be asked in a process of their own: what tests work out while they are
collected is not done again in a fork. Constants and defaults of a module take the places of its own ones likewise; where
such a place was overlooked the mutant counts as missed.
"""

from __future__ import annotations

import ast
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from bench.mutations import Mutation, mutated, mutations

ROOT = Path(__file__).resolve().parents[1]
#: a mutant that runs longer has lost its way, which counts as noticed
LONGEST_SECONDS = 240
COLLECTED = "collected "


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, number: int) -> None:
        super().__init__(name, path)
        self.number = number

    def get_code(self, fullname: str) -> object:
        source = mutated(Path(self.path).read_text(encoding="utf-8"), self.number)
        return compile(source, self.path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, path: str, number: int) -> None:
        self.path, self.number = ROOT / path, number
        self.name = path.removesuffix(".py").replace("/", ".")

    def find_spec(self, name: str, path: object, target: ModuleType | None = None) -> object:
        if name != self.name:
            return None
        loader = _Loader(name, str(self.path), self.number)
        return importlib.util.spec_from_file_location(name, self.path, loader=loader)


class Lines:
    """Which lines of which rules are passed while ``doing`` something."""

    def __init__(self, files: set[str]) -> None:
        self.files = files
        self.doing = COLLECTED.strip()
        self.passed: dict[tuple[str, int], set[str]] = defaultdict(set)

    def start(self) -> None:
        sys.settrace(self._call)

    def stop(self) -> None:
        sys.settrace(None)

    def _call(self, frame: FrameType, _event: str, _of: Any) -> Any:
        file = frame.f_code.co_filename
        if file not in self.files:
            return None
        passed, doing = self.passed, self.doing
        passed[file, frame.f_lineno].add(doing)

        def line(inner: FrameType, event: str, _of: Any) -> Any:
            if event == "line":
                passed[file, inner.f_lineno].add(doing)
            return line

        return line


class Tries:
    def __init__(self, asked: list[str], results: Path) -> None:
        self.asked = asked
        self.results = results
        self.lines = Lines({str(ROOT / one.rpartition(":")[0]) for one in asked})
        self.lines.start()

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        self.lines.doing = f"{COLLECTED}{collector.nodeid}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = session.items
        seconds: dict[str, float] = {}
        for number, item in enumerate(items):
            self.lines.doing = item.nodeid
            begun = time.perf_counter()
            # the first test comes next, so that what lasts a session stays
            if not _passes(item, items[(number + 1) % len(items)]):
                self._tell(f"fails {item.nodeid}")
                return True
            seconds[item.nodeid] = time.perf_counter() - begun
        self.lines.stop()
        by_name = {item.nodeid: item for item in items}
        for one in self.asked:
            path, _, number = one.rpartition(":")
            self._tell(f"{one} {self._tried(ROOT / path, int(number), by_name, seconds)}")
        return True

    def _tell(self, line: str) -> None:
        with self.results.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _tried(
        self, path: Path, number: int, by_name: dict[str, pytest.Item], seconds: dict[str, float]
    ) -> str:
        source = path.read_text(encoding="utf-8")
        mutation = mutations(source)[number]
        inside = function_around(source, mutation)
        names = self._who_passes(str(path), statement_around(source, mutation), mutation.line)
        if inside is None:
            names = {
                name
                for (file, _), passed in self.lines.passed.items()
                if file == str(path)
                for name in passed
            }
        chosen = sorted((name for name in names if name in seconds), key=lambda name: (seconds[name], name))
        if chosen and _in_a_fork(path, number, inside, [by_name[name] for name in chosen]):
            return "noticed"
        files = sorted(
            name.removeprefix(COLLECTED) for name in names if name.startswith(f"{COLLECTED}tests/")
        )
        if files:
            return " ".join(["collected", *files])
        return "missed" if chosen else "untouched"

    def _who_passes(self, path: str, first: int, line: int) -> set[str]:
        """Python tells the lines of a statement that it stops at: the nearest one before the mutation."""
        for each in range(line, first - 1, -1):
            if names := self.lines.passed.get((path, each)):
                return names
        return set()


def function_around(source: str, mutation: Mutation) -> tuple[int, int] | None:
    """First and last line of the outermost function whose body holds the mutation; its defaults are no part of it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.body[0].lineno <= mutation.line <= (
            node.end_lineno or 0
        ):
            return node.lineno, node.end_lineno or 0
    return None


def statement_around(source: str, mutation: Mutation) -> int:
    """First line of the smallest statement that holds the mutation."""
    around = [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt) and node.lineno <= mutation.line <= (node.end_lineno or 0)
    ]
    return max(around, default=mutation.line)


def _passes(item: pytest.Item, following: pytest.Item) -> bool:
    return all(report.passed or report.skipped for report in runtestprotocol(item, False, following))


def _in_a_fork(path: Path, number: int, inside: tuple[int, int] | None, items: list[pytest.Item]) -> bool:
    """Whether one of the tests fails, or the process is lost."""
    child = os.fork()
    if child:
        _child, status = os.waitpid(child, 0)
        return status != 0
    try:
        # by its own work: beside others a fork may wait long for its turn
        signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST_SECONDS)
        signal.alarm(10 * LONGEST_SECONDS)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        if not (_exchanged(path, number, inside) if inside else _restarted(path, number)):
            os._exit(3)
        _forget()
        for place, item in enumerate(items):
            if not _passes(item, items[min(place + 1, len(items) - 1)]):
                os._exit(1)
        os._exit(0)
    except BaseException:
        os._exit(2)


def _exchanged(path: Path, number: int, inside: tuple[int, int]) -> bool:
    """Puts the mutated code into every living function that has the own one."""
    source = path.read_text(encoding="utf-8")
    pairs = zip(
        _codes(compile(source, str(path), "exec", dont_inherit=True)),
        _codes(compile(mutated(source, number), str(path), "exec", dont_inherit=True)),
        strict=True,
    )
    new = {
        (was.co_qualname, was.co_firstlineno): is_now
        for was, is_now in pairs
        if inside[0] - 10 <= was.co_firstlineno <= inside[1]
    }
    found = False
    for each in gc.get_objects():
        if type(each) is FunctionType and each.__code__.co_filename == str(path):
            code = new.get((each.__code__.co_qualname, each.__code__.co_firstlineno))
            if code is not None:
                each.__code__ = code
                found = True
    return found


def _restarted(path: Path, number: int) -> bool:
    """Puts what the mutated module makes while it is imported into every place that has what the own one made."""
    name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    own = sys.modules[name]
    source = mutated(path.read_text(encoding="utf-8"), number)
    made = ModuleType(name)
    made.__file__ = str(path)
    sys.modules[name] = made
    try:
        exec(compile(source, str(path), "exec", dont_inherit=True), vars(made))  # noqa: S102
    finally:
        sys.modules[name] = own
    for key, new in list(vars(made).items()):
        was = vars(own).get(key)
        if isinstance(new, FunctionType) and isinstance(was, FunctionType):
            _defaults(was, new)
        elif isinstance(new, type) and isinstance(was, type) and new.__module__ == name:
            _class(was, new)
        elif key in vars(own) and type(new) is type(was) and not key.startswith("__"):
            everywhere = [own] if key.startswith("_") else list(sys.modules.values())
            for module in everywhere:
                if vars(module).get(key) is was:
                    setattr(module, key, new)
    return True


def _defaults(was: FunctionType, new: FunctionType) -> None:
    was.__defaults__, was.__kwdefaults__ = new.__defaults__, new.__kwdefaults__


def _class(was: type, new: type) -> None:
    for key, value in vars(new).items():
        old = vars(was).get(key)
        if isinstance(value, FunctionType) and isinstance(old, FunctionType):
            _defaults(old, value)
        elif not callable(value) and not key.startswith("__") and type(value) is type(old):
            with suppress(AttributeError, TypeError):
                setattr(was, key, value)


def _codes(code: CodeType) -> list[CodeType]:
    found = [code]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found += _codes(constant)
    return found


def _forget() -> None:
    """What tests and rules remember of earlier calls."""
    for each in gc.get_objects():
        if type(each).__name__ == "_lru_cache_wrapper":
            module = getattr(each, "__module__", "") or ""
            if module.startswith("tests.") or ".rules" in module:
                each.cache_clear()


if told := os.environ.get("MUTANT"):
    file, _, which = told.rpartition(":")
    sys.meta_path.insert(0, _Finder(file, int(which)))


def pytest_configure(config: pytest.Config) -> None:
    if asked := os.environ.get("MUTANTS"):
        names = Path(asked).read_text(encoding="utf-8").split()
        config.pluginmanager.register(Tries(names, Path(os.environ["RESULTS"])))
