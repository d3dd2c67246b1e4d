import signal
import time
from typing import Any

from django.core.management.base import CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from core import daily, jobs
from core.management.house_command import HouseCommand
from core.models import SignOfLife
from core.services.edition_force import queue_due_editions
from core.signs import give_sign

#: between two looks for policy editions whose day has come
SECONDS_BETWEEN_LOOKS = 10


class Command(HouseCommand):
    help = "处理等待中的工作；没有消息队列时由它逐件完成，并接手中断的工作。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="做完等待中的工作就退出")
        parser.add_argument("--poll", type=float, default=0.5, help="空闲时每隔几秒查看一次")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            queue_due_editions()
            self.stdout.write(f"完成 {jobs.work_all()} 件")
            return
        stopping: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, frame: stopping.append(received))
        worker, looked_at = jobs.worker_name(), float("-inf")
        while not stopping:
            close_old_connections()
            give_sign(SignOfLife.Name.WORKER)
            try:
                if time.monotonic() - looked_at > SECONDS_BETWEEN_LOOKS:
                    queue_due_editions()
                    daily.queue_daily(timezone.now())
                    looked_at = time.monotonic()
                run = jobs.work_next(worker)
            except (OperationalError, InterfaceError) as error:
                self.stderr.write(f"数据库暂时不可用，稍后再试：{error}")
                run = None
                time.sleep(2)
            if run is None:
                time.sleep(options["poll"])
            else:
                self.stderr.write(f"{run.key} {run.get_state_display()}")
