"""``python -m bench.tiers [FIRMS]``: a page of 100 tiers with authentication against a DRF ModelSerializer of the same
fields on the same rows; the whole scope as JSON lines and CSV against paging. In process, token and all."""

from __future__ import annotations

import json
import sys
from typing import Any

from bench.house import CITY, house, make_firms, paired, settle

PAGES = 20


def peer_view() -> Any:
    """What one writes with DRF alone: a ModelSerializer over grades, the place in the pool prefetched."""
    from django.db.models import Prefetch
    from rest_framework import serializers
    from rest_framework.generics import ListAPIView

    from cultivation.models import PoolMembership
    from evaluation.models import Score

    class PeerSerializer(serializers.ModelSerializer):
        uscc = serializers.CharField(source="enterprise.uscc")
        name = serializers.CharField(source="enterprise.name")
        region_name = serializers.CharField(source="region.name")
        year = serializers.IntegerField(source="round.year")
        programme = serializers.SerializerMethodField()
        pool_tier = serializers.SerializerMethodField()
        grade = serializers.CharField(source="final_grade")
        score = serializers.SerializerMethodField()
        edition = serializers.CharField(source="round.edition.name")
        published_at = serializers.DateTimeField(source="round.published_at")
        updated_at = serializers.DateTimeField(source="enterprise.updated_at")

        class Meta:
            model = Score
            fields = [
                "uscc", "name", "region", "region_name", "year", "programme", "pool_tier", "grade", "score",
                "edition", "published_at", "updated_at",
            ]  # fmt: skip

        def _place(self, score: Score) -> PoolMembership | None:
            return next(iter(score.enterprise.places), None)

        def get_programme(self, score: Score) -> str | None:
            place = self._place(score)
            return place and place.programme

        def get_pool_tier(self, score: Score) -> str | None:
            place = self._place(score)
            return place and place.tier

        def get_score(self, score: Score) -> str:
            return str(score.value)

    class Peer(ListAPIView):
        serializer_class = PeerSerializer
        filter_backends: list[Any] = []

        def get_queryset(self) -> Any:
            places = Prefetch(
                "enterprise__pool_memberships",
                queryset=PoolMembership.objects.current(),
                to_attr="places",
            )
            rows = Score.objects.visible_to(self.request.user).current()
            return rows.select_related("enterprise", "region", "round__edition").prefetch_related(places)

    return Peer.as_view()


def _mount_peer() -> None:
    """The peer beside our own doors, open to the same tokens."""
    from types import ModuleType

    from django.conf import settings
    from django.urls import include, path

    from core.permissions import TOKEN_ROUTES

    urls = ModuleType("bench.urls")
    urls.urlpatterns = [  # type: ignore[attr-defined]
        path("peer/", peer_view(), name="peer"),
        path("", include("config.urls")),
    ]
    sys.modules["bench.urls"] = urls
    settings.ROOT_URLCONF = "bench.urls"
    TOKEN_ROUTES["peer"] = TOKEN_ROUTES["api:tiers"]


def _decide(firms: list[Any]) -> None:
    """Every firm graded and every third in the pool, in one year."""
    from cultivation.models import PoolMembership
    from evaluation.models import Score
    from tests.reports import decided

    decided.screening(2021)
    of, pool = decided.round_(2021), decided.edition(decided.PROGRAMME)
    graded = Score.Standing.GRADED
    Score.objects.bulk_create(
        [
            Score(
                round=of,
                enterprise=firm,
                region_id=firm.region_id,
                standing=graded,
                total=7000 + number % 3000,
                initial_grade="B",
                final_grade="B",
                trace=b"",
            )
            for number, firm in enumerate(firms)
        ],
        batch_size=5000,
    )
    PoolMembership.objects.bulk_create(
        [
            PoolMembership(
                programme=decided.PROGRAMME,
                pool="scale_up",
                enterprise=firm,
                tier="培育",
                edition=pool,
                since=decided.at("2022-07-02 09:00").date(),
                admitted_by_id=of.run_by_id,
                updated_at=decided.at("2022-07-02 09:00"),
            )
            for firm in firms[::3]
        ],
        batch_size=5000,
    )


def main(count: int) -> None:
    with house():
        from django.test import Client

        from core.models import Role
        from core.tokens import make_token
        from enterprises.models import Enterprise
        from tests import factories

        regions = [code for code in factories.regions_nantong() if code != CITY]
        make_firms(count, regions)
        _decide(list(Enterprise.objects.order_by("pk")))
        settle()
        _mount_peer()
        user = factories.user(Role.API_CLIENT, CITY)
        text = make_token(
            actor=user, user=user, region=user.region, scopes=["tiers:read", "scores:read"], days=1
        )
        client = Client(headers={"Authorization": f"Token {text}"})

        def get(address: str) -> Any:
            answer = client.get(address)
            assert answer.status_code == 200, answer.content
            return answer

        def pages(address: str) -> int:
            rows = 0
            while address:
                page = json.loads(get(address).content)
                rows, address = rows + len(page["results"]), page["next"]
            return rows

        def stream(form: str) -> int:
            return sum(len(piece) for piece in get(f"/api/v1/tiers/?format={form}").streaming_content)

        assert pages("/api/v1/tiers/?page_size=1000") == pages("/peer/?page_size=1000") == count
        paired(
            f"{PAGES} pages of 100, DRF ModelSerializer",
            lambda: [get("/api/v1/tiers/") for _ in range(PAGES)],
            lambda: [get("/peer/") for _ in range(PAGES)],
        )
        for form in ("ndjson", "csv"):
            paired(
                f"{count} rows as {form}, DRF page by page of 100",
                lambda form=form: stream(form),
                lambda: pages("/peer/?page_size=100"),
            )
        paired(
            f"{count} rows as ndjson, our own pages of 1000",
            lambda: stream("ndjson"),
            lambda: pages("/api/v1/tiers/?page_size=1000"),
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
