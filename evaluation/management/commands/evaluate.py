from __future__ import annotations

import argparse
from typing import Any

from core.management.house_command import HouseCommand, UsageFault
from evaluation.models import Round
from evaluation.services.editions import RoundRefused
from evaluation.services.frozen_rounds import has_snapshot, is_reproduced
from evaluation.services.rounds import (
    OUT,
    grade_counts,
    publish_round,
    run_evaluation,
)


class Command(HouseCommand):
    help = "按评价方案测算一个年度的得分和等级：evaluate nantong-demo-2021 2021"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("scheme", help="评价方案代号，如 nantong-demo-2021")
        parser.add_argument("year", type=int, help="评价年度，如 2021")
        parser.add_argument("--publish", action="store_true", help="测算后随即公布（冻结）")
        parser.add_argument(
            "--verify", action="store_true", help="只用留存的快照和方案复算最新一版，核对指纹"
        )
        parser.add_argument("--json", action="store_true", help="标准输出只有一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verify"]:
            self._verify(options["scheme"], options["year"])
            return
        actor = self.actor(options)
        try:
            round_ = run_evaluation(scheme=options["scheme"], year=options["year"], actor=actor)
            if options["publish"] and not round_.is_frozen:
                round_ = publish_round(round_=round_, actor=actor)
        except RoundRefused as refused:
            raise UsageFault(str(refused)) from refused
        counts = grade_counts(round_)
        if options["json"]:
            self.print_json(counts)
            return
        self.stdout.write(f"{round_}　{round_.get_state_display()}　指纹 {round_.results_digest[:12]}")
        told = "，".join(f"{grade} {count} 家" for grade, count in counts.items())
        self.stdout.write(f"{told}；不在评价范围 {round_.counts.get(OUT, 0)} 家")

    def _verify(self, scheme: str, year: int) -> None:
        round_ = Round.objects.of_scheme(scheme, year).select_related("edition").first()
        if round_ is None or not has_snapshot(round_):
            raise UsageFault(f"{scheme} {year}年度没有留存快照的测算结果。")
        if not is_reproduced(round_):
            raise UsageFault(f"{round_}复算的结果与留存的指纹 {round_.results_digest[:12]} 不一致。")
        self.stdout.write(f"{round_}复算一致　指纹 {round_.results_digest[:12]}")
