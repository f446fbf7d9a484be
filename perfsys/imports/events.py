from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import verb

FILE_UPLOADED = verb("imports.uploaded", _("uploaded a file for import"))
COLUMNS_CHOSEN = verb("imports.columns_chosen", _("confirmed the columns of a file"))
IMPORTED = verb("imports.imported", _("imported a file"))
UNDONE = verb("imports.undone", _("took an import back"))
DISCARDED = verb("imports.discarded", _("discarded an import"))
