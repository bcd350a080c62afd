"""Work that outlives a request: jobs in a table, one worker, a timetable. See `docs/decisions/jobs.md`."""
