"""Policy files on disk, by name or path, for the commands that load and check them; cases stand beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from core.management.house_command import UsageFault
from core.policies import PolicyDocument, PolicyFault, borrowed_regions, read_document
from core.policies.nodes import TEXT_LIMIT

CASES_SUFFIX = ".cases.yaml"


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A file with what was read from it; ``document`` is ``None`` when there are faults."""

    path: Path
    text: str
    document: PolicyDocument | None
    faults: list[PolicyFault]

    @property
    def fault_lines(self) -> list[str]:
        return [f"{self.path}:{fault.line}: {fault.key}: {fault.message}" for fault in self.faults]


def shipped_paths() -> list[Path]:
    """Every document under ``config/policies``, by locality and name."""
    return sorted(path for path in _shipped_root().rglob("*.yaml") if not path.name.endswith(CASES_SUFFIX))


def cases_beside(path: Path) -> Path | None:
    """``nantong-2022.cases.yaml`` beside ``nantong-2022.yaml``, where there is one."""
    beside = path.with_name(path.stem + CASES_SUFFIX)
    return beside if beside.is_file() else None


def find_policy(word: str) -> Path:
    """The file that a name or a path means; a name is looked up under ``config/policies``."""
    if Path(word).is_file():
        return Path(word)
    found = [path for path in shipped_paths() if path.stem == word]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageFault(f"{word} 有 {len(found)} 份，请写明路径：{'、'.join(map(str, found))}")
    names = "、".join(path.stem for path in shipped_paths())
    raise UsageFault(f"没有这份政策文件：{word}；自带的有：{names}")


def read_policy_file(path: Path, beside: Iterable[Path] = ()) -> PolicyFile:
    """Read and check one file; never raises for what is in it. ``beside``: files whose regions it may use."""
    text, unreadable = read_text(path)
    if unreadable:
        return PolicyFile(path, "", None, [unreadable])
    document, faults = read_document(text, _lenders(path, text, beside))
    if document is not None and _shipped_root() in path.resolve().parents and document.id != path.stem:
        faults = [PolicyFault(1, "id", f"政策名 {document.id} 与文件名 {path.stem} 不一致，请改成一致")]
        document = None
    return PolicyFile(path, text, document, faults)


def _lenders(path: Path, text: str, beside: Iterable[Path]) -> dict[str, str]:
    """The document whose regions ``text`` uses: named by the caller, in the same folder, or shipped."""
    name = borrowed_regions(text)
    if name is None:
        return {}
    for file in (*beside, path.with_name(f"{name}.yaml"), *shipped_paths()):
        lender = read_text(file)[0] if file.is_file() else ""
        if re.search(rf"^id:\s*[\"']?{re.escape(name)}[\"']?\s*(#.*)?$", lender, re.MULTILINE):
            return {name: lender}
    return {}


def read_text(path: Path) -> tuple[str, PolicyFault | None]:
    """The text of a file, or why it is none."""
    if path.stat().st_size > 4 * TEXT_LIMIT:
        return "", PolicyFault(1, "", "文件过大，不像一份政策文件")
    try:
        return path.read_bytes().decode(), None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return "", PolicyFault(line, "", "文件不是 UTF-8 编码，请另存为 UTF-8")


def _shipped_root() -> Path:
    return Path(settings.BASE_DIR) / "config" / "policies"
