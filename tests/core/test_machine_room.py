"""Is the house well, its figures for a monitoring system, and logs that carry the numbers of requests and jobs."""

import io
import json
import logging
import logging.config
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery import Celery
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from prometheus_client.parser import text_string_to_metric_families

from config.celery import app
from core import jobs, signs
from core.celery_signs import SigningScheduler, WorkerSign
from core.models import JobRun, Role, SignOfLife, User
from core.services import health
from tests import factories

TOKEN = "k" * 40


@pytest.fixture(autouse=True)
def _nobody_gave_a_sign_yet(monkeypatch, settings):
    monkeypatch.setattr(signs, "_given", {})
    settings.CELERY_BROKER_URL = ""  # a house without a broker, wherever the tests run


@pytest.fixture
def monitor(client, settings):
    settings.MONITOR_TOKEN = TOKEN
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
    return client


def parts(monitor):
    answer = monitor.get(reverse("core:health_details"))
    return answer.status_code, {name: part["ok"] for name, part in answer.json()["parts"].items()}


# ---- health


def test_a_house_with_a_worker_is_well_and_says_no_more_to_everybody(client, db, django_assert_num_queries):
    signs.give_sign("worker")
    with django_assert_num_queries(3):
        answer = client.get(reverse("core:health"))
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_whose_worker_was_not_seen_for_a_minute_is_not_while_its_pages_still_open(monitor, db, time_machine):
    assert parts(monitor) == (
        503,
        {"database": True, "broker": True, "worker": False, "queue": True, "disk": True},
    )
    time_machine.move_to("2022-07-08 10:00:00+08:00", tick=False)
    signs.give_sign("worker")
    time_machine.move_to("2022-07-08 10:01:00+08:00", tick=False)
    assert parts(monitor)[0] == 200
    time_machine.move_to("2022-07-08 10:01:01+08:00", tick=False)
    assert parts(monitor)[0] == 503
    assert monitor.get(reverse("core:health_live")).status_code == 200


def test_with_a_broker_it_and_the_beat_are_asked_too(monitor, db, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1"
    signs.give_sign("worker")
    status, told = parts(monitor)
    assert (status, told["broker"], told["beat"], told["worker"]) == (503, False, False, True)


def test_work_that_nobody_takes_and_a_full_disk_are_told(monitor, db, settings, monkeypatch):
    signs.give_sign("worker")
    settings.DISK_FREE_MIB = 10**12
    monkeypatch.setitem(jobs._handlers, "close_month", dict)
    run = jobs.enqueue(job="close_month", key="x", arguments={}, actor=User.objects.system())
    JobRun.objects.filter(pk=run.pk).update(queued_at=timezone.now() - timedelta(minutes=11))
    status, told = parts(monitor)
    assert (status, told["queue"], told["disk"]) == (503, False, False)


def test_without_a_database_the_doors_still_answer(monitor, settings, monkeypatch):
    def away():
        raise OperationalError

    monkeypatch.setattr(health, "connection", SimpleNamespace(cursor=away))
    assert parts(monitor) == (503, {"database": False, "broker": True, "disk": True})
    for door in ("health", "health_live"):
        answer = monitor.get(reverse(f"core:{door}"))
        assert (answer.status_code, answer.json()) == (503, {"status": "failing"})


def test_the_administrator_s_page_shows_each_part(client, db):
    client.force_login(factories.user(Role.SYS_ADMIN, None))
    page = client.get(reverse("core:jobs")).content.decode()
    assert "异常，没有出现过" in page and "没有使用" in page


# ---- signs of life


def test_a_process_writes_its_sign_every_few_seconds_only(db, monkeypatch, django_assert_num_queries):
    clock = [100.0]
    monkeypatch.setattr(signs, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    signs.give_sign("worker")
    with django_assert_num_queries(0):
        signs.give_sign("worker")
    clock[0] += signs.EVERY
    before = SignOfLife.objects.get().at
    signs.give_sign("worker")
    assert SignOfLife.objects.get().at > before


def test_a_worker_goes_on_when_its_sign_cannot_be_written(db, monkeypatch):
    def away(**row):
        raise OperationalError

    monkeypatch.setattr(SignOfLife.objects, "update_or_create", away)
    signs.give_sign("worker")
    assert not SignOfLife.objects.exists()


def test_celery_s_worker_and_beat_give_their_signs_from_their_own_loops(db, monkeypatch, tmp_path):
    monkeypatch.setattr("core.celery_signs.connection", SimpleNamespace(close=lambda: None))
    assert app.conf.beat_scheduler == "core.celery_signs:SigningScheduler"
    assert "core.celery_signs:WorkerSign" in app.steps["worker"]
    called = []
    swept = []
    monkeypatch.setattr("core.celery_signs.sweep", lambda: swept.append(True))
    timer = SimpleNamespace(
        call_repeatedly=lambda seconds, call: called.append((seconds, call)),
        call_after=lambda seconds, call: call(),
    )
    WorkerSign(None).start(SimpleNamespace(timer=timer))
    ((seconds, call),) = called
    call()
    assert swept == [True], "a worker looks at the table when it begins"
    beat = SigningScheduler(
        Celery(set_as_current=False, broker="memory://"), schedule_filename=str(tmp_path / "beat")
    )
    beat.tick()
    beat.close()
    assert seconds == signs.EVERY
    assert set(signs.last_signs()) == {"worker", "beat"}


# ---- metrics


def figures(answer):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_a_monitoring_system_reads_requests_by_door_and_jobs_by_state(monitor, db, monkeypatch):
    monkeypatch.setitem(jobs._handlers, "close_month", dict)
    jobs.enqueue(job="close_month", key="x", arguments={}, actor=User.objects.system())
    signs.give_sign("worker")
    count = ("shengguitong_request_seconds_count", "core:login", "GET", "200")
    before = figures(monitor.get(reverse("core:metrics"))).get(count, 0)
    monitor.get(reverse("core:login"))
    monitor.generic("MADEUP", "/nowhere/17/")
    told = figures(monitor.get(reverse("core:metrics")))
    assert told[count] == before + 1
    assert told["shengguitong_request_seconds_count", "none", "other", "404"] >= 1
    assert told["shengguitong_jobs", "queued"] == 1 and told["shengguitong_jobs", "failed"] == 0
    assert 0 <= told["shengguitong_sign_age_seconds", "worker"] < 60
    assert told["shengguitong_oldest_queued_seconds",] >= 0 and told["shengguitong_disk_free_mib",] > 0


@pytest.mark.parametrize("sent", ["", "Bearer ", f"Bearer {TOKEN}x", f"Token {TOKEN}"])
@pytest.mark.parametrize("door", ["metrics", "health_details"])
def test_neither_is_told_to_anybody_else(client, db, settings, door, sent):
    settings.MONITOR_TOKEN = TOKEN if sent else ""
    assert client.get(reverse(f"core:{door}"), headers={"Authorization": sent}).status_code == 302
    client.force_login(factories.user(Role.BUREAU_STAFF))
    assert client.get(reverse(f"core:{door}"), headers={"Authorization": sent}).status_code == 403


def test_the_token_opens_nothing_but_these(monitor, db):
    for door in ("jobs", "policies"):
        assert monitor.get(reverse(f"core:{door}"))["Location"].startswith("/login/")


# ---- logs


@pytest.fixture
def as_json(settings):
    """What the house writes where ``LOG_FORMAT=json``, as the objects of its lines."""
    written = io.StringIO()
    formatters = settings.LOGGING["formatters"]
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.config.DictConfigurator({}).configure_formatter(dict(formatters["json"])))
    for name in settings.LOGGING["handlers"]["console"]["filters"]:
        handler.addFilter(import_string(settings.LOGGING["filters"][name]["()"])())
    logging.getLogger("house").addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger("house").removeHandler(handler)


def test_a_request_leaves_one_object_with_its_number_and_door(client, db, settings, as_json):
    settings.LOG_REQUESTS = True
    answer = client.get(reverse("core:login"))
    (line,) = [line for line in as_json() if line["logger"] == "house.request"]
    assert line["request_id"] == answer["X-Request-Id"]
    assert (line["door"], line["method"], line["status"], line["job_id"]) == ("core:login", "GET", 200, "-")
    assert line["level"] == "INFO" and line["at"].startswith("20")


def test_what_a_job_logs_carries_its_number(db, monkeypatch, as_json):
    def handler(progress):
        raise ValueError("月报缺列")

    monkeypatch.setitem(jobs._handlers, "close_month", handler)
    run = jobs.enqueue(job="close_month", key="x", arguments={}, actor=User.objects.system())
    jobs.work_next()
    (line,) = as_json()
    assert (line["job_id"], line["request_id"], line["level"]) == (str(run.pk), "-", "ERROR")
    assert "月报缺列" in line["exc_info"]
