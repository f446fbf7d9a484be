import perfsys.tenancy.operations
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('goals', '0035_aligned_goals_of_before'),
    ]

    operations = [
        perfsys.tenancy.operations.AddIndexConcurrentlyQuietly(
            model_name='goal',
            index=models.Index(models.F('tenant'), models.F('period'), models.OrderBy(models.F('weight'), descending=True, nulls_last=True), models.F('id'), condition=models.Q(('is_aligned', False), models.Q(('layer', 'company'), _negated=True), models.Q(('status', 'draft'), _negated=True), models.Q(('outcome', 'cancelled'), _negated=True)), include=('is_private',), name='goals_without_parent'),
        ),
    ]
