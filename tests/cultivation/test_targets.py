"""Target rows follow the edition in force; the city's table is the 附件 (S0-02, S0-33, S0-34)."""

from __future__ import annotations

import pytest

from core.models import User
from core.services.policies import load_edition
from cultivation.models import Target
from cultivation.services.targets import store_targets
from tests.cultivation.conftest import POLICY, PROGRAMME

pytestmark = pytest.mark.django_db
ANNEX = {
    "海安市": 130, "如皋市": 140, "如东县": 140, "启东市": 150, "崇川区": 50,
    "通州区": 140, "海门区": 140, "开发区": 60, "苏锡通": 25, "通州湾": 25,
}  # fmt: skip


def yearly(year: int) -> dict[str, int]:
    rows = Target.objects.of_programme(PROGRAMME).yearly("newly_listed", year).select_related("region")
    return {row.region.name: row.value for row in rows.order_by("region__order")}


def test_putting_an_edition_in_force_stores_its_table(edition):
    for year in (2022, 2023, 2024):
        table = yearly(year)
        assert table.pop("南通市") == 1000
        assert table == ANNEX
        assert sum(table.values()) == 1000


def test_three_year_totals_are_rows_of_their_own(edition):
    spans = Target.objects.filter(year=2022, until_year=2024).order_by("metric")
    assert [(row.metric, str(row.amount), row.unit) for row in spans] == [
        ("newly_listed", "3000", "家"),
        ("output_of_new", "1000.00", "亿元"),
    ]


def test_storing_again_changes_nothing(edition):
    before = list(Target.objects.order_by("pk").values())
    store_targets(edition=edition, actor=User.objects.system())
    assert list(Target.objects.order_by("pk").values()) == before


def test_a_new_edition_replaces_figures_and_takes_away_what_it_no_longer_says(edition):
    text = POLICY.read_text(encoding="utf-8")
    text = text.replace("海安市: [130", "海安市: [131").replace("[1000, 1000", "[1001, 1000")
    head, _, _ = text.partition("  totals:")
    load_edition(text=head, actor=User.objects.system())
    assert yearly(2022)["海安市"] == 131
    assert not Target.objects.filter(until_year=2024, year=2022).exists()
    assert set(Target.objects.values_list("edition__number", flat=True)) == {2}
