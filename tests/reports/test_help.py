"""帮助: every role finds its steps, and each leads to a page that opens for it."""

from __future__ import annotations

import pytest

from core.models import Role
from core.permissions import PERMISSIONS, ROUTES
from reports.services.helping import STEPS, WORDS


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM, Role.API_CLIENT}))
def test_each_roles_steps_lead_to_pages_that_open_for_it(role):
    assert STEPS[role]
    for step in STEPS[role]:
        if step.page:
            assert ROUTES[step.page]["GET"] == step.permission
            assert role in PERMISSIONS[step.permission], step.text


def test_no_word_is_explained_twice():
    assert len({word for word, _meaning in WORDS}) == len(WORDS)
