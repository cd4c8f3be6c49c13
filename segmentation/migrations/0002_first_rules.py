"""Publishes the group's first rules, so that a new installation computes its groups from the first import."""

from django.db import migrations
from django.utils import timezone


def publish(apps, schema_editor):
    rules = apps.get_model("segmentation", "RuleSet")
    rules.objects.using(schema_editor.connection.alias).get_or_create(
        store=None, version=1, defaults={"published_at": timezone.now()}
    )


class Migration(migrations.Migration):
    dependencies = [("segmentation", "0001_segments")]

    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
