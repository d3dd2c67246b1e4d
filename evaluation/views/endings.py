"""How an act of a form ends: it is done and told, or refused above the form that asked for it."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from evaluation.services.editions import RoundRefused


def is_done(request: HttpRequest, form: forms.Form, act: Callable[[], object], told: str) -> bool:
    """Whether the act was done; what a refusal says becomes the form's own fault."""
    try:
        act()
    except RoundRefused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, told)
    return True
