from django.db import migrations, models

from segmentation import watch


def unwatch(apps, schema_editor):
    watch.uninstall()


def watch_anew(apps, schema_editor):
    watch.install()


class Migration(migrations.Migration):
    """Notes say what changed; and what is dated ahead is noted anew when a car changes its store."""

    dependencies = [
        ('segmentation', '0008_tallies'),
    ]

    operations = [
        migrations.RunPython(unwatch, watch_anew),
        migrations.AddField(
            model_name='touchedcar',
            name='only_counted',
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(watch_anew, unwatch),
    ]
