"""Writes the Excel files of an invented city: ``make_demo_inbox [--city nantong] [--out DIR] [--firms N] [--seed N]``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo.cities import CITIES, NANTONG
from config.demo.lists import SHEETS
from config.demo.roles import CityTooSmall
from config.demo.workbooks import Inbox


class Command(BaseCommand):
    help = "生成演示城市的 Excel 收件箱（合成数据）"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--city", choices=sorted(CITIES), default=NANTONG.key, help="演示城市")
        parser.add_argument("--out", type=Path, help="输出目录，默认 var/demo/inbox")
        parser.add_argument("--firms", type=int, help="企业数，默认为该城市的设定")
        parser.add_argument("--seed", type=int, help="随机种子，同一种子结果逐字节相同")

    def handle(self, *args: Any, **options: Any) -> None:
        city = CITIES[options["city"]]
        firms = options["firms"]
        if firms is not None and firms < len(city.regions):
            raise CommandError(
                f"企业数 {firms} 太少：{city.name}有 {len(city.regions)} 个地区，每个地区至少一家"
            )
        folder = options["out"] or default_folder(city.key)
        self.stderr.style_func = None  # progress is no error: not in red
        self.stderr.write(f"{city.name}：正在生成企业与月度数据……")
        try:
            inbox = Inbox(city, total=firms, seed=options["seed"])
        except CityTooSmall as small:
            message = (
                f"企业数太少：{small.region}分到 {small.given} 家，至少需要 {small.needed} 家，请调大 --firms"
            )
            raise CommandError(message) from small
        entries = inbox.write(folder, progress=self._show)
        rows: Counter[str] = Counter()
        for entry in entries:
            rows[entry.sheet] += entry.rows
        parts = "，".join(f"{SHEETS[sheet].title} {count} 行" for sheet, count in rows.items())
        self.stdout.write(
            f"{city.name}：企业 {len(inbox.firms)} 家，文件 {len(entries)} 个，{parts}，目录 {folder}"
        )

    def _show(self, done: int, total: int, file: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r正在写入 {done}/{total} {file}\x1b[K", ending="\n" if done == total else "")
        elif done % 40 == 0 or done == total:
            self.stderr.write(f"正在写入 {done}/{total}")


def default_folder(city_key: str) -> Path:
    """``var/demo/inbox`` for the main demo city, ``var/demo/inbox-<city>`` for another."""
    demo = Path(settings.VAR_DIR) / "demo"
    return demo / "inbox" if city_key == NANTONG.key else demo / f"inbox-{city_key}"
