"""The administrator's page of jobs: what is told of each, stopping one, queueing a failed one again."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from core import jobs
from core.models import AuditEntry, JobRun, Role
from core.panels import todos_for
from core.services.job_acts import JobRefused, cancel_job, retry_job
from tests import factories

State = JobRun.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return factories.user(Role.SYS_ADMIN, None)


@pytest.fixture
def steps(monkeypatch):
    """A job of three steps; gives the list of steps that were done."""
    done = []

    def handler(progress):
        for step in range(3):
            progress.tell(step, 3)
            done.append(step)
        progress.tell(3, 3)
        return {"steps": 3}

    monkeypatch.setitem(jobs._handlers, "close_month", handler)
    return done


def queued(month="2022-06", region="320681"):
    return jobs.enqueue(
        job="close_month",
        key=f"close_month:nantong-2022:{month}",
        arguments={"programme": "nantong-2022", "month": month, "region": region},
        actor=factories.user(full_name="陆小芸"),
    )


def failed(**fields):
    run = queued(**fields)
    JobRun.objects.filter(pk=run.pk).update(
        state=State.FAILED, attempts=3, error="IntegrityError: 恒砺 913206", finished_at=timezone.now()
    )
    run.refresh_from_db()
    return run


def acts():
    return list(AuditEntry.objects.filter(act__endswith="_job").values_list("act", "subject"))


# ---- stopping


def test_a_queued_job_stops_at_once_and_is_worked_by_nobody(admin, steps):
    run = queued()
    assert cancel_job(run=run, actor=admin) is True
    assert jobs.work_all() == 0 and steps == []
    run.refresh_from_db()
    assert (run.state, run.has_stopped) == (State.CANCELLED, True)
    assert acts() == [("cancel_job", run.key)]


def test_a_running_job_stops_at_its_next_word_of_progress(admin, steps, monkeypatch):
    run = jobs.claim(queued().pk, "worker")
    assert cancel_job(run=run, actor=admin) is False
    assert JobRun.objects.get().state == State.RUNNING, "its worker has not said a word since"
    # the worker that claimed it before knows nothing of it yet
    assert jobs.work(run).state == State.CANCELLED
    assert steps == []


def test_who_asks_after_the_last_step_comes_too_late(admin, monkeypatch):
    def handler(progress):
        cancel_job(run=progress.run, actor=admin)
        progress.tell(1, 1)
        return {"written": True}

    monkeypatch.setitem(jobs._handlers, "close_month", handler)
    queued()
    assert jobs.work_next().state == State.DONE
    with pytest.raises(JobRefused, match="已经结束"):
        cancel_job(run=JobRun.objects.get(), actor=admin)
    assert len(acts()) == 1


def test_a_job_whose_worker_died_after_it_was_asked_to_stop_is_not_begun_again(admin, steps):
    run = jobs.claim(queued().pk, "killed")
    cancel_job(run=run, actor=admin)
    JobRun.objects.update(lease_until=timezone.now())
    assert jobs.work_next("next").state == State.CANCELLED
    assert steps == []


# ---- queueing again


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_what_has_stopped_is_queued_again_with_all_its_attempts_in_the_name_of_who_asked(admin, steps, end):
    run = failed()
    if end == "cancelled":
        retry_job(run=run, actor=admin)
        cancel_job(run=run, actor=admin)
        run.refresh_from_db()
    asked_by = run.actor
    retry_job(run=run, actor=admin)
    assert jobs.work_all() == 1
    run.refresh_from_db()
    assert (run.state, run.attempts, run.result, run.error) == (State.DONE, 1, {"steps": 3}, "")
    assert run.actor == asked_by and acts()[0] == ("retry_job", run.key)
    with pytest.raises(JobRefused, match="不用重新排队"):
        retry_job(run=run, actor=admin)


# ---- the page


def test_the_page_tells_of_each_job_what_it_is_and_how_far_it_came(
    admin, nantong, client, django_assert_num_queries
):
    failed(month="2022-04")
    JobRun.objects.update(started_at=F("finished_at") - timedelta(seconds=95))
    queued(month="2022-05")
    jobs.claim(queued().pk, "worker")
    JobRun.objects.filter(state=State.RUNNING).update(progress_done=3, progress_total=18)
    client.force_login(admin)
    with django_assert_num_queries(10):  # 2 of them session and person, 3 the health
        client.get(reverse("core:jobs"))
    page = client.get(reverse("core:jobs")).content.decode()
    for told in (
        "月度统计",
        "nantong-2022　2022年6月　启东市",
        "3 / 18",
        "1 / 3",
        "陆小芸",
        "秒前有心跳",
        "用时 95 秒",
    ):
        assert told in page, told
    assert "IntegrityError" in page and "恒砺" not in page, "what a fault says of firms stays in the log"
    assert page.count("取消：工作") == 2 and page.count("重新排队：工作") == 1


def test_three_failures_are_an_alarm_whose_number_is_the_list_s(admin, client):
    failed(month="2022-04")
    failed(month="2022-05")
    queued()
    (alarm,) = todos_for(admin)
    assert (alarm.title, alarm.tone) == ("2 件后台工作失败", "bad")
    client.force_login(admin)
    assert client.get(alarm.url).context["page"].paginator.count == 2
    assert "2 件后台工作失败" in client.get("/").content.decode()
    for run in JobRun.objects.filter(state=State.FAILED):
        client.post(reverse("core:job_retry", args=[run.pk]))
    assert todos_for(admin) == []
    assert todos_for(factories.user(Role.AUDITOR, None)) == []


def test_the_page_s_buttons_stop_and_queue_again(admin, client, steps):
    client.force_login(admin)
    run = queued()
    told = client.post(reverse("core:job_cancel", args=[run.pk]), follow=True).content.decode()
    assert f"工作 {run.pk} 已取消" in told
    told = client.post(reverse("core:job_cancel", args=[run.pk]), follow=True).content.decode()
    assert "没有可以取消的" in told
    client.post(reverse("core:job_retry", args=[run.pk]))
    assert jobs.work_next().state == State.DONE


def test_every_job_of_the_house_is_called_by_a_chinese_name():
    named = {name: jobs.job_label(name) for name in jobs._handlers}
    assert len(named) >= 6
    assert all("\u4e00" <= label[0] <= "\u9fff" for label in named.values()), named
