"""``make run`` gives a worker the time it needs to put back what it could not finish."""

from django.conf import settings

from config.demo.serving import STOPPING_SECONDS


def test_a_worker_is_not_killed_while_it_still_shuts_down():
    assert STOPPING_SECONDS > settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT
