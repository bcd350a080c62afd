"""What pages, the API and the command line ask of the casebook: one name per question, each served by an index.

Every question that not everybody may hear answered takes the `Reader` it is asked for; `casebook.audience` holds the rule.
"""

from hinomi.casebook.queries.allowances import Preview, preview
from hinomi.casebook.queries.blocks import inside
from hinomi.casebook.queries.cases import (
    CasePage,
    case,
    case_counts,
    case_page,
    case_row,
    cases,
    cases_of,
    concerned,
    events,
    findings_of,
    objects,
    objects_said,
    shape_of,
)
from hinomi.casebook.queries.changes import stamp
from hinomi.casebook.queries.counts import Count, by_time, sums
from hinomi.casebook.queries.findings import (
    FindingLine,
    FindingPage,
    LinePage,
    Wanted,
    about,
    finding,
    finding_page,
    findings,
    heard,
    history,
    line_page,
    worst,
)
from hinomi.casebook.queries.looks import (
    Look,
    last_look,
    looked,
    looked_days,
    looked_spans,
    looks,
    newest,
    oldest,
    rows_seen,
    watching,
)
from hinomi.casebook.queries.sectors import Reason, SectorLevel, sector_levels

__all__ = [
    "CasePage",
    "Count",
    "FindingLine",
    "FindingPage",
    "LinePage",
    "Look",
    "Preview",
    "Reason",
    "SectorLevel",
    "Wanted",
    "about",
    "by_time",
    "case",
    "case_counts",
    "case_page",
    "case_row",
    "cases",
    "cases_of",
    "concerned",
    "events",
    "finding",
    "finding_page",
    "findings",
    "findings_of",
    "heard",
    "history",
    "inside",
    "last_look",
    "line_page",
    "looked",
    "looked_days",
    "looked_spans",
    "looks",
    "newest",
    "objects",
    "objects_said",
    "oldest",
    "preview",
    "rows_seen",
    "sector_levels",
    "shape_of",
    "stamp",
    "sums",
    "watching",
    "worst",
]
