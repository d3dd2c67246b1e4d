from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination


class KeyCursorPagination(CursorPagination):
    """``{"next", "previous", "results"}``, by primary key, ``page_size`` up to 1000."""

    ordering = "pk"
    page_size = 100
    page_size_query_param = "page_size"
    page_size_query_description = "每页条数，1—1000，默认 100。"
    cursor_query_description = "翻页位置，取自上一次结果的 next 或 previous。"
    max_page_size = 1000

    def decode_cursor(self, request: Any) -> Any:
        """A cursor made up by hand is a wrong parameter, not a missing page or a failure."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise _WRONG from error
        if cursor and cursor.position and not cursor.position.isdecimal():
            raise _WRONG
        return cursor


_WRONG = ValidationError({"cursor": ["翻页位置无效，请从第一页重新读取。"]})
