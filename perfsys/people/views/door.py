"""Before a company is entered."""

from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfsys.tenancy.routes import public

from .. import actions, cookies, crossing, queries
from ..forms import NewPasswordForm
from ..models import Account


@require_GET
@public
def start(request: HttpRequest) -> HttpResponse:
    """One company: straight in. Several: the picker. Nobody signed in: the sign-in page."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    companies = crossing.memberships_of(request.user.pk)
    if len(companies) == 1:
        return redirect("people:home", tenant=companies[0].slug)
    return redirect("door:tenants")


@require_GET
@public
def tenants(request: HttpRequest) -> HttpResponse:
    """Which company today; also for who belongs to none yet."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    memberships = [
        {"tenant": company, "url": reverse("people:home", kwargs={"tenant": company.slug})}
        for company in crossing.memberships_of(request.user.pk)
    ]
    return render(request, "people/tenants.html", {"memberships": memberships, "logout_url": reverse("account_logout")})


@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
@public
def invitation(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The page behind an invitation's link. Used, old, withdrawn and made-up links look alike."""
    now = timezone.now()
    found = queries.open_invitation(slug, token, now=now)
    if found is None:
        return render(request, "people/invitation.html", {"invitation": {"expired": True}}, status=410)
    account = request.user if isinstance(request.user, Account) else None
    if account is None and found.must_sign_in:
        return redirect(f"{reverse('account_login')}?next={request.path}")
    form = NewPasswordForm(request.POST or None, invitation=found.invitation, company=(slug, found.company))
    context = {
        "invitation": {"tenant": {"name": found.company}, "name": found.name},
        "form": None if account else form,
        "signed_in": account is not None,
    }
    if request.method == "GET":
        return render(request, "people/invitation.html", context)
    if account is None and not form.is_valid():
        return render(request, "people/invitation.html", context, status=422)
    password = form.cleaned_data["password1"] if account is None else ""
    try:
        accepted = actions.accept_invitation(slug=slug, token=token, account=account, password=password, now=now)
    except actions.SignInFirst:
        return redirect(f"{reverse('account_login')}?next={request.path}")
    except actions.InvitationSpent:
        return render(request, "people/invitation.html", {"invitation": {"expired": True}}, status=410)
    except actions.NotYours as refusal:
        return render(request, "people/invitation.html", context | {"problem": str(refusal)}, status=422)
    home = reverse("people:home", kwargs={"tenant": slug})
    if account is not None:
        return redirect(home)
    # Through the sign-in's own stages: whoever has a second step is asked for it here too.
    response: HttpResponse = perform_login(request, accepted.account, redirect_url=home)
    return response


@require_POST
@public
def set_language(request: HttpRequest) -> HttpResponse:
    response = redirect(cookies.back_to(request, "/"))
    locale = request.POST.get("language", "")
    if translation.check_for_language(locale):
        cookies.set_language(response, locale)
    return response
