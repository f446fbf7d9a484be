# Apart from the columns: their lock on the rows would last as long as this takes.

import perfsys.tenancy.operations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('imports', '0004_what_rows_would_do'),
    ]

    operations = [
        perfsys.tenancy.operations.AddIndexQuietly(
            model_name='importrow',
            index=models.Index(condition=models.Q(('outcome', 'changed')), fields=['tenant', 'run', 'position'], name='imports_row_changing'),
        ),
    ]
