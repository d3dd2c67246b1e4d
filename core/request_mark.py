"""Which request or job the running code belongs to: for the log, the trail and error pages. Pure."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestMark:
    """Number and address of a request, empty outside the web; number of a job, empty outside one."""

    request_id: str = ""
    address: str = ""
    job_id: str = ""


current_request: ContextVar[RequestMark] = ContextVar("current_request", default=RequestMark())  # noqa: B039


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        mark = current_request.get()
        record.request_id = mark.request_id or "-"
        record.job_id = mark.job_id or "-"
        return True
