import perfsys.tenancy.operations
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import perfsys.tenancy.constraints

ROLES = [('employee', 'Employee'), ('manager', 'Manager'), ('hrbp', 'HRBP'), ('admin', 'Administrator'), ('integration_owner', 'Integration owner'), ('executive', 'Executive'), ('compensation_admin', 'Compensation administrator')]


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0001_functions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        perfsys.tenancy.operations.CreateModelQuietly(
            name='Tenant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=120)),
                ('time_zone', models.CharField(db_default='Asia/Shanghai', max_length=64)),
                ('locale', models.CharField(db_default='zh-hans', max_length=12)),
                ('min_group_size', models.PositiveSmallIntegerField(db_default=5)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('version', models.PositiveIntegerField(db_default=1)),
            ],
            options={
                'base_manager_name': 'objects',
                'constraints': [perfsys.tenancy.constraints.OwnRowWall(may='SELECT, UPDATE (name, time_zone, locale, min_group_size, version)', name='tenancy_tenant_wall')],
            },
        ),
        perfsys.tenancy.operations.CreateModelQuietly(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('granted', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=ROLES, max_length=24), default=list, size=None)),
                ('derived', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=ROLES, max_length=24), default=list, size=None)),
                ('is_active', models.BooleanField(default=True)),
                ('joined_at', models.DateTimeField(auto_now_add=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tenant', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'account'), name='tenancy_one_seat_per_account'), perfsys.tenancy.constraints.TenantWall(may='SELECT, INSERT, UPDATE, DELETE', name='tenancy_membership_wall')],
            },
        ),
    ]
