"""Seal every secret of connections, endpoints and the gateway for text messages with the first key of
INTEGRATION_KEYS: `manage.py reseal_secrets`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations import sealing
from integrations.models import EndpointSecret, Secret, SmsSecret
from perfsys.tenancy.scope import all_tenants, use_tenant


class Command(BaseCommand):
    help = "Run it after a new key was put first; when it ends well, the old keys can be taken out."

    def handle(self, *_: Any, **__: Any) -> None:
        first = next(iter(sealing.keys()))
        with all_tenants("secrets of all companies change their key") as call:
            tenant_ids = [tenant_id for (tenant_id,) in call("tenant_ids")]
        changed, shut = 0, []
        for tenant_id in tenant_ids:
            with use_tenant(tenant_id):
                for model in (Secret, EndpointSecret, SmsSecret):
                    for row in model.objects.select_for_update().order_by("pk"):
                        try:
                            changed += sealing.reseal(row)
                        except sealing.CannotOpen as error:
                            shut.append(f"tenant {tenant_id}: {error}")
        self.stdout.write(f"{changed} secrets sealed anew with key {first}")
        for sentence in shut:
            self.stderr.write(sentence)
        if shut:
            raise CommandError(f"{len(shut)} secrets open with no key: keep the old ones, or have them typed again.")
