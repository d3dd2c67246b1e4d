from django.urls import path

from incentives import views

app_name = "incentives"
urlpatterns = [
    path("rounds/", views.rounds, name="rounds"),
    path("rounds/<slug:programme>/compute/", views.compute, name="compute"),
    path("rounds/<slug:programme>/<int:year>/", views.award_round, name="round"),
    path("rounds/<slug:programme>/<int:year>/simulation/", views.simulation, name="simulation"),
    path("rounds/<slug:programme>/<int:year>/export/", views.export, name="export"),
    path("rounds/<slug:programme>/<int:year>/publicity/", views.publicity, name="publicity"),
    path("rounds/<slug:programme>/<int:year>/approve/", views.approve, name="approve"),
    path("rounds/<slug:programme>/<int:year>/payouts/", views.payouts, name="payouts"),
    path("rounds/<slug:programme>/<int:year>/account/", views.account, name="account"),
    path("applications/", views.apply, name="apply"),
]
