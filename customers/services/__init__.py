from customers.services.cards import (
    CardTaken,
    Stale,
    create_customer,
    mark_customer,
    save_customer,
    write_memo,
)
from customers.services.complaints import close_complaint, log_complaint, respond_to_complaint
from customers.services.handover import create_customer_with_car, hand_over
from customers.services.phones import QuotaReached, reveal_phone
from customers.services.tags import add_tag, remove_tag
from customers.services.vehicles import (
    OwnerChangeRefused,
    VehicleTaken,
    add_vehicle,
    change_owner,
    mark_gone,
    owner_on,
    save_vehicle,
)
from customers.services.visits import OrderNumberTaken, VisitLineData, log_visit

__all__ = [
    "CardTaken",
    "OrderNumberTaken",
    "OwnerChangeRefused",
    "QuotaReached",
    "Stale",
    "VehicleTaken",
    "VisitLineData",
    "add_tag",
    "add_vehicle",
    "change_owner",
    "close_complaint",
    "create_customer",
    "create_customer_with_car",
    "hand_over",
    "log_complaint",
    "log_visit",
    "mark_customer",
    "mark_gone",
    "owner_on",
    "remove_tag",
    "respond_to_complaint",
    "reveal_phone",
    "save_customer",
    "save_vehicle",
    "write_memo",
]
