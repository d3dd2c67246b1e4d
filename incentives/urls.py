from django.urls import path

from incentives import views

app_name = "incentives"
urlpatterns = [
    path("rounds/", views.rounds, name="rounds"),
    path("rounds/<slug:programme>/compute/", views.compute, name="compute"),
    path("rounds/<slug:programme>/<int:year>/", views.award_round, name="round"),
    path("rounds/<slug:programme>/<int:year>/export/", views.export, name="export"),
]
