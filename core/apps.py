import gc
from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "基础"

    def ready(self) -> None:
        # A list of a hundred thousand rows is millions of small objects that stay; looking through them for
        # cycles after every 700 new ones takes a fifth of its time.
        gc.set_threshold(50_000, 20, 20)
        # What apps read of policy documents and work of their cases, the facts they offer to conditions, the
        # panels to others' pages and the jobs they can do is found rather than imported: imports point to the left only.
        from core import lookups  # noqa: F401 - registers itself

        autodiscover_modules("policy")
        autodiscover_modules("policy.cases")
        autodiscover_modules("rules.cases")
        autodiscover_modules("facts")
        import_module("core.account_panels")
        import_module("core.policy_panels")
        import_module("core.job_panels")
        autodiscover_modules("panels")
        autodiscover_modules("tasks")
