"""manage.py create_tenant SLUG --name NAME [--admin EMAIL]"""

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from perfsys.people import actions, names
from perfsys.people.links import invitation_link


class Command(BaseCommand):
    help = "Set up a company; its first administrator gets an invitation by mail, and the link is printed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="the word in the company's address: small letters, digits, -")
        parser.add_argument("--name", required=True, help="the company's name as people read it")
        parser.add_argument("--admin", default="", metavar="EMAIL", help="who is to administer it")

    def handle(self, *, slug: str, name: str, admin: str, **_options: Any) -> None:
        admin = names.email_key(admin)
        if admin:
            try:
                validate_email(admin)
            except ValidationError as error:
                raise CommandError(f"{admin} is not an e-mail address.") from error
        try:
            made = actions.create_tenant(
                slug=slug, name=name, admin_email=admin, link_to=invitation_link, now=timezone.now()
            )
        except actions.Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{name} is at {urljoin(settings.PUBLIC_URL, f'/t/{slug}/')}")
        if made.invited:
            self.stdout.write(f"Invitation for {admin}, good for seven days: {made.invited.link}")
        else:
            self.stdout.write("Nobody can sign in yet: it was made without --admin EMAIL.")
