"""The number of 待办 in the bar: the length of the list, whatever happened since, without asking for the list on every page."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from core import jobs, panels
from core.audit import record
from core.models import AuditEntry, JobRun, Role, User
from core.panels import Todo
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, settings, time_machine):
    settings.STANDING_SECONDS = 10
    cache.clear()
    time_machine.move_to("2022-07-08 10:00+08:00")
    user = factories.user(Role.BUREAU_STAFF, factories.CITY)
    client.force_login(user)
    yield user
    cache.clear()


@pytest.fixture
def waiting(monkeypatch):
    """What waits for everybody, and how often somebody asked for it."""
    rows, asked = [], []

    def todos(user):
        asked.append(user)
        return [Todo("待审核", title, "", None, "/", "审核") for title in rows]

    monkeypatch.setattr(panels, "_todos", [todos])
    return rows, asked


def number(client):
    """As the bar of a page shows it that is not the list."""
    return client.get(reverse("core:policies")).context["todo_count"]()


def test_the_list_is_not_asked_for_again_while_nothing_happens(client, staff, waiting):
    rows, asked = waiting
    rows.append("如皋市 6月月报")
    assert [number(client) for _ in range(3)] == [1, 1, 1]
    assert len(asked) == 1


def test_an_act_and_the_end_of_a_job_are_seen_at_once(client, staff, waiting, monkeypatch):
    rows, asked = waiting
    assert number(client) == 0
    rows.append("如皋市 6月月报")
    record(actor=staff, act="submit_return")
    assert number(client) == 1
    rows.append("奖补清册")
    monkeypatch.setitem(jobs._handlers, "check_batch", dict)
    jobs.enqueue(job="check_batch", key="check_batch:1", arguments={}, actor=User.objects.system())
    jobs.work_all()
    assert JobRun.objects.get().finished_at
    assert number(client) == 2
    assert len(asked) == 3


def test_an_act_that_is_committed_late_is_seen_although_its_number_is_older(client, staff, waiting):
    rows, _asked = waiting
    AuditEntry.objects.bulk_create([AuditEntry(pk=1_000_000, actor=staff, act="submit_return")])
    assert number(client) == 0
    rows.append("如皋市 6月月报")
    AuditEntry.objects.bulk_create([AuditEntry(pk=999_999, actor=staff, act="submit_return")])
    assert number(client) == 1


def test_time_alone_is_seen_after_seconds_and_at_midnight(client, staff, waiting, time_machine):
    rows, _asked = waiting
    assert number(client) == 0
    rows.append("校验中断")
    time_machine.shift(11)
    assert number(client) == 1
    time_machine.move_to("2022-07-08 23:59:59+08:00")
    client.force_login(staff)
    assert number(client) == 1
    rows.append("逾期")
    time_machine.move_to("2022-07-09 00:00:01+08:00")
    assert number(client) == 2


def test_the_page_of_the_list_counts_the_list_itself_and_nobody_sees_another_s_number(client, staff, waiting):
    rows, _asked = waiting
    assert number(client) == 0
    rows.append("如皋市 6月月报")
    page = client.get(reverse("reports:workbench"))
    assert (len(page.context["todos"]), page.context["todo_count"]()) == (1, 1)
    client.force_login(factories.user(Role.BUREAU_LEADER, factories.CITY))
    assert number(client) == 1


def test_the_number_that_stands_costs_one_query(client, staff, django_assert_num_queries):
    page = reverse("core:password_change")
    client.get(page)
    with django_assert_num_queries(4):  # the others: session and person
        client.get(page)
