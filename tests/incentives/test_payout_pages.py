"""The doors of an award round after computing: publicity, approval, payouts, claims."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.panels import todos_for
from enterprises.models import AnnualFigure
from incentives.models import Award, AwardApplication, AwardRound, PayeeAccount
from incentives.services.accounts import keep_account
from incentives.services.approval import (
    approve_round,
    decide_objection,
    publicize_round,
    raise_objection,
    withdraw_round,
)
from incentives.services.computing import compute_awards
from tests import factories
from tests.incentives.conftest import CITY, PROGRAMME, XINHUA
from tests.incentives.test_approval import AFTER, FIRST, LAST, approved, draft, finance, leader, public

pytestmark = pytest.mark.django_db
__all__ = ["approved", "draft", "finance", "leader", "public"]
ROUND = [PROGRAMME, 2022]


def test_the_city_begins_the_publicity_and_a_district_cannot(draft, staff, officer, client):
    client.force_login(officer)
    assert client.post(reverse("incentives:publicity", args=ROUND), {"act": "begin"}).status_code == 403
    client.force_login(staff)
    refused = client.post(
        reverse("incentives:publicity", args=ROUND), {"act": "begin", "until": "七月"}, follow=True
    )
    assert "公示截止日请写成 2026-07-31 这样的日期" in refused.content.decode()
    client.post(reverse("incentives:publicity", args=ROUND), {"act": "begin", "until": "2999-12-31"})
    assert AwardRound.objects.get().state == AwardRound.State.PUBLIC
    page = client.get(reverse("incentives:round", args=ROUND)).content.decode()
    assert "撤回公示" in page
    assert "登记异议" in page


def test_only_finance_sees_an_account_whole(approved, finance, leader, client):
    award = approved.awards.filter(state="proposed").first()
    keep_account(
        recipient_code=award.recipient_code, payee="甲", bank="工行", account="622200001234", actor=finance
    )
    for person, shown, hidden in (
        (finance, "622200001234", "****1234"),
        (leader, "****1234", "622200001234"),
    ):
        client.force_login(person)
        page = client.get(reverse("incentives:payouts", args=ROUND)).content.decode()
        assert shown in page
        assert hidden not in page


def test_a_second_claim_is_answered_409_with_the_number_of_the_first(edition, officer, client):
    firm = factories.enterprise("", XINHUA)
    form = {"rule": f"{PROGRAMME}/neeq", "uscc": firm.uscc, "day": "2022-09-01", "key": "新三板挂牌"}
    client.force_login(officer)
    assert client.post(reverse("incentives:apply"), form).status_code == 302
    again = client.post(reverse("incentives:apply"), form)
    assert again.status_code == 409
    assert AwardApplication.objects.get().number in again.content.decode()


def test_a_claim_for_a_firm_of_another_district_is_refused_as_unknown(edition, officer, client):
    firm = factories.enterprise("", CITY)
    form = {"rule": f"{PROGRAMME}/neeq", "uscc": firm.uscc, "day": "2022-09-01", "key": "新三板挂牌"}
    client.force_login(officer)
    page = client.post(reverse("incentives:apply"), form)
    assert "名录里没有这家企业" in page.content.decode()
    assert not AwardApplication.objects.exists()


def test_finance_pastes_the_accounts_and_moves_a_whole_version(approved, finance, client):
    """Every line at fault is told and nothing is kept; then issuing takes all without a tick."""
    awards = list(approved.awards.filter(state="proposed"))
    client.force_login(finance)

    def paste(*lines: str) -> str:
        form = {"version": approved.version, "text": "\n".join(lines)}
        return client.post(reverse("incentives:account", args=ROUND), form, follow=True).content.decode()

    lines = [
        f"{award.recipient_code}\t{award.recipient_name}\t工行\t6222 0000 {n:04}"
        for n, award in enumerate(awards)
    ]
    said = paste(
        "对象\t户名\t开户行\t账号",
        *lines,
        "没有的对象\t甲\t工行\t622200001234",
        f"{awards[0].recipient_code}\t甲\t\t12",
    )
    assert f"<li>第{len(lines) + 2}行：这一版没有要付给“没有的对象”的奖补</li>" in said
    assert f"<li>第{len(lines) + 3}行：账号写 6 到 32 位数字</li>" in said
    assert lines[0] in said  # nobody pastes twice
    assert not PayeeAccount.objects.exists()
    assert f"已保存 {len(lines)} 个收款账户" in paste(*lines, f"{awards[0].recipient_code}\t甲\t\t")
    form = {"version": approved.version, "to": "issued", "day": "2022-12-01", "whole": "1"}
    page = client.post(reverse("incentives:payouts", args=ROUND), form, follow=True).content.decode()
    assert f"已办理 {approved.payouts.count()} 笔：下达" in page
    form["to"], form["reason"] = "stopped", "全部停发"
    page = client.post(reverse("incentives:payouts", args=ROUND), form, follow=True).content.decode()
    assert "停发、追回请逐笔勾选" in page


def test_everyone_finds_his_step_among_his_tasks(public, staff, leader, finance):
    """Publicity over: the leader approves; an objection: he answers it; upheld: the maker withdraws; approved: finance pays."""

    def kinds(person) -> list[str]:
        return [todo.kind for todo in todos_for(person) if "奖补" in todo.title]

    assert (kinds(staff), kinds(leader), kinds(finance)) == ([], ["待审定"], [])
    first, second = (raise_objection(award_round=public, raised_by="甲", text=t, actor=staff) for t in "一二")
    assert kinds(leader) == ["待答复"]
    decide_objection(objection=first, upheld=False, answer="核对无误", actor=leader)
    decide_objection(objection=second, upheld=True, answer="收入有误", actor=leader)
    assert (kinds(staff), kinds(leader)) == (["异议成立"], [])
    withdraw_round(award_round=public, actor=staff)
    assert kinds(staff) == ["异议成立"]
    AnnualFigure.objects.filter(main_revenue_wan=600_000).update(main_revenue_wan=400_000)
    compute_awards(programme=PROGRAMME, year=2022, actor=staff)
    assert kinds(staff) == ["待公示"]
    again = publicize_round(award_round=public, first_day=FIRST, until=LAST, actor=staff)
    approve_round(award_round=again, today=AFTER, actor=leader)
    assert (kinds(staff), kinds(leader), kinds(finance)) == ([], [], ["待下达"])


def test_what_an_older_version_granted_is_still_paid_after_a_newer_one(
    approved, staff, leader, finance, client
):
    held = Award.objects.get(state="cancelled").enterprise
    factories.annual_figure(held, 2021, main_revenue_wan="7000")
    AnnualFigure.objects.filter(main_revenue_wan=600_000).update(main_revenue_wan=400_000)
    second = compute_awards(programme=PROGRAMME, year=2022, actor=staff).award_round
    publicize_round(award_round=second, first_day=FIRST, until=LAST, actor=staff)
    approve_round(award_round=second, today=AFTER, actor=leader)
    client.force_login(finance)
    form = {"version": approved.version, "to": "issued", "day": "2022-12-01", "whole": "1"}
    page = client.post(reverse("incentives:payouts", args=ROUND), form, follow=True)
    assert page.redirect_chain[0][0].endswith("?version=1")
    assert f"已办理 {approved.payouts.count()} 笔：下达" in page.content.decode()
    assert "第2版：整笔应为 50,000.00 元，差 −30,000.00 元" in page.content.decode()
    newest = client.get(reverse("incentives:payouts", args=ROUND)).content.decode()
    assert '<a href="?version=1">第1版</a>' in newest
    assert held.name in newest
