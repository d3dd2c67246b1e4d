from django.urls import path

from incentives.views import acts, claims, payouts, rounds

app_name = "incentives"
urlpatterns = [
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/<slug:programme>/compute/", rounds.compute, name="compute"),
    path("rounds/<slug:programme>/<int:year>/", rounds.award_round, name="round"),
    path("rounds/<slug:programme>/<int:year>/simulation/", rounds.simulation, name="simulation"),
    path("rounds/<slug:programme>/<int:year>/export/", rounds.export, name="export"),
    path("rounds/<slug:programme>/<int:year>/publicity/", acts.publicity, name="publicity"),
    path("rounds/<slug:programme>/<int:year>/approve/", acts.approve, name="approve"),
    path("rounds/<slug:programme>/<int:year>/payouts/", payouts.payouts, name="payouts"),
    path("rounds/<slug:programme>/<int:year>/account/", payouts.account, name="account"),
    path("applications/", claims.apply, name="apply"),
]
