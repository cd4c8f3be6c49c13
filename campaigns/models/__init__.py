from campaigns.models.campaign import Campaign, CampaignGroup, CampaignStore
from campaigns.models.target import Outcome, Target

__all__ = ["Campaign", "CampaignGroup", "CampaignStore", "Outcome", "Target"]
