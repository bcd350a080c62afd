"""Has anything changed since somebody looked?"""

from __future__ import annotations

from django.db.models import Count, Max

from hinomi.casebook.models import Allowance, Case, Outcome
from hinomi.members import queries as members


def stamp(*, exercise: bool) -> str:
    """What changes whenever a question to the casebook may be answered differently.

    The last look, case and allowance, and the register, which says who is concerned and which sectors there are.
    """
    looked = Outcome.objects.filter(exercise=exercise).aggregate(Max("looked_at"), Count("pk"))
    moved = Case.objects.filter(exercise=exercise).order_by("-modified").values_list("modified", flat=True).first()
    allowed = Allowance.objects.aggregate(Max("pk"), Max("withdrawn"), Max("valid_until"))
    return repr((*looked.values(), moved, *allowed.values(), members.stamp()))
