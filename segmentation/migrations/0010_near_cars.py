import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('segmentation', '0009_notes'),
        ('staff', '0003_export_requests'),
    ]

    operations = [
        migrations.CreateModel(
            name='NearCar',
            fields=[
                ('vehicle_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('step', models.BigIntegerField()),
                ('spend_fen', models.BigIntegerField()),
                ('store', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='staff.store')),
            ],
            options={
                'indexes': [models.Index(fields=['store', 'step', 'spend_fen'], name='near_car_by_spend')],
            },
        ),
    ]
