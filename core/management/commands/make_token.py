from typing import Any

from django.core.management.base import CommandParser

from core.management.house_command import HouseCommand, UsageFault
from core.models import User
from core.permissions import can
from core.scoping import may_reach
from core.tokens import SCOPES, make_token


class Command(HouseCommand):
    help = "为接口用户生成令牌；令牌只显示这一次，系统只保存其摘要。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, metavar="U", help="账号")
        parser.add_argument("--region", required=True, metavar="CODE", help="令牌可见的地区及其下级")
        parser.add_argument(
            "--scope", action="append", required=True, choices=sorted(SCOPES), help="可多次给出"
        )
        parser.add_argument("--days", type=int, default=90, help="有效天数，1—366")
        parser.add_argument("--label", default="", help="用途")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.select_related("region").filter(username=options["user"], is_active=True).first()
        if user is None:
            raise UsageFault(f"没有启用的账号：{options['user']}")
        if not 1 <= options["days"] <= 366:
            raise UsageFault("有效天数应在 1—366 之间")
        region = self.region(options["region"])
        if not can(user, "api.read"):
            raise UsageFault(f"{user} 的角色（{user.get_role_display()}）不能使用接口")
        if not may_reach(user, region):
            raise UsageFault(f"{user} 的范围不含 {region.name}，不能为其生成这样的令牌")
        text = make_token(
            actor=self.actor(options),
            user=user,
            region=region,
            scopes=options["scope"],
            days=options["days"],
            label=options["label"],
        )
        self.stdout.write(text)
