from django.urls import path, register_converter

from core.periods import Month
from cultivation import views


class MonthConverter:
    regex = r"[12]\d{3}-\d{2}"

    def to_python(self, value: str) -> Month:
        """A month that does not exist raises ``ValueError``: no such page."""
        return Month.parse(value)

    def to_url(self, value: Month | str) -> str:
        return str(value)


register_converter(MonthConverter, "month")

app_name = "cultivation"
urlpatterns = [
    path("targets/", views.targets, name="targets"),
    path("targets/<slug:programme>/export/", views.targets_export, name="targets_export"),
    path("months/", views.month_current, name="month_current"),
    path("months/<slug:programme>/<month:month>/", views.month, name="month"),
    path("months/<slug:programme>/<month:month>/rows/<slug:which>/", views.month_rows, name="month_rows"),
    path("months/<slug:programme>/<month:month>/state/", views.month_state, name="month_state"),
    path("months/<slug:programme>/<month:month>/close/", views.month_close, name="month_close"),
    path("months/<slug:programme>/<month:month>/issue/", views.month_issue, name="month_issue"),
    path("months/<slug:programme>/<month:month>/export/", views.month_export, name="month_export"),
]
