from django.apps import AppConfig


class CultivationConfig(AppConfig):
    name = "cultivation"
    verbose_name = "培育库与月度调度"

    def ready(self) -> None:
        from core.services.policies import on_edition_in_force
        from cultivation.services.built_on import pool_built_on
        from cultivation.services.month_locks import issued_months
        from cultivation.services.targets import store_targets
        from intake.services.built_on import register_built_on
        from intake.services.locks import register_lock

        if store_targets not in on_edition_in_force:
            on_edition_in_force.append(store_targets)
        register_lock(issued_months)
        register_built_on(pool_built_on)
