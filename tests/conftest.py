from __future__ import annotations

import os

import pytest

from core.models import Region
from tests import factories


def pytest_collection_modifyitems(config, items):
    """With ``DATABASE_TESTS_ONLY=1`` just what touches a database: on a second database pure rules prove nothing more."""
    if os.environ.get("DATABASE_TESTS_ONLY") != "1":
        return
    touching = {"db", "transactional_db", "django_db_setup", "live_server"}
    kept = [
        item
        for item in items
        if (item.get_closest_marker("django_db") or touching & set(item.fixturenames))
        and not item.get_closest_marker("any_database")
    ]
    chosen = set(kept)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = kept


@pytest.fixture(autouse=True)
def _run_time_state(settings, tmp_path):
    """Uploads of a test live and die with it; passwords are hashed cheaply; every page counts what it shows."""
    settings.STANDING_SECONDS = 0
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def nantong(db) -> dict[str, Region]:
    """The ten assessment regions of 南通 and the city, by code."""
    return factories.regions_nantong()
