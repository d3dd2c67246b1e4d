"""A pytest plugin that lets one module be imported with one mutation (``MUTANT=evaluation/rules/grading.py:17``); the file
itself is never touched."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

from bench.mutations import mutated

ROOT = Path(__file__).resolve().parents[1]


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


if told := os.environ.get("MUTANT"):
    file, _, which = told.rpartition(":")
    sys.meta_path.insert(0, _Finder(file, int(which)))
