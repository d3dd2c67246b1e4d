from typing import Any

from django.core.management.base import CommandError, CommandParser

from core.management.house_command import HouseCommand, UsageFault
from core.management.policy_files import PolicyFile, find_policy, read_policy_file, shipped_paths
from core.models import Role, User
from core.permissions import can
from core.services.editions import EditionRefused, draft_edition, submit_edition
from core.services.policies import PolicyRejected, load_edition


class Command(HouseCommand):
    help = (
        "载入政策文件：建立其中的地区，作为新的一版施行。同一份文件再载入不会有变化。"
        "用 --as 以某人身份载入的，同网页一样存为草案并提交，由另一人批准。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME|PATH", help="自带文件的政策名，或文件路径")
        parser.add_argument("--all", action="store_true", help="载入全部自带文件")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["names"]) == options["all"]:
            raise UsageFault("请写政策名或路径，或用 --all 载入全部")
        paths = shipped_paths() if options["all"] else [find_policy(word) for word in options["names"]]
        files = [read_policy_file(path) for path in paths]
        self._refuse_faults([line for file in files for line in file.fault_lines])
        actor = self.actor(options)
        if actor.role != Role.SYSTEM and not can(actor, "policy.draft"):
            raise UsageFault(f"{actor.get_role_display()}不能起草政策文件，请换业务科室的账号，或不写 --as")
        for file in sorted(files, key=_needs_others) if options["all"] else files:
            try:
                if actor.role != Role.SYSTEM:
                    self._submit(file, actor)
                    continue
                loaded = load_edition(text=file.text, actor=actor)
            except PolicyRejected as error:
                rejected = PolicyFile(file.path, file.text, None, error.faults)
                self._refuse_faults(rejected.fault_lines)
                raise
            if loaded.is_new:
                regions = f"新建地区 {loaded.regions_created} 个，更新 {loaded.regions_changed} 个"
                self.stdout.write(f"{loaded.edition} 已施行，{regions}")
            else:
                self.stdout.write(f"{loaded.edition} 未变化")

    def _submit(self, file: PolicyFile, actor: User) -> None:
        """What this person may do in the browser and nothing else: draft it and hand it to another to approve."""
        try:
            draft = draft_edition(text=file.text, actor=actor)
            if draft.state == draft.State.DRAFT:
                submit_edition(edition=draft, actor=actor)
        except EditionRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{draft} 已提交，待另一人批准")

    def _refuse_faults(self, lines: list[str]) -> None:
        for line in lines:
            self.stderr.write(line)
        if lines:
            raise CommandError(f"共 {len(lines)} 处问题，没有载入")


def _needs_others(file: PolicyFile) -> bool:
    """Whether the document stands on regions that another one creates; such are loaded last."""
    document = file.document
    if document is None or document.regions is None:
        return True
    locality = document.regions.find(document.locality)
    return locality is not None and locality.parent is not None
