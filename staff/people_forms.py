"""Forms about people, and the filter of the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from staff.audit import DEEDS
from staff.forms import StyledForm
from staff.models import AuditQuerySet, Role, Store, User

NO_ROLE: tuple[str, str | Promise] = ("", pgettext_lazy("role", "does not work here"))


class RolesForm(StyledForm, forms.Form):
    """A name, and one choice of role for each store that the editor manages."""

    full_name = forms.CharField(label=gettext_lazy("Name"), max_length=80)

    def __init__(
        self, *args: Any, stores: Iterable[Store], roles: Mapping[int, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.stores = list(stores)
        for store in self.stores:
            self.fields[f"role_{store.pk}"] = forms.ChoiceField(
                label=_("Role in %(store)s") % {"store": store.name},
                choices=[NO_ROLE, *Role.choices],
                required=False,
                initial=(roles or {}).get(store.pk, ""),
                widget=forms.Select(attrs={"class": "in"}),
            )

    @property
    def role_fields(self) -> list[forms.BoundField]:
        return [self[f"role_{store.pk}"] for store in self.stores]

    @property
    def roles(self) -> dict[Store, Role | None]:
        chosen = {store: self.cleaned_data[f"role_{store.pk}"] for store in self.stores}
        return {store: Role(role) if role else None for store, role in chosen.items()}


class NewPersonForm(RolesForm):
    username = forms.CharField(
        label=gettext_lazy("User name"),
        help_text=gettext_lazy("What this person types to sign in: letters, digits and @ . + - _"),
        max_length=64,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    field_order = ("username", "full_name")

    def clean_username(self) -> str:
        username: str = User.normalize_username(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("Someone signs in with this name already. Choose another."))
        return username

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not any(self.cleaned_data.get(f"role_{store.pk}") for store in self.stores):
            raise forms.ValidationError(_("Choose a role in at least one store."))
        return cleaned


class AuditFilterForm(StyledForm, forms.Form):
    who = forms.ModelChoiceField(
        label=gettext_lazy("Who"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("Everyone"),
    )
    action = forms.ChoiceField(
        label=gettext_lazy("What"), required=False, choices=[("", gettext_lazy("Everything")), *DEEDS.items()]
    )
    since = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=gettext_lazy("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who = self.fields["who"]
        assert isinstance(who, forms.ModelChoiceField)
        who.queryset = people

    def narrow(self, entries: AuditQuerySet) -> AuditQuerySet:
        """Fields that cannot be read do not narrow; the form says so beside them."""
        self.is_valid()
        given = self.cleaned_data
        if given.get("who"):
            entries = entries.filter(user=given["who"])
        if given.get("action"):
            entries = entries.filter(action=given["action"])
        if given.get("since"):
            entries = entries.filter(at__date__gte=given["since"])
        if given.get("until"):
            entries = entries.filter(at__date__lte=given["until"])
        return entries
