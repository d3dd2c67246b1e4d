from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from core.management.house_command import HouseCommand, UsageFault
from core.management.policy_files import (
    PolicyFile,
    cases_beside,
    find_policy,
    read_policy_file,
    read_text,
)
from core.policies import PolicyFault, text_sha256
from core.policies.cases import CaseResult, plain_of, read_cases, work_cases


class Command(HouseCommand):
    help = (
        "检查政策文件，一次说出所有问题（文件:行: 键: 说明），并核对案例；不动数据库。"
        "同目录有“政策名.cases.yaml”的自动核对。有问题或案例不符时退出码为 1。"
    )
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="FILE", help="文件路径，或自带文件的政策名")
        parser.add_argument("--cases", metavar="FILE", help="案例文件；只检查一份政策文件时可用")
        parser.add_argument(
            "--with",
            dest="beside",
            metavar="FILE",
            action="append",
            default=[],
            help="regions_of 所指的政策文件",
        )
        parser.add_argument("--json", action="store_true", help="每份文件输出一行 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cases"] and len(options["paths"]) > 1:
            raise UsageFault("--cases 只能与一份政策文件同用")
        if options["cases"] and not Path(options["cases"]).is_file():
            raise UsageFault(f"没有这份案例文件：{options['cases']}")
        beside = [find_policy(word) for word in options["beside"]]
        checks = []
        for word in options["paths"]:
            path = find_policy(word)
            cases = Path(options["cases"]) if options["cases"] else cases_beside(path)
            check = _Check(read_policy_file(path, beside), cases)
            self.stdout.write(json.dumps(check.as_json(), ensure_ascii=False)) if options["json"] else (
                self._tell(check)
            )
            checks.append(check)
        faults = sum(len(check.faults) for check in checks)
        failed = sum(check.failed for check in checks)
        told = [f"{faults} 处问题"] * bool(faults) + [f"{failed} 个案例不符"] * bool(failed)
        if told:
            raise CommandError(f"共 {'，'.join(told)}")

    def _tell(self, check: _Check) -> None:
        for line in check.fault_lines:
            self.stdout.write(line)
        document = check.file.document
        if document is None:
            return
        blanks = document.unknown_keys
        unknown = f"，文件未载明 {len(blanks)} 处：{'、'.join(blanks)}" if blanks else ""
        self.stdout.write(f"{check.file.path}: 通过{unknown}")
        for result in check.results:
            self._tell_case(check.cases_path, result)
        if check.results:
            self.stdout.write(f"{check.cases_path}: 案例 {len(check.results)} 个，不符 {check.failed} 个")

    def _tell_case(self, path: Path | None, result: CaseResult) -> None:
        case = result.case
        place = f"{path}:{case.line}: 案例“{case.name}”"
        if case.expect is None and result.ok:
            self.stdout.write(f"{place}没有预期，结果为：")
            self.stdout.write(json.dumps(plain_of(result.got), ensure_ascii=False, indent=2))
        for difference in result.differences:
            line = f"{path}:{difference.line}: 案例“{case.name}”{difference.path}："
            self.stdout.write(f"{line}应为 {difference.expected}，得到 {difference.got}")


class _Check:
    """One document with its cases worked, where it has no faults."""

    def __init__(self, file: PolicyFile, cases_path: Path | None) -> None:
        self.file = file
        self.cases_path = cases_path
        self.case_faults: list[PolicyFault] = []
        self.results: list[CaseResult] = []
        if file.document is None or cases_path is None:
            return
        text, unreadable = read_text(cases_path)
        if unreadable:
            self.case_faults = [unreadable]
            return
        cases, self.case_faults = read_cases(text, file.document)
        self.results = work_cases(file.document, cases)
        self.case_faults += [fault for result in self.results for fault in result.faults]

    @property
    def faults(self) -> list[tuple[Path | None, PolicyFault]]:
        own: list[tuple[Path | None, PolicyFault]] = [(self.file.path, fault) for fault in self.file.faults]
        return own + [(self.cases_path, fault) for fault in self.case_faults]

    @property
    def fault_lines(self) -> list[str]:
        return [f"{path}:{fault.line}: {fault.key}: {fault.message}" for path, fault in self.faults]

    @property
    def failed(self) -> int:
        return sum(not result.ok for result in self.results)

    def as_json(self) -> dict[str, Any]:
        document = self.file.document
        return {
            "policy": document.id if document else self.file.path.stem,
            "sha256": document.sha256 if document else text_sha256(self.file.text),
            "ok": not self.faults and not self.failed,
            "faults": [
                {"file": str(path), "line": fault.line, "key": fault.key, "message": fault.message}
                for path, fault in self.faults
            ],
            "unknown": list(document.unknown_keys) if document else [],
            "cases": [
                {
                    "name": result.case.name,
                    "part": result.case.part,
                    "ok": result.ok,
                    "line": result.case.line,
                    "differences": [
                        {"line": d.line, "path": d.path, "expected": d.expected, "got": d.got}
                        for d in result.differences
                    ],
                    "got": plain_of(result.got),
                }
                for result in self.results
            ],
            "passed": len(self.results) - self.failed,
            "failed": self.failed,
        }
