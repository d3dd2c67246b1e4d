from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from core.management.house_command import HouseCommand
from core.management.policy_files import find_policy, read_text, shipped_paths
from core.policies.schema import document_schema


class Command(HouseCommand):
    help = "输出政策文件的 JSON Schema（2020-12），供编辑器提示和标错；由读取程序的键表和自带文件生成，不动数据库。"
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", metavar="FILE", help="另外参照的政策文件")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = [*shipped_paths(), *(find_policy(word) for word in options["paths"])]
        schema = document_schema({Path(path).stem: read_text(path)[0] for path in paths})
        self.stdout.write(json.dumps(schema, ensure_ascii=False, indent=1))
