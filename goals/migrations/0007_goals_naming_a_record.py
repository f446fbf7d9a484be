import perfsys.tenancy.operations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("goals", "0006_evidence_that_is_gone")]

    operations = [
        perfsys.tenancy.operations.AddIndexQuietly(
            model_name='goal',
            index=models.Index(condition=models.Q(('status', 'published'), models.Q(('evidence_number', ''), _negated=True)), fields=['tenant', 'evidence_type', 'evidence_number'], name='goals_naming_a_record'),
        ),
    ]
