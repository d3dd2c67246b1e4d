from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from core.management.house_command import HouseCommand, UsageFault
from intake.models import Batch
from intake.services.batches import NotYours, UploadRefused, import_answer, import_file
from intake.services.imports import refusal_answer
from intake.services.periods import BadPeriod, Period, read_period
from intake.services.sheet_types import SheetType, sheet_type, sheet_types

EXIT_CODES = {Batch.Outcome.ACCEPTED: 0, Batch.Outcome.PARTIAL: 1, Batch.Outcome.REJECTED: 2}


class Command(HouseCommand):
    help = "校验并入库一份报表；标准输出是一个 JSON 对象。返回 0 全部接收，1 部分接收，2 未接收，64 用法有误，70 系统故障。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sheet", help="报表：" + "、".join(sheet.spec.name for sheet in sheet_types()))
        parser.add_argument("file", help=".xlsx 或 .csv 文件")
        parser.add_argument(
            "--region", required=True, metavar="CODE", help="报送范围：县区代码，部门名单用市代码"
        )
        parser.add_argument("--period", default="", help="所属期：2022-05 或 2021；不给则以各行为准")
        parser.add_argument("--today", default="", metavar="DATE", help="报送日，如 2022-06-08；默认今天")
        parser.add_argument("--accept-good-rows", action="store_true", help="有问题的行留下，其余入库")
        parser.add_argument("--json", action="store_true", help="输出总是 JSON，可不写")

    def handle(self, *args: Any, **options: Any) -> None:
        answer = self._answer(options)
        self.print_json(answer)
        code = EXIT_CODES[Batch.Outcome(answer["outcome"])]
        if code:
            sys.exit(code)

    def _answer(self, options: dict[str, Any]) -> dict[str, Any]:
        sheet = _sheet(options["sheet"])
        try:
            batch = import_file(
                actor=self.actor(options),
                sheet=sheet,
                region=self.region(options["region"]),
                period=_period(sheet, options["period"]),
                as_of=_today(options["today"]),
                path=_file(options["file"]),
                good_rows_only=options["accept_good_rows"],
            )
        except UploadRefused as refused:
            return refusal_answer(refused)
        except NotYours as fault:
            raise UsageFault(str(fault)) from fault
        return import_answer(batch)


def _sheet(name: str) -> SheetType:
    try:
        return sheet_type(name)
    except LookupError as error:
        known = "、".join(sheet.spec.name for sheet in sheet_types())
        raise UsageFault(f"没有报表 {name}；现有：{known}") from error


def _period(sheet: SheetType, text: str) -> Period:
    try:
        return read_period(sheet, text)
    except BadPeriod as fault:
        raise UsageFault(str(fault)) from fault


def _today(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else timezone.localdate()
    except ValueError as error:
        raise UsageFault(f"日期应写作 2022-06-08，不是 {text}") from error


def _file(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise UsageFault(f"没有文件 {name}")
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise UsageFault(f"文件 {name} 不能读取") from error
