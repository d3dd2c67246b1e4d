from typing import Any

from django.core.management.base import CommandParser

from core.management.house_command import HouseCommand, UsageFault
from core.models import Department, Role, User
from core.scoping import NO_BUSINESS_DATA
from core.services.users import add_user


class Command(HouseCommand):
    help = "开通账号；随机密码只显示这一次，首次登录须修改。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument("--role", required=True, choices=[r.value for r in Role if r is not Role.SYSTEM])
        parser.add_argument("--region", metavar="CODE", help="地区代码；三类管理员可以没有")
        parser.add_argument("--department", default="", choices=[d.value for d in Department])
        parser.add_argument("--unit", default="", help="单位全称，显示在页面右上角")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(username=options["username"]).exists():
            raise UsageFault(f"账号 {options['username']} 已存在")
        if not options["region"] and options["role"] not in NO_BUSINESS_DATA:
            raise UsageFault("除三类管理员外，账号都要有地区：--region CODE")
        user, password = add_user(
            actor=self.actor(options),
            username=options["username"],
            full_name=options["name"],
            role=options["role"],
            region=self.region(options["region"]) if options["region"] else None,
            department=options["department"],
            unit_name=options["unit"],
        )
        self.stdout.write(f"{user.username}\t{password}")
