"""A round keeps what it was computed from; land, parks and past years reach it; what is not printed leaves a draft partly open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.management import call_command
from django.urls import reverse

from core.conditions import Column
from core.management.house_command import UsageFault
from core.models import Region, User
from core.services.policies import load_edition
from enterprises.models import Lease, Parcel
from evaluation.models import Round, RoundSnapshot, Score
from evaluation.rules.frozen import frozen, thawed
from evaluation.rules.results import results_digest
from evaluation.rules.trace import unpacked
from evaluation.rules.wording import level_sentences
from evaluation.services.editions import RoundRefused, scheme_of
from evaluation.services.frozen_rounds import computed_again, firms_of, is_reproduced, keep_snapshot
from evaluation.services.rounds import publish_round, run_evaluation
from evaluation.services.snapshot import read_snapshot
from tests import factories
from tests.evaluation.conftest import FIGURES
from tests.evaluation.methods import BANDS, QUANTITIES, TAX_PER_MU, cohort, text_of
from tests.evaluation.schemes import NAME

pytestmark = pytest.mark.django_db

PINNED = [
    ("启东甲厂", "320681", "123.45", "7.13"),
    ("启东Ａ厂", "320681", "0.01", "0.37"),
    ("海门乙厂", "320614", "-3.33", "19.99"),
    ("海门a厂", "320614", "999.99", "33.33"),
    ("如皋丙厂", "320682", "71.07", "11.11"),
]


@pytest.fixture
def staff(nantong) -> User:
    return factories.user("bureau_staff", "320600")


def loaded(name: str = "haibin-evaluation", **blocks) -> None:
    blocks = {"data_year": 2021, "quantities": QUANTITIES} | blocks
    text = text_of(**blocks).replace('"990100"', '"320600"').replace("haibin-evaluation", name)
    load_edition(text=text, actor=User.objects.system())


def run(staff: User, name: str = "haibin-evaluation", year: int = 2021) -> Round:
    return run_evaluation(scheme=name, year=year, actor=staff)


def trace(firm, round_: Round):
    _document, scheme = scheme_of(round_.edition)
    score = Score.objects.get(round=round_, enterprise=firm)
    own = scheme.cohort(score.cohort) if score.cohort else None
    return unpacked(bytes(score.trace), round_.trace_columns, scheme, own)


def surveyed(name: str = "", region: str = "320681", year: int = 2021, firm=None, **fields):
    one = firm or factories.enterprise(name, region, **{"started_on": fields.pop("started_on", None)})
    factories.annual_figure(one, year=year, **{**FIGURES, "tax_wan": "100", **fields})
    return one


def test_the_kept_firms_give_the_same_fingerprint_and_others_do_not(draft, capsys):
    assert is_reproduced(draft)
    call_command("evaluate", NAME, "2021", "--verify")
    assert "复算一致" in capsys.readouterr().out
    kept = firms_of(draft)
    tax = kept.firms.quantities["tax"]
    more = kept.firms.quantities | {"tax": Column(tax.values + 100_00, tax.known)}
    changed = frozen(replace(kept.firms, quantities=more), None, kept.regions)
    RoundSnapshot.objects.filter(round=draft).update(content=changed)
    assert not is_reproduced(draft)
    with pytest.raises(UsageFault, match="不一致"):
        call_command("evaluate", NAME, "2021", "--verify")
    with pytest.raises(UsageFault, match="没有留存快照"):
        call_command("evaluate", NAME, "2020", "--verify")


def test_a_round_of_last_years_firms_tenants_and_words_is_kept_whole(staff):
    baseline = {"kind": "mean_of_ratios", "factor": 2, "population": "county", "period": "last_year"}
    loaded(
        cohorts=[cohort({"baseline": baseline})],
        grading={"rank_within": "town"},
        subject={"tenants": "separate", "multi_entity": "separate", "clause": "五"},
        moves=[
            {"id": "m", "label": "承租", "kind": "down", "steps": 1, "when": "is_tenant", "if_unknown": "out", "clause": "五"}
        ],
    )  # fmt: skip
    one, other = surveyed("甲厂"), surveyed("乙厂", tax_wan="90")
    surveyed(firm=one, year=2020, tax_wan="80")
    Lease.objects.create(
        enterprise=other, direction="in", party="firm", party_key=one.uscc, area_mu=100, region=one.region,
        since=date(2020, 1, 1), batch=factories.batch("leases"),
    )  # fmt: skip
    round_ = run(staff)
    kept = firms_of(round_)
    assert kept.previous is not None
    assert kept.regions[0] == "320600"
    assert trace(other, round_).moves != (-1,)
    assert is_reproduced(round_)
    again = thawed(frozen(kept.firms, kept.previous, kept.regions))
    assert again.firms.facts["town"].words == kept.firms.facts["town"].words


def test_years_in_a_class_are_counted_from_published_rounds(staff):
    newcomer = {
        "include": [{"id": "all", "label": "全部", "when": "true", "if_unknown": "in", "clause": "一"}],
        "special": [{"id": "T", "label": "新投产", "when": "years_in_production < 3年", "if_unknown": "out", "clause": "一", "max_years": 1}],
    }  # fmt: skip
    move = {"id": "m", "label": "保护", "kind": "floor", "grade": "A", "when": "tax <= 40万元", "if_unknown": "out", "clause": "五", "max_years": 1, "evidence": "none"}  # fmt: skip
    for year in (2020, 2021):
        loaded(f"haibin-{year}", data_year=year, scope=newcomer, moves=[move])
    young = surveyed("新厂", year=2020, started_on=date(2019, 6, 1))
    weak = surveyed("弱厂", year=2020, tax_wan="40", started_on=date(2001, 1, 1))
    for firm, tax in ((young, "100"), (weak, "40")):
        surveyed(firm=firm, tax_wan=tax)
    first = run(staff, "haibin-2020", 2020)
    told = dict(Score.objects.filter(round=first).values_list("enterprise__name", "final_grade"))
    assert told == {"新厂": "T", "弱厂": "A"}
    # a draft has used up nothing
    assert Score.objects.get(round=run(staff, "haibin-2021"), enterprise=young).final_grade == "T"
    publish_round(round_=first, actor=factories.user("bureau_leader", "320600"))
    second = run(staff, "haibin-2021")
    told = dict(Score.objects.filter(round=second).values_list("enterprise__name", "final_grade"))
    assert told == {"新厂": "B", "弱厂": "C"}
    assert is_reproduced(second)


@pytest.mark.parametrize(
    ("land", "landlord_mu", "tenant_mu"),
    [
        ({"basis": "certificate"}, 30_00, 0),
        ({"leased_floor": "floor/sqm_per_mu", "sqm_per_mu": 667}, 20_00 - 15_00, 10_00 + 15_00),
        ({"leased_floor": "floor/FAR/sqm_per_mu", "sqm_per_mu": 667}, 20_00 - 7_50, 10_00 + 7_50),
        ({"leased_floor": "share_of_parcel"}, 20_00 - 15_00, 10_00 + 15_00),
    ],
)
def test_a_survey_takes_certificates_floors_and_shares_from_the_ledgers(staff, land, landlord_mu, tenant_mu):
    loaded(land={"clause": "二", "area": "own + leased_in - leased_out", "blank_lease": "zero"} | land)
    landlord, tenant = surveyed("房东", land_own_mu="20"), surveyed("租户")
    batch = factories.batch("parcels")
    Parcel.objects.create(
        enterprise=landlord, certificate="证1", area_mu=30_00, floor_sqm=20010_00, far=200, region=landlord.region, batch=batch
    )  # fmt: skip
    Lease.objects.create(
        enterprise=tenant, direction="in", party="firm", party_key=landlord.uscc, certificate="证1", floor_sqm=10005_00,
        since=date(2020, 1, 1), region=tenant.region, batch=batch,
    )  # fmt: skip
    round_ = run(staff)
    assert [trace(firm, round_).figures["land"] for firm in (landlord, tenant)] == [landlord_mu, tenant_mu]


def test_the_park_is_the_region_of_assessment_or_the_one_that_the_address_names(staff):
    loaded(grading={"rank_within": "zone"})
    Region.objects.filter(pk="3206TW").update(aliases=["通州湾示范区"])
    inside = surveyed("园内", "3206TW")
    named = surveyed("挂靠", tax_wan="90")
    named.township = "通州湾示范区"
    named.save(update_fields=["township"])
    elsewhere = surveyed("园外", tax_wan="80")
    run(staff)
    places = dict(Score.objects.values_list("enterprise__name", "pool__place"))
    assert places == {inside.name: "通州湾", named.name: "通州湾", elsewhere.name: ""}


def test_further_levels_are_told_on_the_firms_page(staff, client):
    city = {"label": "市级", "rank_within": "locality", "clause": "三", "id": "city"}
    loaded(grading={"rank_within": "region"}, levels=[city])
    best, second = surveyed("甲厂", tax_wan="200"), surveyed("乙厂", "320614")
    round_ = run(staff)
    client.force_login(staff)
    score = Score.objects.get(round=round_, enterprise=second)
    page = client.get(reverse("evaluation:trace", args=[score.pk])).content.decode()
    assert "市级：同一得分在 2 家中列第 2 位" in page
    assert score.rank == 1
    assert best.name not in page


FLAGS = [{"id": "low", "label": "亩均税收9万元以下", "when": "tax / land <= 9万元/亩", "clause": "二"}]


@pytest.mark.parametrize(
    ("blocks", "word"),
    [
        ({"cohorts": [cohort() | {"indicators": {"clause": "三", "full": "unknown", "items": "unknown"}}]}, "指标"),
        ({"cohorts": [cohort() | {"indicators": {"clause": "三", "full": 100, "items": [TAX_PER_MU | {"weight": "unknown"}]}}]}, "权重"),
        ({"cohorts": [cohort(bands={**BANDS, "A": {"label": "甲", "upto": "unknown"}})]}, "比例"),
    ],
)  # fmt: skip
def test_what_is_not_printed_leaves_scope_land_and_lines_and_blocks_publishing(staff, client, blocks, word):
    loaded(**blocks, flags=FLAGS)
    low, fine = surveyed("低效厂", tax_wan="90"), surveyed("达标厂", tax_wan="90.01")
    round_ = run(staff)
    assert round_.counts == {"ungraded": 2}
    assert [Score.objects.get(enterprise=firm).flags for firm in (low, fine)] == [1, 0]
    client.force_login(staff)
    for firm in (low, fine):
        score = Score.objects.get(enterprise=firm)
        page = client.get(reverse("evaluation:trace", args=[score.pk])).content.decode()
        assert ("绝对标准：亩均税收9万元以下" in page) == (firm is low)
        assert "不在评价范围，没有评分" not in page
    page = client.get(reverse("evaluation:scores"), {"round": round_.pk, "grade": "none"}).content.decode()
    assert "低效厂" in page
    leader = factories.user("bureau_leader", "320600")
    with pytest.raises(RoundRefused, match=f"不能公布：.*{word}"):
        publish_round(round_=round_, actor=leader)


def test_a_snapshot_is_replaced_with_its_draft(draft, staff, qidong):
    qidong[0].annual_figures.update(tax_wan=1_00)
    again = run_evaluation(scheme=NAME, year=2021, actor=staff)
    assert (again.pk, RoundSnapshot.objects.count()) == (draft.pk, 1)
    assert is_reproduced(again)
    _document, scheme = scheme_of(again.edition)
    keep_snapshot(again, read_snapshot(again.region, scheme, again.edition.sha256))
    assert is_reproduced(again)


def test_a_further_level_tells_its_own_moves(staff):
    city = {"label": "市级", "rank_within": "locality", "clause": "三", "id": "city"}
    move = {"id": "m", "label": "事故", "kind": "down", "steps": 1, "when": "tax <= 90万元", "if_unknown": "out", "clause": "五"}  # fmt: skip
    loaded(grading={"rank_within": "region"}, levels=[city], moves=[move])
    firms = [surveyed(f"{tax}厂", tax_wan=str(tax)) for tax in (200, 100, 90, 80, 70)]
    round_ = run(staff)
    _document, method = scheme_of(round_.edition)
    told = ["".join(level_sentences(method, method.cohorts[0], trace(firm, round_))) for firm in firms]
    assert told[1] == "市级：同一得分在 5 家中列第 2 位，定为 B 级。"
    assert told[2] == "市级：同一得分在 5 家中列第 3 位，初评 B 级，调档后为 C 级。"
    assert told[4] == "市级：同一得分在 5 家中列第 5 位，初评 C 级，调档后为 D 级。"


def test_a_round_of_given_firms_has_one_fingerprint_on_any_database(edition, staff):
    """To the last digit: what was read, what came out of it, and what stands in the rows afterwards."""
    for number, (name, region, tax, land) in enumerate(PINNED):
        firm = factories.enterprise(name, region, uscc=factories.uscc(9_000_001 + number))
        factories.scale_event(firm, "in_directory", "2020-12")
        factories.annual_figure(
            firm, **{**FIGURES, "tax_wan": tax, "land_own_mu": land, "energy_tce": "77.77"}
        )
    draft = run(staff, NAME)
    _document, scheme = scheme_of(edition)
    read = read_snapshot(draft.region, scheme, "0" * 64)
    assert read.digest == "046e0330f21969c381bd19af7afaf31434092080d4f67ecb8d93e6c7e89db08c"
    told = results_digest(read.digest, scheme, computed_again(draft))
    assert told == "d87ee4971e21430f312be36acf1675169103324c35f3afb93ded578ed5411e3e"
    kept = draft.scores.order_by("enterprise__uscc").values_list("total", "rank", "final_grade")
    assert list(kept) == [
        (890387, 2, "B"),
        (884962, 3, "B"),
        (622470, 5, "C"),
        (953385, 1, "A"),
        (726482, 4, "C"),
    ]
