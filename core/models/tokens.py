from __future__ import annotations

from django.db import models
from knox.models import AbstractAuthToken


class ApiToken(AbstractAuthToken):
    """A REST client's token: stored as a digest, with a region scope, what it may read, and an end."""

    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    #: e.g. ["tiers:read"]; see core.tokens.SCOPES
    scopes = models.JSONField(default=list)
    label = models.CharField(max_length=60, blank=True)

    class Meta:
        db_table = "core_api_token"
