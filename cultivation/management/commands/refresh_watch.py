from __future__ import annotations

import argparse
from typing import Any

from core.management.house_command import HouseCommand, UsageFault
from core.models import Region
from cultivation.models import WatchEntry
from cultivation.services.pools import PoolRefused
from cultivation.services.watch import refresh_watch


class Command(HouseCommand):
    help = "更新每日清单（达规未入库、临规、退规风险、升规三年内）：refresh_watch 320600"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("region", help="地区代码，如 320600")
        parser.add_argument("--json", action="store_true", help="标准输出只有一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = self.actor(options)
        region = Region.objects.filter(pk=options["region"]).first()
        if region is None:
            raise UsageFault(f"没有地区 {options['region']}，请先载入它的政策文件。")
        try:
            counts = refresh_watch(region=region, actor=actor)
        except PoolRefused as refused:
            raise UsageFault(str(refused)) from refused
        if options["json"]:
            self.print_json(counts)
            return
        for kind, label in WatchEntry.Kind.choices:
            new, gone = counts[f"{kind}_new"], counts[f"{kind}_gone"]
            self.stdout.write(f"{label} {counts[kind]} 家，新列入 {new}，移出 {gone}")
