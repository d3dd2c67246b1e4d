from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "evaluation"
    verbose_name = "综合评价"

    def ready(self) -> None:
        from core.services.simulation import register_simulator
        from enterprises.services.followers import Follower, register_follower
        from evaluation.services.built_on import grades_built_on
        from evaluation.services.following import grades_published
        from evaluation.services.simulation import simulate_evaluation
        from evaluation.services.survey_locks import survey_locks_of
        from intake.services.built_on import register_built_on
        from intake.services.locks import register_year_lock

        register_built_on(grades_built_on)
        register_year_lock(survey_locks_of)
        register_simulator("evaluation", simulate_evaluation)
        register_follower(Follower("已公布的评价结果", "年", "跟随本企业，公布的不变", grades_published))
