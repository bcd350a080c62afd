"""A capture dropped on a page: streamed to the inbox, read by a job, its progress readable from anywhere."""
