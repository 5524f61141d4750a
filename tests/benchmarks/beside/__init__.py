"""What the pages are measured against: a bare view for each question, and Django's admin, served beside the product."""
