"""What Django refuses before any page of ours is asked."""

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """More files than one form may bring are told as that: which page was meant is not known, for none was read."""
    if isinstance(exception, TooManyFilesSent):
        page = render_to_string("413.html", {"most_files": settings.DATA_UPLOAD_MAX_NUMBER_FILES})
        return HttpResponse(page, status=413)
    return defaults.bad_request(request, exception)
