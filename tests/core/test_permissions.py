"""What the table of permissions promises beyond its lines: duties that stay apart."""

import pytest

from core.models import Role
from core.permissions import PERMISSIONS, ROUTES
from core.scoping import NO_BUSINESS_DATA


def may(role):
    return {permission for permission, roles in PERMISSIONS.items() if role in roles}


@pytest.mark.parametrize("role", sorted(NO_BUSINESS_DATA))
def test_administrators_keep_the_house_and_touch_no_business(role):
    assert not {
        p
        for p in may(role)
        if p.partition(".")[0] in {"batch", "enterprise", "contact", "target", "month", "api"}
    }


def test_who_closes_a_month_does_not_issue_it():
    assert not PERMISSIONS["month.close"] & PERMISSIONS["month.issue"]


def test_a_client_reads_and_sends_over_rest_and_opens_no_page():
    assert may(Role.API_CLIENT) == {"own_account", "api.read", "api.handover", "api.paper", "api.send"}
    pages = {permission for methods in ROUTES.values() for permission in methods.values()}
    assert not pages & {"api.read", "api.handover", "api.paper", "api.send"}, (
        "what a token may do opens no page"
    )


def test_contacts_and_exports_are_for_the_bureau_and_the_districts():
    for permission in ("contact.view", "enterprise.export"):
        assert PERMISSIONS[permission] == {
            Role.BUREAU_STAFF,
            Role.BUREAU_LEADER,
            Role.DISTRICT_OFFICER,
            Role.DISTRICT_LEADER,
        }


def test_the_actor_of_commands_has_no_door():
    assert may(Role.SYSTEM) == set()
