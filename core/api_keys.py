"""``Idempotency-Key`` of the REST doors: what it may look like, and an act done once under it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from core.api_errors import Refusal
from core.models.sent_acts import KEY_CHARACTERS
from core.services.sent_acts import KeyReused, do_once

HEADER = "Idempotency-Key"
KEY_PARAMETER = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description=f"自定的编号，至多 {KEY_CHARACTERS} 个字符；同样的内容再报一次不会再办一次",
)


def key_of(request: Request) -> str:
    key: str = request.headers.get(HEADER, "").strip()
    if len(key) > KEY_CHARACTERS or not (key.isascii() and key.isprintable()):
        raise ValidationError({HEADER: [f"应是至多 {KEY_CHARACTERS} 个字母、数字或常用符号。"]})
    return key


def done_once(request: Request, said: Any, act: Callable[[], int]) -> tuple[int, bool]:
    """The row that the act made or changed, and whether it was done now; 409 for a key that was another act's.

    ``said``: what of the request makes the act, as plain data; its address is added.
    """
    try:
        return do_once(actor=request.user, key=key_of(request), said=[request.path, said], act=act)
    except KeyReused as reused:
        raise Refusal("KEY_REUSED", f"这个 {HEADER} 已用于另一次办理，请换一个编号。") from reused
