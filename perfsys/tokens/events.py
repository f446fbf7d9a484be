from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import verb

TOKEN_MADE = verb("tokens.made", _("made an access token"))
TOKEN_REVOKED = verb("tokens.revoked", _("took an access token back"))
