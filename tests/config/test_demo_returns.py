"""The demo's last month comes with its returns: handed in, reviewed and accepted in time, so that it can be issued."""

from collections import Counter

import pytest

from config.demo.month_in_life import Cast, leave_in_life
from config.demo.returns import hand_in_returns
from core.models import User
from core.periods import Month
from cultivation.models import Correction, DispatchOrder, MonthReturn, ReturnAct
from cultivation.services.month_completeness import returns_table
from cultivation.services.months import close_month, issue_month
from reports.models import Bulletin
from tests import factories
from tests.cultivation.conftest import PROGRAMME, edition  # noqa: F401

JUNE = Month(2022, 6)


@pytest.mark.django_db
def test_every_return_of_the_demo_is_accepted_in_time_and_a_second_run_changes_nothing(edition):  # noqa: F811
    for region in edition.locality.children.all():
        for role, prefix in (("district_officer", "officer"), ("district_leader", "head")):
            factories.user(role, region, username=f"{prefix}-{region.pk.lower()}")
    bureau = factories.user("bureau_staff", "320600")
    factories.enterprise("启东试验丙厂", "320681")  # silent: the return says why

    def run():
        people = User.objects.select_related("region")
        person = {user.username: user for user in people}.__getitem__
        return hand_in_returns(programme=PROGRAMME, month=JUNE, person=person, bureau=bureau)

    assert (run(), run()) == (30, 0)
    assert set(MonthReturn.objects.values_list("step", flat=True)) == {"done"}
    table = returns_table(cycle=MonthReturn.objects.first().cycle, user=bureau)
    assert {line.late for line in table.lines} == {0}
    assert all(act.at.year == 2022 for act in ReturnAct.objects.all())


@pytest.mark.django_db
@pytest.mark.any_database
def test_the_demo_has_a_return_that_came_back_a_correction_orders_and_a_signed_paper_once_each(edition):  # noqa: F811
    for region in edition.locality.children.all():
        for role, prefix in (("district_officer", "officer"), ("district_leader", "head")):
            factories.user(role, region, username=f"{prefix}-{region.pk.lower()}")
    bureau, leader = factories.user("bureau_staff", "320600"), factories.user("bureau_leader", "320600")
    for region in ("320612", "320681", "320613"):
        firm = factories.enterprise(f"{region}试验厂", region)
        for month in ("2021-05", "2022-05", "2022-06"):
            factories.monthly_figure(firm, month, "100" if month < "2022" else "60")
    people = {user.username: user for user in User.objects.select_related("region")}
    issue = close_month(programme=PROGRAMME, month=JUNE - 1, actor=bureau)
    issue_month(issue=issue, actor=leader)
    hand_in_returns(programme=PROGRAMME, month=JUNE, person=people.__getitem__, bureau=bureau)
    cast = Cast(PROGRAMME, people.__getitem__, bureau, leader)
    for _ in range(2):
        leave_in_life(cast, last=JUNE)
        assert set(MonthReturn.objects.values_list("step", flat=True)) == {"done"}, "June can be issued"
        assert ReturnAct.objects.filter(kind="send_back").count() == 1
        assert [one.state for one in Correction.objects.all()] == ["waiting"]
        states = Counter(DispatchOrder.objects.values_list("state", flat=True))
        assert states["answered"] == 1 and states["sent"] >= 1 and states["draft"] >= 8
        assert [one.state for one in Bulletin.objects.all()] == ["issued"]
    assert {act.at.year for act in ReturnAct.objects.all()} == {2022}
