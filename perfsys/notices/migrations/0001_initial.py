"""Notices, their deliveries outside the app, and how each person wants to be told."""

import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
import perfsys.tenancy.constraints
import perfsys.tenancy.models
import perfsys.tenancy.operations
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0003_sign_in'),
        ('tenancy', '0003_definer_functions'),
    ]

    operations = [
        perfsys.tenancy.operations.CreateModelQuietly(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('channel', models.CharField(choices=[('email', 'E-mail')], default='email', max_length=10)),
                ('bundle', models.CharField(max_length=160)),
                ('is_reminder', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('dead', 'Given up')], default='waiting', max_length=8)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('run_after', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('last_error', models.CharField(blank=True, default='', max_length=80)),
                ('made_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('tenant', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('to', perfsys.tenancy.models.TenantKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.employee')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        perfsys.tenancy.operations.CreateModelQuietly(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('kind', models.CharField(max_length=60)),
                ('subject_type', models.CharField(blank=True, default='', max_length=60)),
                ('subject_id', models.BigIntegerField(null=True)),
                ('params', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('url', models.CharField(blank=True, default='', max_length=300)),
                ('key', models.CharField(max_length=160)),
                ('bundle', models.CharField(max_length=160)),
                ('asks', models.BooleanField(default=False)),
                ('is_reminder', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('open', 'Open'), ('confirmed', 'Normal, a deliberate change'), ('done', 'Over')], default='open', max_length=10)),
                ('at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('confirmed_by_name', models.CharField(blank=True, default='', max_length=80)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('mail', models.CharField(choices=[('none', 'In the app only'), ('waiting', 'To be decided'), ('digest', 'In the next digest'), ('mailed', 'In a message of its own')], default='waiting', max_length=8)),
                ('about', perfsys.tenancy.models.TenantKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.employee')),
                ('confirmed_by', perfsys.tenancy.models.TenantKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.employee')),
                ('delivery', perfsys.tenancy.models.TenantKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notices', to='notices.delivery')),
                ('tenant', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('to', perfsys.tenancy.models.TenantKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.employee')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        perfsys.tenancy.operations.CreateModelQuietly(
            name='NoticePreferences',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by_mail', models.BooleanField(default=True)),
                ('digest', models.BooleanField(default=True)),
                ('employee', perfsys.tenancy.models.TenantKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.employee')),
                ('tenant', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        perfsys.tenancy.operations.AddIndexQuietly(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['tenant', 'run_after'], name='notices_deliveries_due'),
        ),
        perfsys.tenancy.operations.AddIndexQuietly(
            model_name='delivery',
            index=models.Index(condition=models.Q(('is_reminder', True)), fields=['tenant', 'to', 'made_at'], name='notices_reminders_sent'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('tenant', 'public_id'), name='notices_delivery_public_id'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('tenant', 'to', 'channel', 'bundle'), name='notices_delivered_once'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'sent', 'dead'])), name='notices_delivery_state'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='delivery',
            constraint=perfsys.tenancy.constraints.TenantWall(may='SELECT, INSERT, UPDATE, DELETE', name='notices_delivery_wall'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='delivery',
            constraint=perfsys.tenancy.constraints.TenantForeignKey(field='to', name='notices_delivery_to_key'),
        ),
        perfsys.tenancy.operations.AddIndexQuietly(
            model_name='notice',
            index=models.Index(fields=['tenant', 'to', '-at'], name='notices_inbox'),
        ),
        perfsys.tenancy.operations.AddIndexQuietly(
            model_name='notice',
            index=models.Index(condition=models.Q(('state', 'open'), models.Q(('asks', True), ('is_reminder', True), _connector='OR')), fields=['tenant', 'to'], name='notices_open'),
        ),
        perfsys.tenancy.operations.AddIndexQuietly(
            model_name='notice',
            index=models.Index(condition=models.Q(('is_reminder', True), ('state', 'open')), fields=['tenant', 'about'], name='notices_about'),
        ),
        perfsys.tenancy.operations.AddIndexQuietly(
            model_name='notice',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['tenant', 'kind', 'subject_id'], name='notices_open_subject'),
        ),
        perfsys.tenancy.operations.AddIndexQuietly(
            model_name='notice',
            index=models.Index(condition=models.Q(('mail__in', ['waiting', 'digest'])), fields=['tenant', 'mail', 'to'], name='notices_unsent'),
        ),
        perfsys.tenancy.operations.AddIndexQuietly(
            model_name='notice',
            index=models.Index(fields=['tenant', 'delivery'], name='notices_of_delivery'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('tenant', 'public_id'), name='notices_public_id'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('tenant', 'to', 'kind', 'key'), name='notices_told_once'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'confirmed', 'done'])), name='notices_state'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('mail__in', ['none', 'waiting', 'digest', 'mailed'])), name='notices_mail_state'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), ('confirmed_at__isnull', False), _connector='OR'), name='notices_confirmed_by_somebody'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='notice',
            constraint=perfsys.tenancy.constraints.TenantWall(may='SELECT, INSERT, UPDATE, DELETE', name='notices_notice_wall'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='notice',
            constraint=perfsys.tenancy.constraints.TenantForeignKey(field='to', name='notices_notice_to_key'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='notice',
            constraint=perfsys.tenancy.constraints.TenantForeignKey(field='about', name='notices_notice_about_key'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='notice',
            constraint=perfsys.tenancy.constraints.TenantForeignKey(field='confirmed_by', name='notices_notice_confirmed_by_key'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='notice',
            constraint=perfsys.tenancy.constraints.TenantForeignKey(field='delivery', name='notices_notice_delivery_key'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='noticepreferences',
            constraint=models.UniqueConstraint(fields=('tenant', 'employee'), name='notices_preferences_once'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='noticepreferences',
            constraint=perfsys.tenancy.constraints.TenantWall(may='SELECT, INSERT, UPDATE, DELETE', name='notices_noticepreferences_wall'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='noticepreferences',
            constraint=perfsys.tenancy.constraints.TenantForeignKey(field='employee', name='notices_noticepreferences_employee_key'),
        ),
    ]
