"""The street runs one way in the database too: foreign keys point to the left."""

import pytest
from django.apps import apps

STREET = ["core", "intake", "enterprises", "cultivation", "casework", "evaluation", "incentives", "reports"]


def our_models():
    return [model for model in apps.get_models() if model._meta.app_label in STREET]


def test_the_street_has_models():
    assert {model._meta.app_label for model in our_models()} >= {
        "core",
        "intake",
        "enterprises",
        "cultivation",
    }


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_foreign_keys_point_to_the_left(model):
    own = STREET.index(model._meta.app_label)
    for field in model._meta.get_fields():
        if not field.is_relation or field.auto_created:
            continue
        target = field.related_model
        assert target is not None, f"{field}: a generic relation points anywhere"
        assert target._meta.app_label in STREET, f"{field} leaves the street"
        assert STREET.index(target._meta.app_label) <= own, f"{field} points to the right"
