from __future__ import annotations

from pathlib import Path

import pytest

from core.models import PolicyEdition, User
from core.services.policies import load_edition
from tests import factories

POLICIES = Path(__file__).parents[2] / "config/policies"
CITY = "410400"
PROGRAMME = "pingdingshan-2022"
XINHUA, BAOFENG, SHILONG = "410402", "410421", "410404"


def policy_text(name: str = "pingdingshan/pingdingshan-2022") -> str:
    return (POLICIES / f"{name}.yaml").read_text(encoding="utf-8")


@pytest.fixture
def edition(db) -> PolicyEdition:
    """平政办〔2022〕15号 in force: twelve regions, targets and awards."""
    return load_edition(text=policy_text(), actor=User.objects.system()).edition


@pytest.fixture
def staff(edition) -> User:
    return factories.user("bureau_staff", CITY)


@pytest.fixture
def officer(edition) -> User:
    """The officer of 新华区."""
    return factories.user("district_officer", XINHUA)
