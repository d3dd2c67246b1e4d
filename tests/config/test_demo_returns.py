"""The demo's last month comes with its returns: handed in, reviewed and accepted in time, so that it can be issued."""

import pytest

from config.demo.returns import hand_in_returns
from core.models import User
from core.periods import Month
from cultivation.models import MonthReturn, ReturnAct
from cultivation.services.month_completeness import returns_table
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
