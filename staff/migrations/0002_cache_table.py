"""The shared cache of an installation without Redis: sign-in limits rest on it, so no extra step may be forgotten."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_staff_and_stores")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop, elidable=False)]
