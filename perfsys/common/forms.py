"""How forms are drawn: templates/django/forms."""

from typing import Any

from django.forms.renderers import TemplatesSetting

# Each of these templates of Django's is an include of the one they share.
INPUTS = {
    f"django/forms/widgets/{kind}.html": "django/forms/widgets/input.html"
    for kind in (
        "checkbox",
        "date",
        "datetime",
        "email",
        "file",
        "hidden",
        "number",
        "password",
        "tel",
        "text",
        "time",
        "url",
    )
}


class Renderer(TemplatesSetting):
    """A template for each control: a long form has a hundred, and the templates in templates were half its time."""

    def get_template(self, template_name: str) -> Any:
        return super().get_template(INPUTS.get(template_name, template_name))
