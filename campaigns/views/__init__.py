from campaigns.views.live import campaign_list, close, detail
from campaigns.views.plan import edit, new, open_
from campaigns.views.targets import target_list, target_list_export

__all__ = ["campaign_list", "close", "detail", "edit", "new", "open_", "target_list", "target_list_export"]
