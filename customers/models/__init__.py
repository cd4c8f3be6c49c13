from customers.models.complaint import Complaint
from customers.models.customer import Customer, CustomerCode, Memo, NameGram, Phone, StoreCustomer
from customers.models.vehicle import Ownership, Vehicle
from customers.models.visit import Reversal, Visit, VisitLine

__all__ = [
    "Complaint",
    "Customer",
    "CustomerCode",
    "Memo",
    "NameGram",
    "Ownership",
    "Phone",
    "Reversal",
    "StoreCustomer",
    "Vehicle",
    "Visit",
    "VisitLine",
]
