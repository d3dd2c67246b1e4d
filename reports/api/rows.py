"""Fast lists: plain rows, a page as JSON, the whole scope as a stream of JSON lines or CSV."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.pagination import BasePagination
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.utils.urls import remove_query_param, replace_query_param

from core.audit import record
from core.models import ApiToken
from core.pagination import KeyCursorPagination
from core.permissions import can
from reports.services.client_rows import ClientTable
from reports.services.row_formats import csv_stream, json_bytes, ndjson_stream
from reports.services.tiers import Row

SCORES = "scores:read"


class RowsJSON(BaseRenderer):
    media_type, format, charset = "application/json", "json", None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return json_bytes(data)


class JsonLines(RowsJSON):
    media_type, format = "application/x-ndjson", "ndjson"


class Csv(RowsJSON):
    media_type, format = "text/csv", "csv"


class RowsView(ListAPIView):
    """``parameters`` reads what is asked for; ``page`` answers with a page, ``stream`` with all rows."""

    renderer_classes = [RowsJSON, JsonLines, Csv]
    filter_backends: list[Any] = []
    parameters: type[Serializer]
    #: how files and entries of the trail name these rows
    rows_name: str
    #: who may take the whole scope without a token
    export_permission = "pool.export"

    @abstractmethod
    def page(self, asked: dict[str, Any]) -> Response: ...

    @abstractmethod
    def stream(self, asked: dict[str, Any]) -> Iterator[Row]: ...

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        parameters = self.parameters(data=request.query_params)
        parameters.is_valid(raise_exception=True)
        asked = dict(parameters.validated_data)
        wants_bom = asked.pop("bom", False)
        return self.page(asked) if self.told_as == "json" else self._streamed(asked, wants_bom)

    @property
    def told_as(self) -> str:
        return self.request.accepted_renderer.format

    @property
    def with_scores(self) -> bool:
        """Scores are for tokens that say so; whoever reads by session sees them on the pages."""
        return isinstance(self.request.auth, ApiToken) and SCORES in self.request.auth.scopes

    def _streamed(self, asked: dict[str, Any], wants_bom: bool) -> HttpResponseBase:
        renderer = self.request.accepted_renderer
        if not isinstance(self.request.auth, ApiToken) and not can(self.request.user, self.export_permission):
            raise PermissionDenied
        if self.request.method == "HEAD":
            return HttpResponse(content_type=f"{renderer.media_type}; charset=utf-8")
        rows = self.stream(asked)
        self._note_export()
        fields = self.serializer_class().fields
        pieces = csv_stream(rows, fields, bom=wants_bom) if self.told_as == "csv" else ndjson_stream(rows)
        answer = StreamingHttpResponse(pieces, content_type=f"{renderer.media_type}; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{self.rows_name}.{renderer.format}"'
        return answer

    def _note_export(self) -> None:
        """Who takes a whole scope leaves an entry, before the first row leaves."""
        user, token = self.request.user, self.request.auth
        record(
            actor=user,
            act=f"export_{self.rows_name}",
            region=token.region if isinstance(token, ApiToken) else user.region,
            subject=self.request.META.get("QUERY_STRING", ""),
            counts={"token": token.token_key} if isinstance(token, ApiToken) else None,
        )

    def handle_exception(self, exc: Exception) -> Response:
        """Faults are told as JSON, whatever form the rows were asked for in."""
        self.request.accepted_renderer, self.request.accepted_media_type = RowsJSON(), RowsJSON.media_type
        return super().handle_exception(exc)


class RowCursor(KeyCursorPagination):
    """The house's cursor over plain values, the primary key first."""

    def _get_position_from_instance(self, instance: tuple[Any, ...], ordering: Any) -> str:
        return str(instance[0])


class TableView(RowsView):
    """Rows of one table."""

    pagination_class = RowCursor
    table: ClientTable

    @abstractmethod
    def chosen(self, asked: dict[str, Any]) -> QuerySet[Any]: ...

    def page(self, asked: dict[str, Any]) -> Response:
        values = self.paginate_queryset(self.table.read(self.chosen(asked)))
        return self.get_paginated_response(self.table.rows(values, self.with_scores))

    def stream(self, asked: dict[str, Any]) -> Iterator[Row]:
        return self.table.stream(self.chosen(asked), self.with_scores)


class FirmYearCursor(BasePagination):
    """Pages by the key (firm, year); ``decode`` reads where the client stands, ``answer`` leads on and back."""

    _CURSOR = re.compile(r"(-?)([0-9]{1,18})\.([0-9]{4})")
    house = KeyCursorPagination

    def size(self, request: Request) -> int:
        return self.house().get_page_size(request)

    def decode(self, request: Request) -> dict[str, tuple[int, int]]:
        """``{"after": key}``, ``{"before": key}`` or nothing; 400 for what no answer ever gave."""
        text = request.query_params.get(self.house.cursor_query_param, "")
        if not text:
            return {}
        match = self._CURSOR.fullmatch(text)
        if match is None or not match[2].isascii():
            raise ValidationError({"cursor": ["翻页位置无效，请从第一页重新读取。"]})
        return {"before" if match[1] else "after": (int(match[2]), int(match[3]))}

    def answer(self, request: Request, keys: list[tuple[int, int]], rows: list[Row], more: bool) -> Response:
        stood = self.decode(request)
        leads_on = "before" in stood or more
        leads_back = more if "before" in stood else "after" in stood
        address = remove_query_param(request.build_absolute_uri(), self.house.cursor_query_param)

        def at(sign: str, key: tuple[int, int]) -> str:
            return replace_query_param(address, self.house.cursor_query_param, f"{sign}{key[0]}.{key[1]:04}")

        return Response(
            {
                "next": at("", keys[-1]) if keys and leads_on else None,
                "previous": at("-", keys[0]) if keys and leads_back else None,
                "results": rows,
            }
        )

    def get_paginated_response_schema(self, schema: Any) -> Any:
        return self.house().get_paginated_response_schema(schema)

    def get_schema_operation_parameters(self, view: Any) -> Any:
        return self.house().get_schema_operation_parameters(view)
