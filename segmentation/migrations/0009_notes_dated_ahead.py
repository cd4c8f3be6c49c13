from django.db import migrations

from segmentation import watch


def unwatch(apps, schema_editor):
    watch.uninstall()


def watch_anew(apps, schema_editor):
    watch.install()


class Migration(migrations.Migration):
    """The triggers note what is dated ahead when a car changes its store."""

    dependencies = [
        ('segmentation', '0008_tallies'),
    ]

    operations = [
        migrations.RunPython(unwatch, watch_anew),
        migrations.RunPython(watch_anew, unwatch),
    ]
