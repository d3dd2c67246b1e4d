from core.panels import MenuEntry, register_menu

register_menu(
    MenuEntry("工作台", "工作台", "reports:workbench", "workbench.view"),
    MenuEntry("驾驶舱", "驾驶舱", "reports:cockpit", "cockpit.view"),
    MenuEntry("企业名录", "批量比对", "reports:comparison", "enterprise.export", order=7),
    MenuEntry("报表通报", "报表通报", "reports:bulletin_current", "month.view"),
)
