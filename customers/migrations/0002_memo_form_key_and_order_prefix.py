from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0001_cards'),
    ]

    operations = [
        migrations.AddField(
            model_name='memo',
            name='form_key',
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
        migrations.RemoveConstraint(
            model_name='visit',
            name='order_number_once_per_store',
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.UniqueConstraint(fields=('store', 'order_no'), name='order_number_once_per_store', opclasses=('int8_ops', 'varchar_pattern_ops')),
        ),
    ]
