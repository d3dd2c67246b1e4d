from __future__ import annotations

import pytest

from core.models import Region
from tests import factories


@pytest.fixture(autouse=True)
def _run_time_state(settings, tmp_path):
    """Uploads of a test live and die with it; passwords are hashed cheaply."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def nantong(db) -> dict[str, Region]:
    """The ten assessment regions of 南通 and the city, by code."""
    return factories.regions_nantong()
