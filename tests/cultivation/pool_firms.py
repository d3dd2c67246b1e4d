"""Firms that a pool could be screened from, as the two lists name them."""

from __future__ import annotations

from core.models import User
from cultivation.models import PoolMembership
from cultivation.services.pool_screening import screen_pool
from enterprises.models import Enterprise
from tests import factories
from tests.cultivation.conftest import PROGRAMME


def firm(name: str, *, sales: str = "", delisted: int = 0, region: str = "320681", **fields) -> Enterprise:
    """A firm below scale: with ``sales`` (万元) on the tax list, with ``delisted`` on the list of exits."""
    made = factories.enterprise(f"启东试验{name}厂", region, **fields)
    if sales:
        factories.annual_figure(made, 2021, "tax", taxable_sales_wan=sales)
        factories.annual_figure(made, 2021, taxable_sales_wan=sales)
    if delisted:
        factories.delisted_entry(made, delisted)
    return made


def screened(actor: User | None = None, year: int | None = None):
    """The screening of 南通's only pool."""
    return screen_pool(programme=PROGRAMME, year=year, actor=actor or User.objects.system())[0]


def membership(of: Enterprise) -> PoolMembership:
    """The firm's current membership."""
    return PoolMembership.objects.current().get(enterprise=of)
