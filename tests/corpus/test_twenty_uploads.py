"""Twenty officers send 5,000 rows each in the same minute, are checked by two workers and commit at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from core import jobs
from core.models import AuditEntry, JobRun, User
from enterprises.models import Enterprise, MonthlyFigure
from intake.models import Batch
from tests import factories
from tests.intake.monthly_rows import HEADINGS, row
from tests.intake.uploads import workbook

pytestmark = [pytest.mark.corpus, pytest.mark.django_db(transaction=True)]
OFFICERS, ROWS, WORKERS = 20, 5_000, 2


def at_once(act: Callable[[int], object], times: int) -> list[object]:
    """Each in a thread with a connection of its own, begun together."""
    together = threading.Barrier(times)

    def one(number: int) -> object:
        try:
            together.wait(60)
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_no_upload_fails_none_is_lost_and_nobody_hears_of_a_locked_database(time_machine):
    time_machine.move_to(date(2026, 4, 8), tick=True)
    factories.regions_nantong()
    people: list[User] = [factories.user(full_name=f"经办{n}") for n in range(OFFICERS)]
    files = [
        # sales of a small firm each: the number of the row would soon look like a slip of the unit
        workbook(*(row(n * ROWS + i, c5=1000.5 + i) for i in range(1, ROWS + 1)), headings=HEADINGS)
        for n in range(OFFICERS)
    ]

    visitors = [Client(raise_request_exception=True) for _ in people]
    for visitor, person in zip(visitors, people, strict=True):
        visitor.force_login(person)

    def upload(n: int) -> str:
        sent = {"region": "320681", "period": "2026-03", "file": SimpleUploadedFile(f"{n}.xlsx", files[n])}
        answer = visitors[n].post(reverse("intake:upload") + "?sheet=monthly", sent)
        assert answer.status_code == 302
        return answer.url

    addresses = at_once(upload, OFFICERS)
    assert len(set(addresses)) == Batch.objects.count() == OFFICERS
    at_once(lambda n: jobs.work_all(), WORKERS)
    assert set(JobRun.objects.values_list("state", flat=True)) == {JobRun.State.DONE}
    assert set(Batch.objects.values_list("state", flat=True)) == {Batch.State.READY}

    def commit(n: int) -> int:
        number = Batch.objects.get(sent_by=people[n]).pk
        return visitors[n].post(reverse("intake:batch_commit", args=[number])).status_code

    assert at_once(commit, OFFICERS) == [302] * OFFICERS
    assert set(Batch.objects.values_list("state", flat=True)) == {Batch.State.COMMITTED}
    assert MonthlyFigure.objects.count() == Enterprise.objects.count() == OFFICERS * ROWS
    assert AuditEntry.objects.filter(act="commit_batch").count() == OFFICERS
