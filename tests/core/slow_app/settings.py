"""The house with one job more: a slow one that can be killed half-way."""

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.core.slow_app"]  # noqa: F405
