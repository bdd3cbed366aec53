"""How a conflict looks in the preview's small form."""

from __future__ import annotations

import pytest

from omeroweb_omp_plugin.merge.model import Annotation, Policy
from omeroweb_omp_plugin.merge.plan import plan_write
from omeroweb_omp_plugin.ownership import Signer
from omeroweb_omp_plugin.services.preview import Wanted, cells_of

ALICE, BOB = 1, 2


@pytest.mark.parametrize(
    ("policy", "letters"),
    [
        (Policy.KEEP, "xa"),
        (Policy.MERGE, "xa"),
        (Policy.REPLACE_OWN, "ba"),
        (Policy.REPLACE_ALL, "ca"),
    ],
)
def test_a_conflict_tells_whether_the_wanted_value_comes_beside_the_one_that_stays(policy, letters):
    wanted = Wanted(7, "P1_HeLa.tif", (("Project", "P1"), ("Cell", "HeLa")))
    bobs = Annotation(1, (("Project", "bob's"),), owner=BOB)
    plan = plan_write([bobs], wanted.pairs, policy, Signer("secret"), writer=ALICE)
    values, states, olds = cells_of(wanted, plan, {"Project": 0, "Cell": 1})
    assert (values, states, olds) == (["P1", "HeLa"], letters, {0: "bob's"})
