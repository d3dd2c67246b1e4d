from typing import Any

from django.core.management.base import CommandParser

from core.management.house_command import HouseCommand, UsageFault
from core.models import Department, Role, User
from core.models.policies import DRAFTERS
from core.scoping import NO_BUSINESS_DATA
from core.services.users import add_user

WITHOUT_REGION = "三类管理员可以没有；新地区的业务科室和分管领导起先没有，随该地区第一份政策文件施行而定"


class Command(HouseCommand):
    help = "开通账号；随机密码只显示这一次，首次登录须修改。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument("--role", required=True, choices=[r.value for r in Role if r is not Role.SYSTEM])
        parser.add_argument("--region", metavar="CODE", help=f"地区代码；{WITHOUT_REGION}")
        parser.add_argument("--department", default="", choices=[d.value for d in Department])
        parser.add_argument("--unit", default="", help="单位全称，显示在页面右上角")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(username=options["username"]).exists():
            raise UsageFault(f"账号 {options['username']} 已存在")
        if not options["region"] and options["role"] not in NO_BUSINESS_DATA | DRAFTERS:
            raise UsageFault(f"账号要有地区：--region CODE；{WITHOUT_REGION}")
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
