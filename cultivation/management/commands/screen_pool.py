from __future__ import annotations

import argparse
from typing import Any

from core.management.house_command import HouseCommand, UsageFault
from cultivation.services.pool_block import pool_block
from cultivation.services.pool_screening import screen_pool
from cultivation.services.pools import PoolRefused


class Command(HouseCommand):
    help = "按方案筛选培育库：screen_pool nantong-2022 [2022]"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("programme", help="方案代号，如 nantong-2022")
        parser.add_argument("year", nargs="?", type=int, help="筛选年度；默认用方案里写的")
        parser.add_argument("--json", action="store_true", help="标准输出只有一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = self.actor(options)
        try:
            screenings = screen_pool(programme=options["programme"], year=options["year"], actor=actor)
            block = pool_block(options["programme"])
        except PoolRefused as refused:
            raise UsageFault(str(refused)) from refused
        if options["json"]:
            self.print_json(block)
            return
        for screening in screenings:
            done = screening.changes
            self.stdout.write(
                f"{screening}　指纹 {screening.inputs_digest[:12]}　入库 {done['admitted']}，出库 {done['withdrawn']}，"
                f"调整 {done['moved']}，建议移出 {done['proposed']}"
            )
        tiers = "，".join(f"{name} {count}" for name, count in block["by_tier"].items())
        self.stdout.write(f"在库 {block['members']} 家：{tiers}")
