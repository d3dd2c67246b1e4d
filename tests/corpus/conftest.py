"""A house on a file: SQLite in memory is for one thread alone."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory) -> None:
    from django.db import connections

    house = connections["default"]
    if house.vendor == "sqlite":
        house.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("house") / "test.sqlite3")
