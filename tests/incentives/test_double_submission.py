"""One claim sent many times in the same moment: one row, and every loser is told 409 with the number of the first."""

from __future__ import annotations

import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from core.models import AuditEntry
from incentives.models import AwardApplication
from tests import factories
from tests.incentives.conftest import PROGRAMME, XINHUA

pytestmark = pytest.mark.django_db(transaction=True)
_WAIT_SECONDS = 120
#: of the drill: SUBMISSIONS=1000 is the whole of S4-10 and takes over a minute
_MANY = int(os.environ.get("SUBMISSIONS", "200"))
#: connections at one time: beyond what the server takes (100 by default, shared with everybody else) it refuses a
#: submission before the portal sees it
_SEATS = 40


@pytest.mark.parametrize("times", [12, pytest.param(_MANY, marks=pytest.mark.drill)])
def test_none_of_many_submissions_at_once_makes_a_second_claim(edition, officer, times):
    """S4-10: of 1,000 concurrent double submissions none makes a second award; each loser gets 409 and the number."""
    if connection.vendor == "sqlite":
        pytest.skip(
            "SQLite in memory locks whole tables and does not wait: who comes first is asked on PostgreSQL"
        )
    # the default sessions: every request writes the same row of the session besides, and waits for it
    firm = factories.enterprise("新华精工机械有限公司", XINHUA)
    form = {"rule": f"{PROGRAMME}/market-nodes", "uscc": firm.uscc, "day": "2022-09-01", "key": "辅导备案"}
    door = Client()
    door.force_login(officer)

    def send(number: int) -> tuple[int, str]:
        client = Client()
        client.cookies.load({name: morsel.value for name, morsel in door.cookies.items()})
        # each names another day of the same matter, as an impatient hand or a second clerk would
        answer = client.post(reverse("incentives:apply"), form | {"day": f"2022-09-{number % 28 + 1:02d}"})
        return answer.status_code, "".join(re.findall(r"编号 (SB-\d+)", answer.content.decode()))

    begun = time.perf_counter()
    answers = at_once(send, times)
    seconds = time.perf_counter() - begun

    claim = AwardApplication.objects.get()
    statuses = Counter(status for status, _number in answers)
    print(f"{times} submissions at once on {connection.vendor}: {dict(statuses)}, {seconds:.1f} s")
    assert statuses[302] == 1
    assert statuses[302] + statuses[409] == times
    assert {number for status, number in answers if status == 409} == {claim.number}
    assert AuditEntry.objects.filter(act="apply_for_award").count() == 1


def at_once(send: Callable[[int], tuple[int, str]], times: int) -> list[tuple[int, str]]:
    """Each submission on a thread and a connection of its own; nobody begins before all stand ready."""
    together = threading.Barrier(times)
    # a server takes no more connections than it has: the others queue where its workers would let them wait
    seats = threading.BoundedSemaphore(_SEATS)

    def one(number: int) -> tuple[int, str]:
        together.wait(_WAIT_SECONDS)
        with seats:
            try:
                return _answered(lambda: send(number))
            finally:
                connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def _answered(ask: Callable[[], tuple[int, str]]) -> tuple[int, str]:
    """The shared in-memory database of the tests says "locked" at once where a file waits: ask again."""
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            return ask()
        except OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
