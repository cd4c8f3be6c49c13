"""The demo group: three stores whose DMS exports are made up, the same ones for the same day and seed."""
