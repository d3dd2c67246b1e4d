from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "evaluation"
    verbose_name = "综合评价"

    def ready(self) -> None:
        from evaluation.services.built_on import grades_built_on
        from intake.services.built_on import register_built_on

        register_built_on(grades_built_on)
