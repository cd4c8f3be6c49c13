import django.db.models.deletion
from django.db import migrations, models

from segmentation import watch


def unwatch(apps, schema_editor):
    watch.uninstall()


def watch_anew(apps, schema_editor):
    watch.install()


def one_day_each(apps, schema_editor):
    apps.get_model("segmentation", "TouchedCar").objects.update(until_on=models.F("from_on"))


def leave_room(apps, schema_editor):
    """For changed rows beside the old ones: then no index is touched."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE segmentation_vehiclesegment SET (fillfactor = 90)")


def compute_anew(apps, schema_editor):
    """Without the cuts of the last run the next one computes every car, and with it the tallies."""
    apps.get_model("segmentation", "SegmentRun").objects.update(value_cuts=[])


class Migration(migrations.Migration):

    dependencies = [
        ('segmentation', '0007_clusters'),
    ]

    operations = [
        migrations.RunPython(unwatch, watch_anew),
        migrations.AddField(
            model_name='touchedcar',
            name='until_on',
            field=models.DateField(default='1990-01-01'),
            preserve_default=False,
        ),
        migrations.RunPython(one_day_each, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name='vehiclesegment', name='segment_due'),
        migrations.RemoveIndex(model_name='vehiclesegment', name='segment_seen'),
        migrations.CreateModel(
            name='SegmentTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('figure', models.CharField(max_length=20)),
                ('step', models.BigIntegerField(default=0)),
                ('cars', models.IntegerField()),
                ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='staff.store')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('store', 'figure', 'step'), name='one_tally_of_a_step')],
            },
        ),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
        migrations.RunPython(compute_anew, migrations.RunPython.noop),
        migrations.RunPython(watch_anew, unwatch),
    ]
