"""What the segmentation asks of every car and of its owner, without the rows of either."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_desk_visits_and_room_for_odometers")]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=Q(("price_sensitive", True)), fields=["id"], name="customer_price_sensitive"
            ),
        ),
        migrations.AddIndex(
            model_name="vehicle",
            index=models.Index(
                fields=["id", "home_store", "owner", "state", "purchased_on"], name="vehicle_of_segments"
            ),
        ),
    ]
