from collections import defaultdict

from django.db import migrations, models


def number_tree(apps, _editor):
    """What was the place in a document's table becomes the place among siblings; the whole tree is numbered by it."""
    region_model = apps.get_model("core", "Region")
    region_model.objects.update(place=models.F("order"))
    below = defaultdict(list)
    for region in region_model.objects.order_by("place", "code"):
        below[region.parent_id].append(region)
    waiting, numbered = below[None][::-1], []
    while waiting:
        region = waiting.pop()
        waiting += below[region.code][::-1]
        region.order = len(numbered)
        numbered.append(region)
    region_model.objects.bulk_update(numbered, ["order"])


class Migration(migrations.Migration):
    dependencies = [("core", "0007_sent_act")]

    operations = [
        migrations.AddField(
            model_name="region",
            name="place",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RunPython(number_tree, migrations.RunPython.noop),
    ]
