from django.apps import AppConfig


class IncentivesConfig(AppConfig):
    name = "incentives"
    verbose_name = "奖补"

    def ready(self) -> None:
        from core.services.simulation import register_simulator
        from enterprises.services.followers import Follower, register_follower
        from incentives.services.built_on import awards_built_on
        from incentives.services.following import awards_held
        from incentives.services.simulating import simulate_awards
        from intake.services.built_on import register_built_on

        register_built_on(awards_built_on)
        register_follower(Follower("奖补", "项", "跟随企业；已审定的不变", awards_held))
        register_simulator("awards", simulate_awards)
