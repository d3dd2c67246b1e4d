"""The daily lists and the lists handed on, over REST: the same counts as on the pages, and the same file."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from django.urls import reverse

from core.models import AuditEntry, Role, User
from cultivation.models import WatchEntry
from cultivation.services.pool_handovers import hand_over
from cultivation.services.pool_pages import pool_place
from cultivation.services.watch import note_entry, refresh_watch
from cultivation.services.watch_pages import entry_counts
from tests import factories
from tests.cultivation.conftest import PROGRAMME
from tests.cultivation.conftest import edition as edition
from tests.cultivation.conftest import staff as staff
from tests.cultivation.pool_firms import firm, screened
from tests.reports.test_api import Rest


@pytest.fixture
def city(edition, staff, time_machine):
    """启东 has two firms over the line and one near it, 如东 one over it; 启东's is talked to."""
    time_machine.move_to("2022-07-08 10:00+08:00", tick=False)
    for name, revenue, region in (
        ("甲", "2500", "320681"), ("乙", "2000", "320681"), ("丙", "1700", "320681"), ("丁", "3000", "320623"),
    ):  # fmt: skip
        made = factories.enterprise(f"启东试验{name}厂", region)
        factories.annual_figure(made, 2021, main_revenue_wan=revenue)
        factories.monthly_figure(made, "2022-01", "10")
    refresh_watch(region=edition.locality, actor=User.objects.system())
    entry = WatchEntry.objects.get(enterprise__name__contains="甲")
    note_entry(
        entry=entry, code="tax_worry", person="张三", note="", on=date(2022, 7, 8), next_on=None, actor=staff
    )  # fmt: skip
    return edition


def test_a_daily_list_has_as_many_firms_over_rest_as_on_the_page(city, staff, client):
    rest = Rest(factories.user(Role.API_CLIENT, "320600"))
    counts = entry_counts(staff)
    assert counts == {kind: len(rest.rows("api:watch", kind=kind)) for kind in counts}
    assert (counts["eligible"], counts["near"]) == (3, 1)
    client.force_login(staff)
    page = client.get(reverse("cultivation:watch", args=["eligible"]))
    assert page.context["page"].paginator.count == len(rest.rows("api:watch", kind="eligible"))
    (row,) = [row for row in rest.rows("api:watch", kind="eligible") if "甲" in row["name"]]
    assert (row["signals"], row["last_year_wan"], row["since"]) == (["main_revenue"], "2500.00", "2022-07-08")
    assert [(note["word"], note["person"], note["on"]) for note in row["notes"]] == [
        ("担心税负增加", "张三", "2022-07-08")
    ]


def test_who_left_a_list_is_told_to_who_asks_and_a_district_sees_its_own(city):
    gone = WatchEntry.objects.get(enterprise__name__contains="乙")
    WatchEntry.objects.filter(pk=gone.pk).update(until=date(2022, 7, 9))
    rest = Rest(factories.user(Role.API_CLIENT, "320600"))
    assert len(rest.rows("api:watch", kind="eligible")) == 2
    assert [row["until"] for row in rest.rows("api:watch", state="ended")] == ["2022-07-09"]
    assert len(rest.rows("api:watch", state="all")) == 4
    assert len(rest.rows("api:watch", region="320623")) == 1
    narrow = Rest(factories.user(Role.API_CLIENT, "320600"), region="320623")
    assert [row["region"] for row in narrow.rows("api:watch", state="all")] == ["320623"]
    assert rest.get("api:watch", kind="nonsense").status_code == 400
    assert Rest(rest_user(), scopes=("months:read",)).get("api:watch").status_code == 403


def rest_user() -> User:
    return factories.user(Role.API_CLIENT, "320600")


def test_a_list_handed_on_is_read_with_date_recipient_and_log(city, staff, client):
    """S1-38: export/API of the pool with date, recipient, log."""
    firm("在库", sales="1800")
    screened(staff)
    made = hand_over(
        place=pool_place(staff, PROGRAMME, ""), region=staff.region, recipient="市金融工作局", purpose="白名单",
        actor=staff,
    )  # fmt: skip
    user = rest_user()
    rest = Rest(user)
    (row,) = rest.rows("api:handovers")
    assert (row["recipient"], row["count"], row["handed_at"][:10]) == ("市金融工作局", 1, "2022-07-08")
    assert len(rest.rows("api:pool", programme=PROGRAMME)) == row["count"]
    client.force_login(staff)
    assert len(client.get(reverse("cultivation:handovers")).context["rows"]) == len(
        rest.rows("api:handovers")
    )
    answer = rest.get(reverse("api:handover_file", args=[row["id"]]))
    assert hashlib.sha256(answer.content).hexdigest() == row["sha256"] == made.sha256
    taken = AuditEntry.objects.get(act="take_pool_handover")
    assert (taken.actor, taken.counts["rows"]) == (user, 1)
    assert rest.rows("api:handovers", recipient="银行") == []
    district = Rest(factories.user(Role.API_CLIENT, "320681"), region="320681")
    assert district.rows("api:handovers") == []
    assert district.get(reverse("api:handover_file", args=[row["id"]])).status_code == 404
    township = factories.user(Role.TOWNSHIP_OFFICER, "320600")
    client.force_login(township)
    assert client.get(reverse("api:handovers")).status_code == 403


def test_a_page_of_entries_costs_the_same_however_many(city, django_assert_num_queries):
    rest = Rest(rest_user())
    rest.rows("api:watch")
    for size in (1, 1000):
        with django_assert_num_queries(6):
            rest.rows("api:watch", page_size=size)
