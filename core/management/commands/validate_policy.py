from typing import Any

from django.core.management.base import CommandError, CommandParser

from core.management.house_command import HouseCommand
from core.management.policy_files import find_policy, read_policy_file


class Command(HouseCommand):
    help = "检查政策文件，一次说出所有问题（文件:行: 键: 说明）；不动数据库。有问题时退出码为 1。"
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="文件路径，或自带文件的政策名")

    def handle(self, *args: Any, **options: Any) -> None:
        files = [read_policy_file(find_policy(word)) for word in options["paths"]]
        for file in files:
            for line in file.fault_lines or [f"{file.path}: 通过"]:
                self.stdout.write(line)
        count = sum(len(file.faults) for file in files)
        if count:
            raise CommandError(f"共 {count} 处问题")
