"""Errors of the REST door: a stable code and a Chinese sentence, never a trace."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.response import Response
from rest_framework.views import exception_handler

#: code → sentence; the codes are part of the door and stay
MESSAGES = {
    "invalid": "参数有误。",
    "not_authenticated": "缺少令牌，请求头应为 Authorization: Token …。",
    "authentication_failed": "令牌无效、已过期或已停用。",
    "token_outgrown": "令牌的地区已超出其用户的范围，请重新申请令牌。",
    "permission_denied": "没有权限使用该接口，或令牌缺少所需范围。",
    "not_found": "没有这条数据。",
    "method_not_allowed": "该接口不支持这种请求方法。",
    "not_acceptable": "不支持所要的格式。",
    "unsupported_media_type": "不支持所提交的格式。",
    "throttled": "请求过于频繁，请稍后再试。",
    "too_large": "内容超过大小的上限，请分几次报送。",
    "parse_error": "请求体读不懂。",
    "bad_request": "请求的地址、请求头或内容不合规则，没有处理。",
    "server_error": "系统出错，没有办成；请把 reference 告诉系统管理员。",
    "unknown_address": "没有这个接口；地址以 / 结尾，各接口见 /api/v1/docs/。",
}
_BY_STATUS = {400: "invalid", 403: "permission_denied", 404: "not_found"}


class Refusal(APIException):
    """What was asked for is understood and not done as things stand: 409, a stable code and why."""

    status_code = 409

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, code)
        self.code, self.message = code, message


def chinese_errors(exc: Exception, context: dict[str, Any]) -> Response | None:
    """``{"code", "message"}``; for wrong parameters also ``fields``: parameter → what is wrong with it."""
    response = exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, Refusal):
        response.data = {"code": exc.code, "message": exc.message}
        return response
    codes = exc.get_codes() if hasattr(exc, "get_codes") else None
    code = codes if isinstance(codes, str) else _BY_STATUS.get(response.status_code, "invalid")
    body: dict[str, Any] = {"code": code, "message": MESSAGES.get(code, "请求未完成。")}
    if isinstance(exc, ParseError):
        told = str(exc.detail)
        # what the framework says of a broken form is English, and for its makers
        body["message"] = MESSAGES["parse_error"] if told.isascii() else told
    elif response.status_code == 400:
        body["fields"] = response.data
    response.data = body
    return response
