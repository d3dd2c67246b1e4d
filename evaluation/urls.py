from django.urls import path

from evaluation import views

app_name = "evaluation"
urlpatterns = [
    path("", views.rounds, name="rounds"),
    path("run/<slug:scheme>/<int:year>/", views.round_run, name="round_run"),
    path("run/<slug:scheme>/<int:year>/state/", views.round_state, name="round_state"),
    path("rounds/<int:pk>/publish/", views.round_publish, name="round_publish"),
    path("scores/", views.scores, name="scores"),
    path("scores/<int:pk>/", views.trace, name="trace"),
]
