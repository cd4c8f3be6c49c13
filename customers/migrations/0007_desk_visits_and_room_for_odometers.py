"""An index of the visits logged at the desk, which an import looks through, and room in the cars' pages.

An import moves the odometer of most of its cars. In a page with room the new row stands beside the old one and no
index hears of it; without, each of the table's twelve indexes gets an entry (measured: 29 us a car instead of 10).
"""

from django.db import migrations, models
from django.db.models import Q


def leave_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE customers_vehicle SET (fillfactor = 50)")


def fill_up(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE customers_vehicle RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_cancelled_imports")]

    operations = [
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(
                condition=Q(("source", "desk"), ("voided", False)),
                fields=["store", "vehicle"],
                name="visit_of_desk",
            ),
        ),
        migrations.RunPython(leave_room, fill_up),
    ]
