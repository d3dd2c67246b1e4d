from __future__ import annotations

from collections.abc import Callable

import pytest

from core.models import PolicyEdition, User
from core.services.policies import load_edition
from evaluation.models import Round
from evaluation.services.rounds import publish_round, run_evaluation
from tests import factories
from tests.evaluation.schemes import NAME, TEXT

FIGURES = {
    "land_own_mu": "10", "land_leased_in_mu": "0", "land_leased_out_mu": "0", "taxable_sales_wan": "2000",
    "revenue_wan": "2000", "main_revenue_wan": "1900", "value_added_wan": "500", "energy_tce": "200",
    "power_wan_kwh": "50", "emissions_t": "0.10", "staff": 30, "research_wan": "50",
}  # fmt: skip


@pytest.fixture
def edition(nantong) -> PolicyEdition:
    """The demo method in force in the city."""
    return load_edition(text=TEXT, actor=User.objects.system()).edition


@pytest.fixture
def staff(edition) -> User:
    return factories.user("bureau_staff", "320600")


@pytest.fixture
def leader(edition) -> User:
    return factories.user("bureau_leader", "320600")


@pytest.fixture
def surveyed(edition) -> Callable:
    """A firm with its survey of 2021: ``surveyed("启东甲厂", tax="120", above=False)``."""

    def make(name: str = "", region: str = "320681", *, tax: str = "100", above: bool = True, **figures):
        firm = factories.enterprise(name, region, started_on=figures.pop("started_on", None))
        if above:
            factories.scale_event(firm, "in_directory", "2020-12")
        factories.annual_figure(firm, tax_wan=tax, **{**FIGURES, **figures})
        return firm

    return make


@pytest.fixture
def qidong(surveyed):
    """Twenty firms of 启东 above scale, the first the best, and three of 海门."""
    firms = [surveyed(f"启东试验{number}号厂", tax=str(200 - number)) for number in range(20)]
    return [
        *firms,
        *(surveyed(f"海门试验{number}号厂", "320614", tax=str(100 - number)) for number in range(3)),
    ]


@pytest.fixture
def draft(qidong, staff) -> Round:
    return run_evaluation(scheme=NAME, year=2021, actor=staff)


@pytest.fixture
def published(draft, leader) -> Round:
    return publish_round(round_=draft, actor=leader)
