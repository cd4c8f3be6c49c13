from customers.models.complaint import Complaint
from customers.models.customer import Customer, CustomerCode, Memo, NameGram, Phone, StoreCustomer
from customers.models.imports import Import, ImportChange, ImportMapping, ImportRow, KindWord, RawRows
from customers.models.tag import CustomerTag, Tag
from customers.models.vehicle import Ownership, Vehicle
from customers.models.visit import PendingReversal, Reversal, Visit, VisitLine

__all__ = [
    "Complaint",
    "Customer",
    "CustomerCode",
    "CustomerTag",
    "Import",
    "ImportChange",
    "ImportMapping",
    "ImportRow",
    "KindWord",
    "Memo",
    "NameGram",
    "Ownership",
    "PendingReversal",
    "Phone",
    "RawRows",
    "Reversal",
    "StoreCustomer",
    "Tag",
    "Vehicle",
    "Visit",
    "VisitLine",
]
