from django.apps import AppConfig


class IncentivesConfig(AppConfig):
    name = "incentives"
    verbose_name = "奖补"

    def ready(self) -> None:
        from incentives.services.built_on import awards_built_on
        from intake.services.built_on import register_built_on

        register_built_on(awards_built_on)
