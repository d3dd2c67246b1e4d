"""Figures for a monitoring system, in Prometheus' text format: requests as they are served, jobs as the table has them."""

from __future__ import annotations

import os
from collections.abc import Iterator

from django.db.models import Count
from django.utils import timezone
from prometheus_client import REGISTRY, CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.models import JobRun
from core.services.health import disk_free_mib, oldest_waiting
from core.signs import last_signs

#: by the name of the door, not by its address: few series, and no number of any row among them
REQUEST_SECONDS = Histogram(
    "shengguitong_request_seconds",
    "Time to answer a request, by door, method and status.",
    ["door", "method", "status"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class HouseState(Collector):
    """What the tables say at the moment of asking; three queries."""

    def collect(self) -> Iterator[Metric]:
        runs = JobRun.objects.order_by().values_list("state").annotate(Count("pk"))
        counts = dict(runs)
        jobs = GaugeMetricFamily("shengguitong_jobs", "Jobs by state.", labels=["state"])
        for state in JobRun.State.values:
            jobs.add_metric([state], counts.get(state, 0))
        yield jobs
        yield GaugeMetricFamily(
            "shengguitong_oldest_queued_seconds",
            "How long the job that waits longest has waited.",
            value=oldest_waiting().total_seconds(),
        )
        signs = GaugeMetricFamily(
            "shengguitong_sign_age_seconds", "Time since a process was last seen.", labels=["process"]
        )
        now = timezone.now()
        for name, at in last_signs().items():
            signs.add_metric([name], (now - at).total_seconds())
        yield signs
        yield GaugeMetricFamily("shengguitong_disk_free_mib", "Free disk space, MiB.", value=disk_free_mib())


def metrics_text() -> bytes:
    """All figures. Of several web processes the sum, where they share ``PROMETHEUS_MULTIPROC_DIR``."""
    served = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        served = CollectorRegistry()
        multiprocess.MultiProcessCollector(served)
    state = CollectorRegistry()
    state.register(HouseState())
    return generate_latest(served) + generate_latest(state)
