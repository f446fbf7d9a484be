"""What is recorded about jobs."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import verb

JOB_RETRIED = verb("jobs.retried", _("had a job tried again"))
JOB_DISCARDED = verb("jobs.discarded", _("dropped a job"))
LATE_RUN_CONFIRMED = verb("jobs.late_run_confirmed", _("let a late run take place"))
