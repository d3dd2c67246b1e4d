"""Facts are loaded once a frame, aligned with the firms asked for; what was not found is unknown."""

import numpy as np
import pytest

from core import facts
from core.conditions import YEAR, FactType, Kind, parse
from core.facts import Fact, catalogue, load_frame, needed_by, register_facts

STORED = {2021: {7: 48770, 3: 60000}, 2020: {3: 50000}}


@pytest.fixture
def reads(monkeypatch):
    """An empty registry with two facts of one yearly table, and the list of what was read from it."""
    monkeypatch.setattr(facts, "_facts", {})
    done = []

    def table(context):
        done.append(context.period)
        return STORED.get(context.period, {})

    def load_sales(context):
        found = context.once(("annual", context.period), lambda: table(context))
        return context.aligned(found, list(found.values()))

    def load_has_return(context):
        found = context.once(("annual", context.period), lambda: table(context))
        return context.aligned(found, np.ones(len(found), dtype=bool))

    register_facts(
        Fact(FactType("sales", "应税销售", Kind.AMOUNT, per=Kind.YEAR), load_sales),
        Fact(FactType("has_return", "有年报", Kind.FLAG, per=Kind.YEAR), load_has_return),
    )
    return done


def test_each_fact_and_year_is_loaded_once_and_in_the_order_of_the_firms(reads):
    conditions = [
        parse("sales[year-1] >= 500万元 and has_return[year-1]", catalogue()),
        parse("sales[year-1] / sales[year-2] - 1 >= 10%", catalogue()),
    ]
    keys = needed_by(conditions, {"year": 2022})
    assert [str(key) for key in keys] == ["sales[2021]", "has_return[2021]", "sales[2020]"]

    frame = load_frame(keys, enterprises=[3, 5, 7], parameters={"year": 2022})

    assert reads == [2021, 2020]
    assert frame.columns["sales[2021]"].values.tolist() == [60000, 0, 48770]
    assert frame.columns["sales[2021]"].known.tolist() == [True, False, True]
    assert [condition.judge(frame, {"year": 2022}).outcome.tolist() for condition in conditions] == [
        [1, -1, 0],
        [1, -1, -1],
    ]


def test_a_year_without_any_figure_is_unknown_for_all(reads):
    condition = parse("has_return[1999] and not has_return[1999]", catalogue())
    frame = load_frame(condition.needs(), enterprises=[3, 5])
    assert condition.judge(frame).outcome.tolist() == [-1, -1]


def test_values_marked_unknown_stay_unknown_and_foreign_firms_are_left_out(reads):
    def load(context):
        return context.aligned([9, 5, 3], [1, 2, 3], known=[True, False, True])

    register_facts(Fact(FactType("staff", "从业人员", Kind.COUNT, unit="人"), load))
    column = load_frame(parse("staff > 1", catalogue()).needs(), enterprises=[3, 5]).columns["staff"]
    assert column.values.tolist() == [3, 0]
    assert column.known.tolist() == [True, False]


def test_an_enterprise_with_two_values_is_told(reads):
    register_facts(
        Fact(
            FactType("staff", "从业人员", Kind.COUNT, unit="人"),
            lambda context: context.aligned([3, 3], [1, 2]),
        )
    )
    with pytest.raises(ValueError, match="two values"):
        load_frame(parse("staff > 1", catalogue()).needs(), enterprises=[3, 5])


def test_a_name_belongs_to_one_fact(reads):
    with pytest.raises(ValueError, match="sales"):
        register_facts(Fact(FactType("sales", "销售", Kind.MONEY), lambda context: context.aligned([], [])))


def test_the_registry_of_the_portal_names_no_parameter():
    assert YEAR.name not in catalogue()
