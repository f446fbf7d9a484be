"""What is recorded about the company's words."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import verb

STANDARD_ADDED = verb("lexicon.standard_added", _("added the ready-made words"))
