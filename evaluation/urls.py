from django.urls import path

from evaluation.views import answers, process, projects, rounds, what_if

app_name = "evaluation"
urlpatterns = [
    path("", rounds.rounds, name="rounds"),
    path("run/<slug:scheme>/<int:year>/", rounds.round_run, name="round_run"),
    path("run/<slug:scheme>/<int:year>/state/", rounds.round_state, name="round_state"),
    path("rounds/<int:pk>/", process.process, name="process"),
    path("rounds/<int:pk>/publish/", rounds.round_publish, name="round_publish"),
    path("rounds/<int:pk>/hand-out/", process.round_hand_out, name="round_hand_out"),
    path("rounds/<int:pk>/settle/", process.round_settle, name="round_settle"),
    path("rounds/<int:pk>/open-publicity/", process.round_open_publicity, name="round_open_publicity"),
    path("rounds/<int:pk>/take-back/", process.round_take_back, name="round_take_back"),
    path("rounds/<int:pk>/step/", process.round_step, name="round_step"),
    path("rounds/<int:pk>/moves/", process.moves, name="moves"),
    path("rounds/<int:pk>/publicity/", process.publicity, name="publicity"),
    path("rounds/<int:pk>/publicity/export/", process.publicity_export, name="publicity_export"),
    path("rounds/<int:pk>/gaps/", process.gaps, name="gaps"),
    path("rounds/<int:pk>/gaps/export/", process.gaps_export, name="gaps_export"),
    path("rounds/<int:pk>/confirmations/", answers.confirmations, name="confirmations"),
    path("rounds/<int:pk>/appeals/", answers.appeals, name="appeals"),
    path("rounds/<int:pk>/lists/", projects.lists, name="lists"),
    path("rounds/<int:pk>/lists/export/", projects.lists_export, name="lists_export"),
    path("rounds/<int:pk>/differences/", projects.differences, name="differences"),
    path("rounds/<int:pk>/what-if/", what_if.what_if, name="what_if"),
    path("projects/<int:pk>/step/", projects.project_step, name="project_step"),
    path("projects/<int:pk>/accept/", projects.project_accept, name="project_accept"),
    path("appeals/<int:pk>/", answers.appeal, name="appeal"),
    path("files/<int:pk>/", answers.scan, name="scan"),
    path("scores/", rounds.scores, name="scores"),
    path("scores/<int:pk>/", rounds.trace, name="trace"),
    path("scores/<int:pk>/confirmation/", answers.confirmation, name="confirmation"),
    path("scores/<int:pk>/listing/", what_if.listing, name="listing"),
    path("scores/<int:pk>/project/", projects.project, name="project"),
    path("scores/<int:pk>/appeal/", answers.appeal_new, name="appeal_new"),
]
