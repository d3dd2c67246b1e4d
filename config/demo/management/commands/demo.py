"""Builds the demo city through the officers' own doors, and serves it: behind ``make demo`` and ``make run``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo.accounts import city_accounts, ensure_accounts, house_accounts, new_city_accounts
from config.demo.cities import NANTONG, PINGDINGSHAN
from config.demo.departments import send_department_lists, settle_the_line
from config.demo.evaluation_year import play_evaluation_year
from config.demo.intake import NotTaken, take_inbox
from config.demo.month_in_life import Cast, leave_in_life
from config.demo.returns import hand_in_returns
from config.demo.serving import port_is_free, serve
from config.demo.summary import build_summary
from config.demo.workbooks import INDEX_NAME
from core.models import Region, User
from core.periods import Month, months_between
from cultivation.models import MonthlyIssue
from cultivation.services.months import close_month, issue_month
from cultivation.services.pool_screening import screen_pool
from cultivation.services.watch import refresh_watch
from evaluation.services.rounds import publish_round, run_evaluation
from incentives.services.computing import compute_awards

CITY_PROGRAMME = "nantong-2022"
AWARD_PROGRAMME = "pingdingshan-2022"
BAY_PROGRAMME = "tongzhouwan-2022"
PROGRAMMES = [CITY_PROGRAMME, AWARD_PROGRAMME]
SCHEME = "nantong-demo-2021"
LAST_MONTH = Month(2022, 6)
#: each city with its inbox, and what its city-level accounts end with
CITIES = ((NANTONG, "inbox", ""), (PINGDINGSHAN, "inbox-pingdingshan", f"-{PINGDINGSHAN.code}"))


class Command(BaseCommand):
    help = "建立演示城市（合成数据）；--serve 随后启动网页与后台工作。"
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--serve", action="store_true", help="建好后提供网页服务")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["serve"] and not port_is_free(options["port"]):
            raise CommandError(f"端口 {options['port']} 已被占用，请换一个：make run PORT=8001")
        self.folder = Path(settings.VAR_DIR) / "demo"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.seconds = self._former_seconds()
        self.was_whole = self.summary_file.exists()
        try:
            self.build()
        except KeyboardInterrupt:
            raise CommandError("已中断。再运行一次，从停下的地方接着做。", returncode=130) from None
        summary = build_summary(PROGRAMMES, LAST_MONTH, self.seconds)
        text = json.dumps(summary, ensure_ascii=False, indent=2)
        self.summary_file.write_text(text + "\n", encoding="utf-8")
        self.seconds_file.unlink(missing_ok=True)
        if options["serve"]:
            self._tell_accounts()
            sys.exit(
                serve(
                    options["port"],
                    lambda: self._tell(f"打开 http://127.0.0.1:{options['port']}  Ctrl-C 停止"),
                )
            )
        self.stdout.write(text)

    def build(self) -> None:
        with self.step("database", "建立数据库"):
            call_command("migrate", verbosity=0, interactive=False)
        with self.step("policies", "载入政策文件"):
            call_command("load_policy", all=True, stdout=sys.stderr)
        with self.step("accounts", "开通演示账号"):
            self._open_accounts()
        for city, folder, _ in CITIES:
            if not (self.folder / folder / INDEX_NAME).exists():
                with self.step("inbox", f"生成{city.name}各地区、各部门的 Excel 文件"):
                    call_command(
                        "make_demo_inbox", city=city.key, out=self.folder / folder, stdout=sys.stderr
                    )
        for city, folder, suffix in CITIES:
            with self.step("intake", f"{city.name}：逐份校验入库"):
                self._take(self.folder / folder, suffix)
        with self.step("pool", "筛选培育库"):
            screen_pool(programme=CITY_PROGRAMME, actor=self._person("bureau"))
            screen_pool(programme=AWARD_PROGRAMME, actor=self._person(f"bureau-{PINGDINGSHAN.code}"))
        with self.step("months", f"统计 2021年1月—{LAST_MONTH.label}"):
            self._close_months()
        with self.step("returns", f"{LAST_MONTH.label}月报逐级上报、审核"):
            bureau = self._person("bureau")
            hand_in_returns(programme=CITY_PROGRAMME, month=LAST_MONTH, person=self._person, bureau=bureau)
        with self.step("in_life", "退回一次、更正单、调度单、简报"):
            leave_in_life(Cast(CITY_PROGRAMME, self._person, bureau, self._person("leader")), last=LAST_MONTH)
        with self.step("departments", "部门自己格式的名单，等人确认"):
            self._send_department_lists()
        with self.step("watch", "更新每日清单"):
            for city, _, suffix in CITIES:
                region = Region.objects.get(pk=city.code)
                refresh_watch(region=region, actor=self._person(f"bureau{suffix}"))
        with self.step("grades", "综合评价 2021年度（试行·演示）"):
            self._grade()
        with self.step("evaluation_year", "通州湾综合评价 2021年度：从预评价到复评"):
            play_evaluation_year(self._person)
            screen_pool(programme=BAY_PROGRAMME, actor=self._person("bureau"))
        with self.step("awards", f"{PINGDINGSHAN.name}：计算奖补"):
            bureau = self._person(f"bureau-{PINGDINGSHAN.code}")
            compute_awards(programme=AWARD_PROGRAMME, year=LAST_MONTH.year, actor=bureau)

    def _open_accounts(self) -> None:
        ensure_accounts(house_accounts(f"{NANTONG.name}工信局"), self.accounts_file)
        ensure_accounts(new_city_accounts(), self.accounts_file)
        for city, _, suffix in CITIES:
            region = Region.objects.get(pk=city.code)
            districts = list(region.children.order_by("order"))
            ensure_accounts(city_accounts(region, districts, suffix), self.accounts_file)

    def _grade(self) -> None:
        """Published by another person than the one who ran it; done once, a later run finds it done."""
        round_ = run_evaluation(scheme=SCHEME, year=2021, actor=self._person("bureau"))
        if not round_.is_frozen:
            publish_round(round_=round_, actor=self._person("leader"))

    def _person(self, username: str) -> User:
        return User.objects.select_related("region").get(username=username)

    @property
    def summary_file(self) -> Path:
        return self.folder / "summary.json"

    @property
    def seconds_file(self) -> Path:
        """What the steps took so far, while the demo is not whole."""
        return self.folder / "seconds.json"

    @property
    def accounts_file(self) -> Path:
        return self.folder / "accounts.txt"

    def _take(self, inbox: Path, suffix: str) -> None:
        try:
            taken = take_inbox(inbox, suffix, self._progress)
        except NotTaken as stopped:
            raise CommandError(f"{stopped.file} 未通过校验：" + "；".join(stopped.faults)) from stopped
        self._tell(f"  入库 {taken} 份" if taken else "  都已在库")

    def _send_department_lists(self) -> None:
        city = Region.objects.get(pk=NANTONG.code)
        power, tax = self._person("power"), self._person("tax")
        sent = send_department_lists(city=city, month=LAST_MONTH, power=power, tax=tax)
        self._tell(f"  送达 {sent} 份" if sent else "  都已送达")
        settle_the_line(city=city, programme=CITY_PROGRAMME, bureau=self._person("bureau"))

    def _close_months(self) -> None:
        bureau, leader = self._person("bureau"), self._person("leader")
        months = months_between(Month(2021, 1), LAST_MONTH)
        for number, month in enumerate(months, 1):
            newest = MonthlyIssue.objects.latest_for(CITY_PROGRAMME, month).first()
            if newest and (newest.is_frozen or newest.version > 1 or month == LAST_MONTH):
                continue
            issue = close_month(programme=CITY_PROGRAMME, month=month, actor=bureau)
            if month < LAST_MONTH:
                # The last month is closed but left for the leader to issue: that is the story to play.
                issue_month(issue=issue, actor=leader)
            self._progress(number, len(months), str(month))

    @contextmanager
    def step(self, name: str, label: str) -> Iterator[None]:
        """Tell a step and keep how long it took, over all the runs until the demo is whole; later runs add nothing."""
        self._tell(f"== {label}")
        started = time.monotonic()
        try:
            yield
        finally:
            if not self.was_whole or name not in self.seconds:
                spent = time.monotonic() - started
                self.seconds[name] = round(self.seconds.get(name, 0.0) + spent, 1)
                self.seconds_file.write_text(json.dumps(self.seconds), encoding="utf-8")

    def _former_seconds(self) -> dict[str, float]:
        if self.summary_file.exists():
            return json.loads(self.summary_file.read_text(encoding="utf-8"))["seconds"]
        if self.seconds_file.exists():
            return json.loads(self.seconds_file.read_text(encoding="utf-8"))
        return {}

    def _progress(self, done: int, total: int, what: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r  {done}/{total} {what}\x1b[K" + ("\n" if done == total else ""))
            sys.stderr.flush()
        elif done % 20 == 0 or done == total:
            self._tell(f"  {done}/{total} {what}")

    def _tell_accounts(self) -> None:
        if not self.accounts_file.exists():
            return
        self._tell(f"演示账号（{self.accounts_file}）：账号、密码、角色、地区")
        self._tell(self.accounts_file.read_text(encoding="utf-8").rstrip())

    def _tell(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)
