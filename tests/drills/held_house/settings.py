"""The house, with a month that can be held in the middle of being written."""

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.drills.held_house.apps.HeldHouse"]  # noqa: F405
