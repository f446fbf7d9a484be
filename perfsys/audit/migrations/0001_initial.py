"""The record of who did what, and its seals."""

import perfsys.tenancy.operations
import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
import perfsys.tenancy.constraints
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0003_definer_functions'),
    ]

    operations = [
        perfsys.tenancy.operations.CreateModelQuietly(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(max_length=60)),
                ('subject_type', models.CharField(max_length=60)),
                ('subject_id', models.BigIntegerField()),
                ('subject_label', models.CharField(max_length=200)),
                ('about_id', models.BigIntegerField(null=True)),
                ('about_name', models.CharField(blank=True, default='', max_length=120)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_name', models.CharField(blank=True, default='', max_length=120)),
                ('at', models.DateTimeField()),
                ('written_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('details', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('request_id', models.CharField(blank=True, default='', max_length=64)),
                ('address', models.GenericIPAddressField(null=True)),
                ('tenant', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'id'], name='audit_newest'), models.Index(fields=['tenant', 'verb', 'id'], name='audit_by_verb'), models.Index(fields=['tenant', 'about_id', 'id'], name='audit_by_about'), models.Index(fields=['tenant', 'actor_id', 'id'], name='audit_by_actor'), models.Index(fields=['tenant', 'subject_type', 'subject_id'], name='audit_by_subject'), models.Index(fields=['tenant', 'written_at'], name='audit_by_written')],
                'constraints': [perfsys.tenancy.constraints.TenantWall(may='SELECT, INSERT', name='audit_auditentry_wall')],
            },
        ),
        perfsys.tenancy.operations.CreateModelQuietly(
            name='AuditSeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('entry_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('contents', models.BinaryField()),
                ('link', models.BinaryField()),
                ('sealed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('tenant', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'sealed_at'], name='audit_seal_newest')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'position'), name='audit_seal_position'), perfsys.tenancy.constraints.TenantWall(may='SELECT, INSERT', name='audit_auditseal_wall')],
            },
        ),
    ]
