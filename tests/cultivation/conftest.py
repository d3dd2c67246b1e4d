from __future__ import annotations

from pathlib import Path

import pytest

from core.models import PolicyEdition, User
from core.services.policies import load_edition
from tests import factories

PROGRAMME = "nantong-2022"
POLICY = Path(__file__).parents[2] / "config/policies/nantong/nantong-2022.yaml"


@pytest.fixture
def edition(db) -> PolicyEdition:
    """The city's programme in force: its regions and its targets."""
    return load_edition(text=POLICY.read_text(encoding="utf-8"), actor=User.objects.system()).edition


@pytest.fixture
def staff(edition) -> User:
    return factories.user("bureau_staff", "320600")


@pytest.fixture
def leader(edition) -> User:
    return factories.user("bureau_leader", "320600")
