from customers.forms.complaint import ComplaintForm, SolutionForm
from customers.forms.customer import CustomerForm, MemoForm, NewCustomerForm, NewPhoneForm, TagForm
from customers.forms.filters import (
    ComplaintFilterForm,
    ImportFilterForm,
    ListFilterForm,
    VisitFilterForm,
)
from customers.forms.vehicle import OwnerForm, VehicleForm
from customers.forms.visit import PlateForm, VisitForm

__all__ = [
    "ComplaintFilterForm",
    "ComplaintForm",
    "CustomerForm",
    "ImportFilterForm",
    "ListFilterForm",
    "MemoForm",
    "NewCustomerForm",
    "NewPhoneForm",
    "OwnerForm",
    "PlateForm",
    "SolutionForm",
    "TagForm",
    "VehicleForm",
    "VisitFilterForm",
    "VisitForm",
]
