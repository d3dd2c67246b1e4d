"""Two officers send figures of the same firm: one wins, the other is told who, within what he may know."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import Role
from enterprises.models import Enterprise, MonthlyFigure
from intake.models import Batch
from intake.services.commits import Overtaken
from tests import factories
from tests.enterprises.lists import firm_cells, send

pytestmark = pytest.mark.django_db


def monthly_row(firm, revenue, region="启东市"):
    cells = {"统计月份": "2022-06", "营业收入(万元)": revenue, "实缴税金(万元)": "3"}
    return {**firm_cells(firm, region=region), **cells}


def checked(sent, minutes_ago=0):
    """The moment at which the officer saw the differences."""
    Batch.objects.filter(pk=sent.batch.pk).update(checked_at=timezone.now() - timedelta(minutes=minutes_ago))
    sent.batch.refresh_from_db()
    return sent


def committed(sent, officer):
    sent.sheet.take(sent.records, sent.batch, officer)
    Batch.objects.filter(pk=sent.batch.pk).update(
        state=Batch.State.COMMITTED, committed_at=timezone.now(), committed_by=officer
    )
    return sent


def test_the_second_is_told_who_was_first_and_nothing_of_his_is_stored(nantong):
    firm = factories.enterprise()
    factories.monthly_figure(firm, "2022-06", "100", "3")
    chen, liu = (factories.user(Role.DISTRICT_OFFICER, "320681", full_name=name) for name in ("陈一", "刘二"))
    first, second = (
        checked(send("monthly", [monthly_row(firm, "110")])),
        checked(send("monthly", [monthly_row(firm, "120")])),
    )
    committed(first, chen)
    with pytest.raises(Overtaken) as refused:
        second.sheet.take(second.records, second.batch, liu)
    assert firm.name in refused.value.message
    assert "陈一" in refused.value.message
    assert MonthlyFigure.objects.get().revenue_wan == 11000


def test_a_batch_outside_his_scope_is_not_named(nantong):
    firm = factories.enterprise()
    factories.monthly_figure(firm, "2022-06", "100", "3")
    city = factories.user(Role.BUREAU_STAFF, "320600", full_name="市局王三")
    district = factories.user(Role.DISTRICT_OFFICER, "320681")
    first = checked(send("monthly", [monthly_row(firm, "110")], region="320600"))
    second = checked(send("monthly", [monthly_row(firm, "120")]))
    committed(first, city)
    with pytest.raises(Overtaken) as refused:
        second.sheet.take(second.records, second.batch, district)
    assert refused.value.message == "该企业已由其他地区填报，请与市局联系。"


def test_what_was_stored_long_before_the_check_may_be_replaced(nantong):
    firm = factories.enterprise()
    officer = factories.user()
    first = committed(checked(send("monthly", [monthly_row(firm, "110")])), officer)
    Batch.objects.filter(pk=first.batch.pk).update(committed_at=timezone.now() - timedelta(hours=2))
    second = checked(send("monthly", [monthly_row(firm, "120")]))
    assert second.sheet.take(second.records, second.batch, officer)["changed"] == 1
    assert MonthlyFigure.objects.get().revenue_wan == 12000


def test_two_registry_lists_do_not_overwrite_each_other_unseen(nantong):
    firm = factories.enterprise()
    officer = factories.user(full_name="陈一")
    first = checked(send("registry", [{**firm_cells(firm), "乡镇(园区)": "汇龙镇"}]))
    second = checked(send("registry", [{**firm_cells(firm), "乡镇(园区)": "吕四港镇"}]))
    committed(first, officer)
    with pytest.raises(Overtaken, match="陈一"):
        second.sheet.take(second.records, second.batch, officer)
    assert Enterprise.objects.get().township == "汇龙镇"
