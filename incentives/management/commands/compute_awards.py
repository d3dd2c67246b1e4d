"""Computes a programme's awards of a year: ``compute_awards pingdingshan-2022 2022 [--json]``."""

from __future__ import annotations

import argparse
import re
from typing import Any

from core.management.house_command import HouseCommand, UsageFault
from incentives.models import AwardRound
from incentives.services.blocks import awards_block, blocked_words
from incentives.services.computing import compute_awards
from incentives.services.frozen_rounds import has_snapshot, is_reproduced
from incentives.services.programmes import AwardsRefused


class Command(HouseCommand):
    help = "测算一个方案一个年度的奖补：compute_awards pingdingshan-2022 2022"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("programme", help="方案代号，如 pingdingshan-2022")
        parser.add_argument("year", help="奖补年度，如 2022")
        parser.add_argument(
            "--verify", action="store_true", help="只用留存的数据和文件复算最新一批，核对指纹和每一笔"
        )
        parser.add_argument("--json", action="store_true", help="标准输出只有一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        if not re.fullmatch(r"[12][0-9]{3}", options["year"], re.ASCII):
            raise UsageFault(f"年度应写作 2022：{options['year']}")
        if options["verify"]:
            self._verify(options["programme"], int(options["year"]))
            return
        try:
            done = compute_awards(
                programme=options["programme"], year=int(options["year"]), actor=self.actor(options)
            )
        except AwardsRefused as refused:
            raise UsageFault(str(refused)) from refused
        told = self.stderr if options["json"] else self.stdout
        told.style_func = None  # what is not printed in a document is no error: not in red
        for sentence in blocked_words(done.edition, done.blocked):
            told.write(sentence)
        block = awards_block(done.award_round)
        if options["json"]:
            self.print_json(block)
        elif done.award_round is None:
            self.stdout.write("没有可以测算的规则，不产生奖补。")
        else:
            self.stdout.write(f"{done.award_round}　{done.award_round.get_state_display()}　"
                              f"指纹 {done.award_round.inputs_digest[:12]}")  # fmt: skip
            self.stdout.write(
                f"{block['count']} 家，共 {block['total_yuan']} 元；"
                f"市级 {block['city_yuan']} 元，县区 {block['district_yuan']} 元"
            )

    def _verify(self, programme: str, year: int) -> None:
        newest = AwardRound.objects.latest_for(programme, year).select_related("edition").first()
        if newest is None or not has_snapshot(newest):
            raise UsageFault(f"{programme} {year}年度没有留存测算数据的批次。")
        if not is_reproduced(newest):
            raise UsageFault(f"{newest} 复算的结果与留存的不一致。")
        self.stdout.write(f"{newest} 复算一致　指纹 {newest.inputs_digest[:12]}")
