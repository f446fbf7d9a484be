"""Jobs, due times, work days, heartbeats and outgoing mail."""

import perfsys.tenancy.operations
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
import perfsys.tenancy.constraints
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0003_definer_functions'),
    ]

    operations = [
        perfsys.tenancy.operations.CreateModelQuietly(
            name='Heartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20, unique=True)),
                ('at', models.DateTimeField()),
            ],
        ),
        perfsys.tenancy.operations.CreateModelQuietly(
            name='OutgoingMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('to', models.EmailField(max_length=254)),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('dead', 'Given up')], default='waiting', max_length=8)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('run_after', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('last_error', models.CharField(blank=True, default='', max_length=80)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['run_after'], name='jobs_mail_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'dead'])), name='jobs_mail_state'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'dead'), _negated=True), ('body', ''), _connector='OR'), name='jobs_mail_dead_is_empty')],
            },
        ),
        perfsys.tenancy.operations.CreateModelQuietly(
            name='WorkDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.CharField(max_length=2)),
                ('on', models.DateField()),
                ('is_work_day', models.BooleanField()),
                ('is_provisional', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('region', 'on'), name='jobs_workday_once')],
            },
        ),
        perfsys.tenancy.operations.CreateModelQuietly(
            name='CalendarOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('is_work_day', models.BooleanField()),
                ('reason', models.CharField(blank=True, default='', max_length=120)),
                ('tenant', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'on'), name='jobs_override_once_a_day'), perfsys.tenancy.constraints.TenantWall(may='SELECT, INSERT, UPDATE, DELETE', name='jobs_calendaroverride_wall')],
            },
        ),
        perfsys.tenancy.operations.CreateModelQuietly(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60)),
                ('key', models.CharField(max_length=160)),
                ('payload', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('state', models.CharField(choices=[('ready', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('dead', 'Given up'), ('discarded', 'Discarded')], default='ready', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('fence', models.PositiveIntegerField(default=0)),
                ('run_after', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('lease_until', models.DateTimeField(null=True)),
                ('last_error', models.TextField(blank=True, default='')),
                ('request_id', models.CharField(blank=True, default='', max_length=64)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('finished_at', models.DateTimeField(null=True)),
                ('tenant', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('state', 'ready')), fields=['tenant', 'run_after', 'id'], name='jobs_job_ready'), models.Index(condition=models.Q(('state', 'running')), fields=['tenant', 'lease_until'], name='jobs_job_running'), models.Index(condition=models.Q(('state', 'dead')), fields=['tenant', 'id'], name='jobs_job_dead'), models.Index(condition=models.Q(('finished_at__isnull', False)), fields=['finished_at'], name='jobs_job_finished')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'kind', 'key'), name='jobs_job_once'), models.CheckConstraint(condition=models.Q(('state__in', ['ready', 'running', 'done', 'dead', 'discarded'])), name='jobs_job_state'), models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='jobs_job_leased_while_running'), perfsys.tenancy.constraints.TenantWall(may='SELECT, INSERT, UPDATE, DELETE', name='jobs_job_wall')],
            },
        ),
        perfsys.tenancy.operations.CreateModelQuietly(
            name='Occurrence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60)),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('skipped', 'Skipped, too late to be of use'), ('merged', 'Merged into the latest one'), ('waiting', 'Late, waits for a confirmation')], max_length=8)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('tenant', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['tenant', 'state', 'due_at'], name='jobs_occurrence_by_state')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'kind', 'due_at'), name='jobs_occurrence_once'), models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'skipped', 'merged', 'waiting'])), name='jobs_occurrence_state'), perfsys.tenancy.constraints.TenantWall(may='SELECT, INSERT, UPDATE, DELETE', name='jobs_occurrence_wall')],
            },
        ),
    ]
