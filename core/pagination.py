from rest_framework.pagination import CursorPagination


class KeyCursorPagination(CursorPagination):
    """``{"next", "previous", "results"}``, by primary key, ``page_size`` up to 1000."""

    ordering = "pk"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000
