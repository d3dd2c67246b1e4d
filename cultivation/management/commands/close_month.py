from __future__ import annotations

import argparse
from typing import Any

from core.management.house_command import HouseCommand, UsageFault
from core.models import Role, User
from core.periods import Month
from core.permissions import can
from cultivation.services.months import MonthRefused, close_month, issue_month, month_block
from cultivation.services.programmes import programmes_visible_to


class Command(HouseCommand):
    help = "统计一个方案的月份：close_month nantong-2022 2022-06"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("programme", help="方案代号，如 nantong-2022")
        parser.add_argument("month", help="月份，如 2022-06")
        parser.add_argument("--issue", action="store_true", help="统计后随即印发（冻结）")
        parser.add_argument("--json", action="store_true", help="标准输出只有一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = self.actor(options)
        self._refuse_without_duty(actor, options)
        try:
            month = Month.parse(options["month"])
        except ValueError as error:
            raise UsageFault(f"月份应写作 2022-06：{options['month']}") from error
        try:
            issue = close_month(programme=options["programme"], month=month, actor=actor)
            if options["issue"] and not issue.is_frozen:
                issue = issue_month(issue=issue, actor=actor)
        except MonthRefused as refused:
            raise UsageFault(str(refused)) from refused
        block = month_block(issue)
        if options["json"]:
            self.print_json(block)
            return
        self.stdout.write(f"{issue}　{issue.get_state_display()}　指纹 {issue.inputs_digest[:12]}")
        self.stdout.write(
            f"已报 {block['reporting']} 家，未报 {block['silent']} 家，营业收入 {block['revenue_wan']} 万元；"
            f"累计新增 {block['newly_listed_ytd']}，退规 {block['delisted_ytd']}，净增 {block['net_added_ytd']}"
        )

    def _refuse_without_duty(self, actor: User, options: dict[str, Any]) -> None:
        """``--as USER`` can do what that user can do in the browser, nothing else."""
        if actor.role == Role.SYSTEM:
            return
        act, said = ("month.issue", "印发") if options["issue"] else ("month.close", "统计")
        reached = programmes_visible_to(actor).filter(name=options["programme"]).exists()
        if not can(actor, act) or not reached:
            raise UsageFault(f"{actor} 不能{said}方案 {options['programme']} 的月份")
