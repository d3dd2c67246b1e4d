"""What every REST door may answer besides its rows: the described errors are those of ``core.api_errors``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from core.api_errors import MESSAGES

_ERROR = {
    "type": "object",
    "description": "出错时的回答",
    "properties": {
        "code": {"type": "string", "description": "不变的代码，可供程序判断"},
        "message": {"type": "string", "description": "给人看的说明"},
        "fields": {
            "type": "object",
            "additionalProperties": {},
            "description": "400 时：参数 → 哪里不对",
        },
    },
    "required": ["code", "message"],
}
_TOLD = {
    400: MESSAGES["invalid"],
    401: MESSAGES["authentication_failed"],
    403: MESSAGES["permission_denied"],
    404: MESSAGES["not_found"],
    406: MESSAGES["not_acceptable"],
    409: "按现在的情形不能做，code 说明是哪一种。",
    413: MESSAGES["too_large"],
    415: MESSAGES["unsupported_media_type"],
    429: MESSAGES["throttled"],
}
_METHODS = {"get", "post", "put", "patch", "delete"}


def with_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Post-processing of the schema: each operation with the errors it can answer, all of one shape."""
    result["components"]["schemas"]["Error"] = _ERROR
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path, doors in result["paths"].items():
        for method, operation in doors.items():
            if method in _METHODS:
                for status in _errors_of(path, method, operation):
                    told = {"description": _TOLD[status], "content": body}
                    operation["responses"].setdefault(str(status), told)
    return result


def _errors_of(path: str, method: str, operation: dict[str, Any]) -> Iterator[int]:
    words = {(word["in"], word["name"]) for word in operation.get("parameters", [])}
    yield from (401, 403, 406, 429)
    if method == "post" or any(where == "query" for where, _ in words):
        yield 400
    if "{" in path or ("query", "format") in words:
        yield 404
    if method == "post":
        yield from (409, 413, 415)


class Schema(SpectacularAPIView):
    """The description itself; its file has a name that every client can write."""

    def _get_filename(self, request: Request, version: str) -> str:
        return "api-v1"
