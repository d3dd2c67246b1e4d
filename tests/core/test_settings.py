"""One settings file, from the environment: safe by default, and in production nothing is guessed."""

import json
import os
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "PRODUCTION": "1",
    "SECRET_KEY": "k9#" + "aB3$xY7!" * 10,
    "ALLOWED_HOSTS": "portal.example",
    "DATABASE_URL": "postgres://house@127.0.0.1/house",
}


def run(code, var, **environment):
    """Runs Python in the house with nothing but these settings in its environment."""
    clean = {"PATH": os.environ["PATH"], "VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(
        [sys.executable, *code],
        cwd=ROOT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def settings_with(var, *names, **environment):
    """The values of these settings as a fresh process sees them."""
    code = f"import json; from config import settings as s; print(json.dumps([getattr(s, n) for n in {names}], default=str))"
    done = run(["-c", code], var, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_production_does_not_start_without(tmp_path, missing):
    given = {name: value for name, value in PRODUCTION.items() if name != missing}
    done = run(["-c", "import config.settings"], tmp_path, **given)
    assert done.returncode != 0
    assert f"PRODUCTION=1 needs {missing}" in done.stderr
    assert not (tmp_path / "secret_key").exists(), "no key is made up for production"


def test_production_is_safe_and_never_in_debug(tmp_path):
    names = (
        "DEBUG", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS",
        "SESSION_COOKIE_HTTPONLY", "X_FRAME_OPTIONS", "DEMO",
    )  # fmt: skip
    assert settings_with(tmp_path, *names, DEBUG="1", **PRODUCTION) == [
        False, True, True, True, 31536000, True, "DENY", False,
    ]  # fmt: skip


def test_the_deployment_check_finds_nothing(tmp_path):
    done = run(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], tmp_path, **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_outside_production_nothing_is_needed_and_debug_stays_off(tmp_path):
    debug, hosts, database = settings_with(tmp_path, "DEBUG", "ALLOWED_HOSTS", "DATABASES")
    assert (debug, hosts) == (False, ["127.0.0.1", "localhost", "[::1]"])
    assert database["default"]["NAME"] == str(tmp_path / "db.sqlite3")


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    first = settings_with(tmp_path, "SECRET_KEY")
    file = tmp_path / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert first == settings_with(tmp_path, "SECRET_KEY") == [file.read_text()]
    assert len(first[0]) >= 50


def test_processes_that_start_together_use_one_key(tmp_path):
    with ThreadPoolExecutor(4) as together:
        keys = list(together.map(lambda _: settings_with(tmp_path, "SECRET_KEY")[0], range(4)))
    assert set(keys) == {(tmp_path / "secret_key").read_text()}
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["secret_key"]


def test_the_key_that_is_given_counts(tmp_path):
    assert settings_with(tmp_path, "SECRET_KEY", SECRET_KEY="given") == ["given"]
    assert not (tmp_path / "secret_key").exists()


def test_sqlite_waits_for_its_one_writer_and_lets_readers_read(tmp_path):
    """WAL, IMMEDIATE and 20 seconds, as a real connection to a file has them."""
    code = """
import json, django; django.setup()
from django.db import connection, transaction
def ask(pragma):
    with connection.cursor() as cursor:
        return cursor.execute(f"PRAGMA {pragma}").fetchone()[0]
found = {name: ask(name) for name in ("journal_mode", "busy_timeout", "synchronous", "foreign_keys")}
from django.test.utils import CaptureQueriesContext
with CaptureQueriesContext(connection) as queries, transaction.atomic():
    pass
found["begin"] = queries[0]["sql"]
found["atomic_requests"] = connection.settings_dict["ATOMIC_REQUESTS"]
print(json.dumps(found))
"""
    done = run(["-c", code], tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "journal_mode": "wal",
        "busy_timeout": 60_000,
        "synchronous": 1,
        "foreign_keys": 1,
        "begin": "BEGIN IMMEDIATE",
        "atomic_requests": False,
    }


def test_the_same_settings_hold_for_a_database_named_by_its_address(tmp_path):
    file = tmp_path / "elsewhere.sqlite3"
    (databases,) = settings_with(tmp_path, "DATABASES", DATABASE_URL=f"sqlite:///{file}")
    assert databases["default"]["NAME"] == str(file)
    assert databases["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_postgresql_keeps_its_connections_and_looks_whether_they_live(tmp_path):
    (databases,) = settings_with(tmp_path, "DATABASES", DATABASE_URL="postgres://house@127.0.0.1/house")
    assert databases["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert databases["default"]["CONN_HEALTH_CHECKS"] is True
    assert not databases["default"].get("ATOMIC_REQUESTS")


def test_run_time_state_lies_under_one_folder(tmp_path):
    media, static, var = settings_with(tmp_path, "MEDIA_ROOT", "STATIC_ROOT", "VAR_DIR")
    assert var == str(tmp_path) and media.startswith(var) and static.startswith(var)
    elsewhere = tmp_path / "media of the bureau"
    assert settings_with(tmp_path, "MEDIA_ROOT", MEDIA_ROOT=str(elsewhere)) == [str(elsewhere)]


def test_nothing_on_a_page_comes_from_elsewhere_or_inline(settings):
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert policy["default-src"] == ["'self'"]
    assert not re.search("unsafe|https?:|\\*", json.dumps(policy))


def test_passwords_and_sessions_are_kept_as_the_bureau_asks(settings):
    from config import settings as house

    assert house.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    assert settings.AXES_FAILURE_LIMIT == 5 and settings.AXES_COOLOFF_TIME * 60 >= 10
    assert settings.SESSION_COOKIE_AGE <= 30 * 60
    assert settings.SESSION_RENEWED_SECONDS * 10 <= settings.SESSION_COOKIE_AGE
