"""What if: other weights, baselines and bands on a round's firms; a draft method; a firm before its listing."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from django.urls import reverse

from core.conditions import FactKey, Kind, parse
from core.facts import catalogue, load_frame
from core.models import PolicyEdition
from core.services.editions import draft_edition
from core.services.simulation import simulate
from evaluation.models import Round, Score
from evaluation.rules.changes import better_rows, changes, grade_order
from evaluation.rules.rounds import evaluate
from evaluation.rules.what_if import WhatIfRefused, levers, pulled
from evaluation.services.listing_effect import listing_effect
from evaluation.services.rounds import run_evaluation
from tests import factories
from tests.evaluation.schemes import NAME, TEXT, firms, grades, scheme


def numbers(**values: str) -> dict[str, Decimal]:
    return {key.replace("__", "."): Decimal(value) for key, value in values.items()}


def test_the_levers_are_the_printed_numbers_and_none_other():
    found = {lever.key: lever.text for lever in levers(scheme())}
    assert found["above.tax_per_mu.weight"] == "30"
    assert found["above.va_per_emission.baseline"] == "4861.08"
    assert found["below.C.upto"] == "95"
    assert len(found) == 8 * 2 + 2 * 3
    assert not any(key.endswith("D.upto") for key in found)


def test_other_numbers_give_the_grades_that_a_method_with_them_gives():
    rows = firms(*({"tax": 100 + number, "value_added": 900 - 40 * number} for number in range(10)))
    other = pulled(scheme(min_size="0"), numbers(above__tax_per_mu__weight="9000", above__A__upto="40"))
    assert grades(evaluate(rows, scheme(min_size="0"))) == "AABBBBCCCC"
    assert grades(evaluate(rows, other)) == "CCCCBBAAAA"
    assert evaluate(rows, pulled(scheme(), {})).total.tolist() == evaluate(rows, scheme()).total.tolist()
    halved = pulled(scheme(), numbers(above__tax_per_mu__baseline="13.005"))
    items = [evaluate(rows, method).items[0, 0, 2] for method in (scheme(), halved)]
    assert abs(items[1] - 2 * items[0]) <= 1


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (numbers(above__A__upto="70"), "由小到大"),
        (numbers(above__C__upto="101"), "由小到大"),
        (numbers(above__tax_per_mu__baseline="0"), "应大于 0"),
        (numbers(above__tax_per_mu__weight="-1"), "应大于 0"),
        (numbers(nobody__A__upto="1"), "没有“nobody.A.upto”"),
    ],
)
def test_numbers_that_make_no_method_are_refused(values, word):
    with pytest.raises(WhatIfRefused, match=word):
        pulled(scheme(), values)


def test_moves_between_grades_as_a_matrix():
    found = changes(np.array(["A", "B", "B", "—", "D"]), np.array(["A", "A", "B", "D", "—"]))
    assert found.letters == ("A", "B", "D", "—")
    assert found.matrix.tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    assert found.rows.tolist() == [1, 3, 4]


# ---------------------------------------------------------------- on rows


@pytest.mark.django_db
def test_the_page_tells_who_moves_by_name_and_district_and_keeps_nothing(draft, qidong, staff, client):
    client.force_login(staff)
    address = reverse("evaluation:what_if", args=[draft.pk])
    assert "还没有改数" in client.get(address).content.decode()
    before = Round.objects.get().results_digest
    answer = client.get(address, {"above.A.upto": "30", "above.B.upto": "60"})
    found = answer.context["found"]
    # 启东's twenty: 4 A become 6; the three of 海门 are graded with the city's 23: 5 → 7 places
    assert [(firm.before, firm.after) for firm in found.firms] == [("B", "A")] * 2
    assert [(line.region, line.up, line.down, line.other) for line in found.regions] == [
        ("启东市", 2, 0, 0),
        ("海门区", 0, 0, 0),
    ]
    told = answer.content.decode()
    assert "启东试验4号厂" in told and "方案 20<" in told
    assert Round.objects.get().results_digest == before
    assert "不是数字" in client.get(address, {"above.A.upto": "许多"}).content.decode()
    assert "由小到大" in client.get(address, {"above.A.upto": "99"}).content.decode()
    assert "最多 9 位整数" in client.get(address, {"above.A.upto": "1e400"}).content.decode()
    client.force_login(factories.user("district_officer", "320681"))
    assert client.get(address).status_code == 403


@pytest.mark.django_db
def test_a_county_sees_its_own_firms_alone(published, client):
    client.force_login(factories.user("bureau_staff", "320614"))
    answer = client.get(reverse("evaluation:what_if", args=[published.pk]), {"above.A.upto": "59"})
    assert [line.region for line in answer.context["found"].regions] == ["海门区"]
    assert "启东试验" not in answer.content.decode()


@pytest.mark.django_db
def test_a_draft_method_is_simulated_beside_the_one_in_force(draft, staff, leader):
    text = TEXT.replace("A: {label: 优先发展类, upto: 20}", "A: {label: 优先发展类, upto: 30}")
    other = draft_edition(text=text, actor=staff, remark="")
    current = PolicyEdition.objects.get(name=NAME, state="in_force")
    (found,) = [
        each for each in simulate(draft=other, current=current, actor=leader) if each.part == "evaluation"
    ]
    assert (found.total.before, found.total.after, found.total.entering, found.moved_count) == (23, 23, 0, 2)
    assert found.remark == "按2021年度数据；B→A 2家"
    assert {(firm.before, firm.after) for firm in found.moved} == {("B", "A")}
    county = factories.user("bureau_staff", "320614")
    (own,) = [
        each for each in simulate(draft=other, current=current, actor=county) if each.part == "evaluation"
    ]
    assert (own.total.after, own.moved_count) == (3, 0)
    assert Score.objects.filter(final_grade="A").count() == 4


@pytest.mark.django_db
def test_a_firm_sees_its_grade_in_both_pools_before_it_is_listed(draft, surveyed, staff, client):
    small = surveyed("启东规下厂", tax="190", above=False)
    round_ = run_evaluation(scheme=NAME, year=2021, actor=staff)
    score = Score.objects.select_related("round__edition").get(round=round_, enterprise=small)
    now, then = listing_effect(score)
    assert (now.is_above, now.cohort, now.rank, now.size) == (False, "规下组", 1, 1)
    assert (then.is_above, then.cohort, then.size) == (True, "规上组", 21)
    # 190 万元 on 10 mu beside 200, 199 … 181: eleventh of twenty-one
    assert (then.rank, then.grade) == (11, "B")
    client.force_login(staff)
    told = client.get(reverse("evaluation:listing", args=[score.pk])).content.decode()
    assert "规下（现在）" in told and "11 / 21" in told


@pytest.mark.django_db
def test_pools_may_ask_who_was_found_in_the_scope_of_an_evaluation(draft, qidong):
    outside = factories.enterprise("从未采集厂")
    ids = [qidong[0].pk, outside.pk]
    frame = load_frame([FactKey("in_evaluation", Kind.YEAR, 2021)], enterprises=ids)
    column = frame.columns["in_evaluation[2021]"]
    assert (column.known.tolist(), bool(column.values[0])) == ([True, False], True)
    condition = parse("in_evaluation[2021] and not above_scale", catalogue())
    assert {key.name for key in condition.needs({})} == {"in_evaluation", "above_scale"}


def test_a_plus_is_better_than_a_and_a_special_class_is_neither_better_nor_worse():
    names = ["T", "—", "B1", "A", "C", "A+", "B", "B2"]
    assert sorted(names, key=grade_order) == ["A+", "A", "B", "B1", "B2", "C", "T", "—"]
    before, after = np.array(["A", "A+", "B", "T", "D", "—"]), np.array(["A+", "A", "B", "A", "T", "B"])
    assert better_rows(before, after).tolist() == [True, False, False, False, False, False]
    assert better_rows(after, before).tolist() == [False, True, False, False, False, False]
