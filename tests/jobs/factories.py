import factory

from jobs.models import Job


class JobFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Job

    kind = "test.write"
    key = factory.Sequence(lambda n: f"job:{n}")
    arguments = factory.LazyAttribute(lambda job: {"name": job.key})
