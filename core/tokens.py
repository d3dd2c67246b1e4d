"""REST clients: tokens with a region and scopes; what the table of permissions says of API routes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.db import transaction
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework import exceptions, permissions

from core.audit import record
from core.models import ApiToken, Region, User
from core.permissions import TOKEN_ROUTES, can

SCOPES = {
    "tiers:read": "梯队、等级及其依据：目标、名录、月度结果",
    "scores:read": "评价得分",
    "targets:read": "目标",
    "enterprises:read": "企业名录",
    "months:read": "月度结果、报送情况、更正单、分析、调度单、通报",
    "pool:read": "培育库、每日清单、名单抄送",
    "grades:read": "已公布的评价等级",
    "awards:read": "奖补",
    "batches:write": "报送：上传、说明、提交、放弃自己的批次",
    "returns:write": "月报：上报、审核、退回",
    "corrections:write": "更正单：提出、批准",
    "orders:write": "调度单：下达、反馈、审核",
}

#: What a token may look like: nothing else is asked of the database.
_TOKEN = re.compile(rb"[0-9a-zA-Z]{1,128}")


@transaction.atomic
def make_token(
    *, actor: User, user: User, region: Region, scopes: list[str], days: int, label: str = ""
) -> str:
    """Create a token and return its text: the only moment it can be read."""
    token, text = ApiToken.objects.create(
        user=user, expiry=timedelta(days=days), region=region, scopes=sorted(set(scopes)), label=label
    )
    record(
        actor=actor,
        act="make_token",
        region=region,
        subject=f"{user.username} {token.token_key}",
        counts={"days": days, "scopes": " ".join(token.scopes)},
    )
    return text


class TokenOutgrown(exceptions.AuthenticationFailed):
    default_code = "token_outgrown"


class ScopedTokenAuthentication(TokenAuthentication):
    """``Authorization: Token …``; the request then sees no more than the token's region."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        if not _TOKEN.fullmatch(token):
            raise exceptions.AuthenticationFailed
        user_and_token: tuple[User, ApiToken] = super().authenticate_credentials(token)
        return user_and_token

    def validate_user(self, auth_token: ApiToken) -> tuple[User, ApiToken]:
        user, token = super().validate_user(auth_token)
        region = token.region
        if user.scope_path is None or not region.path.startswith(user.scope_path):
            # The user has since moved: a token never sees more than its user.
            raise TokenOutgrown
        user.narrow_to(region.path)
        return user, token


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema tells clients to sign in."""

    target_class = ScopedTokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Token 加空格加令牌",
        }


class RouteAllowed(permissions.BasePermission):
    """The one table of permissions, for REST routes: role, and for tokens their scopes."""

    def has_permission(self, request: Any, view: Any) -> bool:
        match = request._request.resolver_match
        rules = TOKEN_ROUTES.get(match.view_name, {})
        rule = rules.get("GET" if request.method in {"HEAD", "OPTIONS"} else request.method)
        if not request.user.is_authenticated:
            return False
        if rule is None:
            if rules:
                raise exceptions.MethodNotAllowed(request.method)
            return False
        permission, scopes = rule
        if isinstance(request.auth, ApiToken) and scopes and not scopes & set(request.auth.scopes):
            return False
        if request.auth is None and request.user.must_change_password:
            return False
        return can(request.user, permission)
