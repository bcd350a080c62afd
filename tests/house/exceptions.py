"""What may break a budget, each with its reason. The lists may only shrink."""

# Files that are tables of data.
TABLES: dict[str, str] = {}

# Functions over 60 lines.
LONG_FUNCTIONS: dict[str, str] = {}

# The named bulkheads: the only places that catch everything, isolate, record and count (at most six).
BULKHEADS: dict[str, str] = {
    "hub/health.py": "a check that breaks is itself a result: could not look",
    "hub/schedule/worker.py": "a job that fails is recorded and must not stop the next",
    "detect/run.py": "a failing detector must not silence the others; it becomes an outcome `failed` with its reason",
}
