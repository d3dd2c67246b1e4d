"""A round on rows: run again, replaced, a new version with differences, once for a firm, one answer for scripts."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from core.management.house_command import UsageFault
from core.models import AuditEntry, User
from core.services.policies import load_edition
from enterprises.models import AnnualFigure
from incentives.models import Award, AwardDifference, AwardRefusal, AwardRound
from incentives.rules.frozen import frozen_bytes, thawed
from incentives.services.computing import compute_awards
from incentives.services.programmes import AwardsRefused
from tests import factories
from tests.incentives.conftest import BAOFENG, PROGRAMME, XINHUA, policy_text

pytestmark = pytest.mark.django_db


def compute(actor: User, year: int = 2022) -> AwardRound:
    return compute_awards(programme=PROGRAMME, year=year, actor=actor).award_round


def listed(region: str, revenue: str | None = "3000", month: str = "2022-03", **fields):
    firm = factories.enterprise("", region)
    if revenue is not None:
        factories.annual_figure(firm, 2021, main_revenue_wan=revenue)
    factories.scale_event(firm, "listed", month, entry_type="grown", **fields)
    return firm


def approve(award_round: AwardRound) -> None:
    AwardRound.objects.filter(pk=award_round.pk).update(state=AwardRound.State.APPROVED)


@pytest.fixture
def firms(edition):
    return [listed(XINHUA), listed(BAOFENG, "5000")]


def rows() -> list[tuple[str, int, str]]:
    awards = Award.objects.order_by("round__version", "recipient_code")
    return list(awards.values_list("recipient_code", "amount_fen", "state"))


def test_the_same_inputs_change_nothing(firms, staff):
    first = compute(staff)
    awards = list(Award.objects.values_list("pk", flat=True))
    again = compute(staff)
    assert (again.pk, again.computed_at) == (first.pk, first.computed_at)
    assert list(Award.objects.values_list("pk", flat=True)) == awards
    assert AuditEntry.objects.filter(act="compute_awards").count() == 1


def test_a_round_is_computed_again_from_what_was_kept(firms, staff, capsys):
    """Neither the registry of today nor a row that was touched behind the house's back is taken for what it was."""
    award_round = compute(staff)
    kept = award_round.snapshot
    AnnualFigure.objects.all().delete()
    call_command("compute_awards", PROGRAMME, "2022", "--verify")
    assert capsys.readouterr().out.startswith(
        f"{award_round} 复算一致　指纹 {award_round.inputs_digest[:12]}"
    )
    assert frozen_bytes(thawed(bytes(kept.content))) == bytes(kept.content)
    Award.objects.filter(enterprise=firms[0]).update(amount_fen=5_000_100)
    with pytest.raises(UsageFault, match="复算的结果与留存的不一致"):
        call_command("compute_awards", PROGRAMME, "2022", "--verify")


def test_changed_inputs_replace_the_draft(firms, staff):
    first = compute(staff)
    AnnualFigure.objects.filter(enterprise=firms[0]).update(main_revenue_wan=600_000)
    second = compute(staff)
    assert (second.pk, second.version) == (first.pk, 1)
    assert second.inputs_digest != first.inputs_digest
    assert {amount for _code, amount, _state in rows()} == {8_000_000}


def test_a_missing_figure_holds_the_award_until_it_comes(edition, staff):
    firm = listed(BAOFENG, None)
    compute(staff)
    award = Award.objects.get()
    assert (award.amount_fen, award.state) == (5_000_000, "held")
    assert [trace["outcome"] for trace in award.parts] == [1, -1]
    assert award.parts[1]["verdict"][1][0][5] == ["main_revenue[2021]"]
    factories.annual_figure(firm, 2021, main_revenue_wan="5000")
    compute(staff)
    award = Award.objects.get()
    assert (award.amount_fen, award.state) == (8_000_000, "proposed")


def test_after_approval_nothing_is_edited_and_what_changed_is_recorded(firms, staff):
    first = compute(staff)
    before = rows()
    approve(first)
    AnnualFigure.objects.filter(enterprise=firms[0]).update(main_revenue_wan=600_000)
    firms[1].scale_events.all().delete()
    added = listed(XINHUA, "100")
    second = compute(staff)
    assert (second.version, second.state) == (2, "draft")
    assert [row for row in rows() if row in before] == before
    assert Award.objects.get(round=second).recipient_code == added.uscc
    found = {row.award.recipient_code: row for row in AwardDifference.objects.filter(round=second)}
    more, gone = found[firms[0].uscc], found[firms[1].uscc]
    assert (more.difference_fen, more.shares) == (3_000_000, {"city": 1_500_000, "district": 1_500_000})
    assert (gone.amount_fen, gone.difference_fen) == (0, -8_000_000)
    assert gone.shares == {"city": 0, "district": -8_000_000}
    assert compute(staff).pk == second.pk


def test_approved_and_unchanged_stays_the_approved_one(firms, staff):
    first = compute(staff)
    approve(first)
    assert compute(staff).pk == first.pk


def test_an_award_is_made_once_though_the_month_is_corrected(firms, staff):
    first = compute(staff)
    approve(first)
    firms[0].scale_events.update(month=202204)
    compute(staff)
    assert Award.objects.filter(recipient_code=firms[0].uscc).count() == 1
    assert not AwardDifference.objects.exists()


def test_the_database_refuses_a_second_living_award(firms, staff):
    award_round = compute(staff)
    award = Award.objects.filter(round=award_round).first()
    award.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        award.save()
    award.state = Award.State.CANCELLED
    award.save()
    assert Award.objects.living().count() == 2


def test_a_first_entry_paid_in_another_year_is_not_paid_again(firms, staff):
    approve(compute(staff))
    firms[0].scale_events.update(month=202302, library_year=2023)
    compute(staff, 2023)
    (refusal,) = AwardRefusal.objects.filter(round__year=2023)
    assert refusal.reasons == [["already_awarded", 2022, 1]]


def test_shares_follow_the_region_of_the_month_of_entry(edition, staff):
    firm = listed(XINHUA, "6000")
    firm.region_id = BAOFENG
    firm.save()
    compute(staff)
    assert Award.objects.get().shares == {"city": 4_000_000, "district": 4_000_000}


def test_another_city_is_left_out(firms, nantong, staff):
    listed("320681", "9000")
    assert compute(staff).awards.count() == 2


def test_an_unknown_programme_is_refused(edition, staff):
    with pytest.raises(AwardsRefused, match="没有施行中的方案"):
        compute_awards(programme="nowhere-2022", year=2022, actor=staff)


def told(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("compute_awards", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_prints_one_json_object_in_yuan(firms, staff):
    out, err = told(PROGRAMME, "2022", "--json")
    block = {"count": 2, "total_yuan": "130000.00", "city_yuan": "25000.00", "district_yuan": "105000.00"}
    assert json.loads(out) == block
    assert "县（市、区）本地额外奖励" in err


def test_what_stands_of_a_held_award_is_in_the_block(edition, staff):
    listed(XINHUA, None)
    assert json.loads(told(PROGRAMME, "2022", "--json")[0])["total_yuan"] == "50000.00"


def test_a_document_without_amounts_says_why_and_awards_nothing(db):
    load_edition(text=policy_text("nantong/nantong-2022"), actor=User.objects.system())
    out, _err = told("nantong-2022", "2022")
    assert "四、保障措施 2 没有写明金额" in out
    assert "不产生奖补" in out
    assert not AwardRound.objects.exists()
    assert json.loads(told("nantong-2022", "2022", "--json")[0])["total_yuan"] == "0.00"


@pytest.mark.parametrize("arguments", [("nowhere-2022", "2022"), (PROGRAMME, "22"), (PROGRAMME,)])
def test_off_words_are_a_usage_fault(edition, arguments):
    with pytest.raises(UsageFault) as fault:
        told(*arguments)
    assert fault.value.returncode == 64
