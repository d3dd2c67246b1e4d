"""The programme in force and its people, as the tests of 培育库与月度调度 have them."""

from tests.cultivation.conftest import edition, leader, staff

__all__ = ["edition", "leader", "staff"]
