"""Errors of the REST door: a stable code and a Chinese sentence, never a trace."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

_CODES = {
    400: "参数有误。",
    401: "缺少令牌，或令牌无效、已过期。",
    403: "没有权限使用该接口，或令牌缺少所需范围。",
    404: "没有这条数据。",
    405: "该接口不支持这种请求方法。",
    406: "不支持所要的格式。",
    415: "不支持所提交的格式。",
    429: "请求过于频繁，请稍后再试。",
}


def chinese_errors(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Errors with a stable code and Chinese text; field messages of filters stay beside them."""
    response = exception_handler(exc, context)
    if response is None:
        return None
    detail = response.data
    body: dict[str, Any] = {
        "code": response.status_code,
        "message": _CODES.get(response.status_code, "请求未完成。"),
    }
    if response.status_code == 400:
        body["fields"] = detail
    response.data = body
    return response
