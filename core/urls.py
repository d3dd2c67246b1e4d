from django.urls import path, register_converter

from core import account_views, health_views, job_views, policy_views, trail_views, views
from core.periods import Month


class MonthConverter:
    """``2022-06`` in an address, of every app."""

    regex = r"[12]\d{3}-\d{2}"

    def to_python(self, value: str) -> Month:
        """A month that does not exist raises ``ValueError``: no such page."""
        return Month.parse(value)

    def to_url(self, value: Month | str) -> str:
        return str(value)


register_converter(MonthConverter, "month")

app_name = "core"
urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("password/", views.OwnPassword.as_view(), name="password_change"),
    path("health/", health_views.health, name="health"),
    path("health/live/", health_views.health_live, name="health_live"),
    path("health/details/", health_views.health_details, name="health_details"),
    path("metrics/", health_views.metrics, name="metrics"),
    path("policies/", policy_views.policies, name="policies"),
    path("policies/upload/", policy_views.policy_upload, name="policy_upload"),
    path("policies/compare/", policy_views.policy_compare, name="policy_compare"),
    path("policies/<int:pk>/", policy_views.policy, name="policy"),
    path("policies/<int:pk>/text/", policy_views.policy_text, name="policy_text"),
    path("policies/<int:pk>/yearly/", policy_views.policy_yearly, name="policy_yearly"),
    path("policies/<int:pk>/simulate/", policy_views.policy_simulate, name="policy_simulate"),
    path("policies/<int:pk>/submit/", policy_views.policy_submit, name="policy_submit"),
    path("policies/<int:pk>/discard/", policy_views.policy_discard, name="policy_discard"),
    path("policies/<int:pk>/return/", policy_views.policy_return, name="policy_return"),
    path("policies/<int:pk>/approve/", policy_views.policy_approve, name="policy_approve"),
    path("jobs/", job_views.jobs, name="jobs"),
    path("jobs/<int:pk>/retry/", job_views.job_retry, name="job_retry"),
    path("jobs/<int:pk>/cancel/", job_views.job_cancel, name="job_cancel"),
    path("accounts/", account_views.accounts, name="accounts"),
    path("accounts/new/", account_views.account_new, name="account_new"),
    path("accounts/<int:pk>/", account_views.account, name="account"),
    path("accounts/<int:pk>/change/", account_views.account_change, name="account_change"),
    path("accounts/<int:pk>/switch/", account_views.account_switch, name="account_switch"),
    path("accounts/<int:pk>/reset/", account_views.account_reset, name="account_reset"),
    path("accounts/<int:pk>/unlock/", account_views.account_unlock, name="account_unlock"),
    path("trail/", trail_views.trail, name="trail"),
    path("facts/", policy_views.facts, name="facts"),
]
