"""What one typed value means: plates, VINs, phones, amounts, days, kinds of visit."""
