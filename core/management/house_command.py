"""What every command of the house shares: the actor, JSON on standard output, and exit 64 for usage faults."""

from __future__ import annotations

import json
import sys
import traceback
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core.models import Region, User

EX_USAGE = 64
#: the house is not ready, or failed: never 1 or 2, which are answers of import_sheet
EX_UNAVAILABLE = 69
EX_SOFTWARE = 70


class UsageFault(CommandError):
    """The words of the call are off: told on standard error, exit 64."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=EX_USAGE)


class _Parser(CommandParser):
    def error(self, message: str) -> NoReturn:
        if self.called_from_command_line:
            self.print_usage(sys.stderr)
            print(f"{self.prog}: {message}", file=sys.stderr)
            sys.exit(EX_USAGE)
        raise UsageFault(message)


class HouseCommand(BaseCommand):
    """Acts as ``system`` unless ``--as USER``."""

    requires_migrations_checks = True

    def run_from_argv(self, argv: list[str]) -> None:
        try:
            super().run_from_argv(argv)
        except Exception:
            traceback.print_exc()
            sys.exit(EX_SOFTWARE)

    def check_migrations(self) -> None:
        """Django would print a notice on standard output, where only the answer belongs, and carry on."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError(
                "数据库尚未建立或不是最新，请先运行 manage.py migrate。", returncode=EX_UNAVAILABLE
            )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Sub-parsers of BaseCommand exit 2 on a usage fault; for import_sheet 2 already means "rejected".
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = _Parser
        parser.add_argument("--as", dest="as_user", metavar="USER", help="账号；默认以 system 身份执行")
        return parser

    def actor(self, options: dict[str, Any]) -> User:
        name = options.get("as_user")
        if not name:
            return User.objects.system()
        user = User.objects.select_related("region").filter(username=name, is_active=True).first()
        if user is None:
            raise UsageFault(f"没有启用的账号：{name}")
        return user

    def region(self, code: str) -> Region:
        region = Region.objects.filter(pk=code).first()
        if region is None:
            raise UsageFault(f"没有地区代码 {code}；地区由政策文件建立，请先运行 load_policy。")
        return region

    def print_json(self, value: object) -> None:
        self.stdout.write(json.dumps(value, ensure_ascii=False, indent=None, default=str))
