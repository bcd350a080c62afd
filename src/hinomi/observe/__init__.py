"""Traffic in: bytes → checked Arrow batches. No Django, no storage."""
