from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = "数据填报"

    def ready(self) -> None:
        autodiscover_modules("sheets")
