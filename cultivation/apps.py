from django.apps import AppConfig


class CultivationConfig(AppConfig):
    name = "cultivation"
    verbose_name = "培育库与月度调度"

    def ready(self) -> None:
        from core.services.policies import on_edition_in_force
        from core.services.simulation import register_simulator
        from cultivation.services.analysis import freeze_analysis
        from cultivation.services.application_succession import (
            applications_open,
            hand_on_applications,
            take_applications_back,
        )
        from cultivation.services.built_on import pool_built_on
        from cultivation.services.following import firms_in_pools, places_held
        from cultivation.services.month_locks import month_locks_of
        from cultivation.services.month_return_pages import template_marks
        from cultivation.services.months import on_issue
        from cultivation.services.pool_simulation import simulate_pools
        from cultivation.services.pool_succession import hand_on_places, take_places_back
        from cultivation.services.source_lines import outside_sources
        from cultivation.services.targets import store_targets
        from enterprises.services.followers import Carry, Follower, register_follower
        from enterprises.services.liaison_duty import LiaisonDuty, register_duty
        from enterprises.services.list_lines import register_line
        from intake.services.built_on import register_built_on
        from intake.services.locks import register_lock
        from intake.services.templates import register_marks

        if store_targets not in on_edition_in_force:
            on_edition_in_force.append(store_targets)
        if freeze_analysis not in on_issue:
            on_issue.append(freeze_analysis)
        register_lock(month_locks_of)
        register_marks(template_marks)
        register_built_on(pool_built_on)
        register_line(outside_sources)
        carry = Carry("pool_membership", hand_on_places, take_places_back)
        becomes = {
            "merged": "出库；并入的企业由下次筛选判断",
            "converted": "由转成的企业承继；它已在库的，本企业的出库",
        }
        register_follower(
            Follower("培育库在库记录", "条", "跟随本企业；终止的由下次筛选处理", places_held, carry, becomes)
        )
        waiting = Carry("pool_application", hand_on_applications, take_applications_back)
        becomes = {"merged": "退回", "converted": "由转成的企业接着办，它办不了的退回"}
        register_follower(
            Follower("在办的培育库申请", "件", "跟随本企业，接着办", applications_open, waiting, becomes)
        )
        # S1-45: every firm in a pool has a named 责任人
        register_duty(LiaisonDuty("pool", "培育库在库企业", firms_in_pools))
        register_simulator("pool", simulate_pools)
