"""The doors of an award round after computing: publicity, approval, payouts, claims."""

from __future__ import annotations

import pytest
from django.urls import reverse

from incentives.models import AwardApplication, AwardRound
from incentives.services.payouts import keep_account
from tests import factories
from tests.incentives.conftest import CITY, PROGRAMME, XINHUA
from tests.incentives.test_approval import approved, draft, finance, leader, public

pytestmark = pytest.mark.django_db
__all__ = ["approved", "draft", "finance", "leader", "public"]
ROUND = [PROGRAMME, 2022]


def test_the_city_begins_the_publicity_and_a_district_cannot(draft, staff, officer, client):
    client.force_login(officer)
    assert client.post(reverse("incentives:publicity", args=ROUND), {"act": "begin"}).status_code == 403
    client.force_login(staff)
    client.post(reverse("incentives:publicity", args=ROUND), {"act": "begin"})
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
