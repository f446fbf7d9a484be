"""What is recorded about the company's words."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import verb

STANDARD_ADDED = verb("lexicon.standard_added", _("added the ready-made words"))
COMPETENCY_CHANGED = verb("lexicon.competency_changed", _("changed the list of competencies"))
TAG_CHANGED = verb("lexicon.tag_changed", _("changed the list of behaviour tags"))
ENTRY_CHANGED = verb("lexicon.entry_changed", _("changed the performance language dictionary"))
VAGUE_CHANGED = verb("lexicon.vague_changed", _("changed the list of vague expressions"))
