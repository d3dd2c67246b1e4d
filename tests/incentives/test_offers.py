"""A firm's page tells what it could still get and what is missing; a small firm sees small sums first."""

from __future__ import annotations

from datetime import date

import pytest

from core.panels import dossier_for
from incentives.services.offers import offers_for
from tests import factories
from tests.incentives.conftest import XINHUA
from tests.incentives.test_occasions import declared
from tests.incentives.test_rounds import compute, listed

pytestmark = pytest.mark.django_db
TODAY = date(2022, 8, 1)


def test_a_small_firm_sees_low_sums_first_with_what_is_missing(edition, officer):
    """S0-30: “low threshold, small sum policies for small firms visible to them”: a micro firm's page lists them."""
    firm = factories.enterprise("", XINHUA)
    factories.annual_figure(firm, TODAY.year - 1, main_revenue_wan="4986")
    declared(firm, "contract_years", "0", unit="年")
    offers = offers_for(firm, officer, TODAY)
    titles = [offer.title for offer in offers]
    first = next(offer for offer in offers if offer.title == "首次入库奖励")
    assert (first.state, first.sum_words) == ("open", "5万元—8万元")
    assert first.words == (
        "2021年主营业务收入 4,986.00 万元，已达规上标准 2,000 万元，还没有入库；"
        "“满5000万元加奖”2021年主营业务收入 4,986.00 万元，低于 5,000 万元，差 14.00 万元"
    )
    assert next(offer for offer in offers if "学徒制" in offer.title).sum_words == "每人 5000—6000 元"
    open_sums = [offer.fen for offer in offers if offer.state in ("open", "met") and offer.fen is not None]
    assert open_sums == sorted(open_sums)
    assert titles.index("首次入库奖励") < titles.index("首次认定国家级小巨人奖励")
    nodes = next(offer for offer in offers if offer.title == "上市三个节点奖励")
    assert (nodes.state, nodes.words) == (
        "wanting",
        "缺上市板块、首次小升规企业、上市奖励不限于培育库和首次小升规企业",
    )
    hire = next(offer for offer in offers if offer.title == "新招用人员社会保险补贴")
    assert hire.state == "missed"
    assert hire.words.startswith("劳动合同年限 0 年，低于 1 年，差 1 年")


def test_what_a_firm_has_and_what_is_over_is_offered_no_more(edition, officer, staff):
    """S1-08: “rule not offered after its end date”; a firm in the directory enters it no more."""
    firm = listed(XINHUA)
    compute(staff)
    titles = {offer.title for offer in offers_for(firm, officer, TODAY)}
    assert not titles & {"首次入库奖励", "2022年第一季度满负荷生产奖励"}
    assert "工伤、失业保险缓缴3个月" in titles
    later = {offer.title for offer in offers_for(firm, officer, date(2023, 1, 1))}
    assert "工伤、失业保险缓缴3个月" not in later
    large = offers_for(firm, officer, TODAY)
    sums = [offer.fen or 0 for offer in large if offer.state in ("open", "met")]
    assert sums == sorted(sums, reverse=True)


def test_the_firm_page_shows_it_and_leads_to_the_claim(
    edition, officer, client, django_assert_max_num_queries
):
    firm = factories.enterprise("", XINHUA)
    (panel,) = [one for one in dossier_for(officer, firm) if one.title == "还能享受的政策"]
    assert panel.context["may_claim"]
    client.force_login(officer)
    text = client.get(f"/enterprises/{firm.pk}/").content.decode()
    assert "低门槛、小额度的在前" in text
    assert f"?rule=pingdingshan-2022/neeq&amp;uscc={firm.uscc}" in text
    with django_assert_max_num_queries(20):
        offers_for(firm, officer, TODAY)
