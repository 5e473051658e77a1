"""Does a test notice when the core is wrong? Mutates a copy of the core by a seed and runs the tests of each module.

    .local/venv/bin/python -m tests.load.mutations --seed 11 --count 60

One mutation at a time: a comparison is flipped, a condition is dropped, or a constant is swapped. A mutation that no test
notices is printed as a survivor, with its line.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The tests of each module. Those of the pure ones need no servers.
PURE: dict[str, tuple[str, ...]] = {
    "referrals/evidence/imaging.py": ("tests/domain/imaging",),
    "referrals/evidence/neurology.py": ("tests/domain/test_neurology_over_time.py",),
    "referrals/evidence/scans.py": ("tests/domain/imaging",),
}
_FACTS = ("tests/usecases/test_what_came_later.py", "tests/usecases/test_late_and_odd.py", "tests/truths")
_PROMISES = (
    "tests/usecases/test_spells_of_clocks.py",
    "tests/usecases/test_event_by_clock.py",
    "tests/usecases/test_late_and_odd.py",
    "tests/usecases/test_what_came_later.py",
    "tests/truths",
)
CORE = PURE | {
    "referrals/case/policy.py": ("tests/doors/test_security.py", "tests/usecases/test_working_on_a_case.py"),
    "oncall/clocks.py": ("tests/usecases/test_event_by_clock.py", "tests/oncall/test_sweep.py"),
    "governance/intervals.py": ("tests/usecases/test_measures.py",),
    "governance/populations.py": ("tests/usecases/test_measures.py",),
    "governance/qs56.py": ("tests/usecases/test_measures.py",),
    "referrals/case/identity.py": (
        "tests/truths/test_identity.py",
        "tests/usecases/test_identity_and_telephone.py",
    ),
    "referrals/evidence/case_evidence.py": _FACTS,
    "referrals/evidence/course.py": _FACTS,
    "referrals/evidence/examination.py": _FACTS,
    "referrals/evidence/findings.py": _FACTS,
    "referrals/promises/periods.py": _PROMISES,
    "referrals/promises/settlement.py": _PROMISES,
    "referrals/promises/reassessment.py": ("tests/usecases/test_triage.py", *_PROMISES),
    "oncall/ladder.py": ("tests/oncall/test_escalation.py", "tests/oncall/test_sweep.py"),
    "oncall/escalation.py": ("tests/oncall/test_escalation.py", "tests/oncall/test_sweep.py"),
    "oncall/rota.py": (
        "tests/oncall/test_rota.py",
        "tests/oncall/test_handing_over.py",
        "tests/oncall/test_paging.py",
    ),
    "oncall/handover.py": ("tests/oncall/test_handing_over.py", "tests/doors/test_hand_over_page.py"),
    "mdt/agenda.py": ("tests/domain/test_agenda.py", "tests/usecases/test_meetings.py"),
    "mdt/consensus.py": (
        "tests/domain/test_statements_of_the_mdt.py",
        "tests/usecases/test_mdt.py",
        "tests/usecases/test_statements.py",
    ),
    "mdt/follow_up.py": ("tests/domain/test_statements_of_the_mdt.py", "tests/usecases/test_to_the_end.py"),
    "ledger/append.py": ("tests/ledger",),
    "ledger/seal.py": ("tests/ledger",),
}
WITHOUT_SERVERS = {
    "DATABASE_URL": "postgres://nobody@localhost/none",
    "DATABASE_OWNER_URL": "postgres://nobody@localhost/none",
    "REDIS_URL": "redis://localhost:1/0",
}
FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One change: which node of a module, by its place in a walk, and how."""

    module: str
    node: int
    part: int
    words: str


def mutations_of(module: str) -> Iterator[Mutation]:
    """Every mutation of a module, in the order of its lines."""
    tree = ast.parse((ROOT / module).read_text())
    decorators = [root for node in ast.walk(tree) for root in getattr(node, "decorator_list", ())]
    flags = {part for root in decorators for part in ast.walk(root)}  # slots and kw_only change no behaviour
    for place, node in enumerate(ast.walk(tree)):
        if node in flags:
            continue
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Compare) and type(node.ops[0]) in FLIPPED:
            yield Mutation(
                module=module,
                node=place,
                part=0,
                words=f"line {line}: comparison flipped in {ast.unparse(node)}",
            )
        elif isinstance(node, ast.BoolOp):
            for part, value in enumerate(node.values):
                yield Mutation(
                    module=module, node=place, part=part, words=f"line {line}: dropped {ast.unparse(value)}"
                )
        elif isinstance(node, ast.Constant) and type(node.value) in (bool, int):
            yield Mutation(module=module, node=place, part=0, words=f"line {line}: {node.value!r} swapped")


def mutated(mutation: Mutation) -> str:
    """The source of the module with the mutation."""
    tree = ast.parse((ROOT / mutation.module).read_text())
    node = list(ast.walk(tree))[mutation.node]
    if isinstance(node, ast.Compare):
        node.ops[0] = FLIPPED[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp):
        del node.values[mutation.part]
    elif isinstance(node, ast.Constant):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
    return ast.unparse(tree)


def is_noticed(mutation: Mutation, copy: Path) -> bool:
    """Whether a test fails; the copy is as it was afterwards."""
    place = copy / mutation.module
    before = place.read_text()
    place.write_text(mutated(mutation))
    try:
        words = ["-m", "pytest", "-p", "mscc.local.testing", "-n0", "-x", "-q", *CORE[mutation.module]]
        environment = {**os.environ, **(WITHOUT_SERVERS if mutation.module in PURE else {})}
        return (
            subprocess.run(
                [sys.executable, *words], cwd=copy, env=environment, capture_output=True
            ).returncode
            != 0
        )
    finally:
        place.write_text(before)


def copy_of_the_tree(folder: Path) -> Path:
    """The tracked files in a folder of their own, with the same packages."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    (folder / ".local").mkdir()
    (folder / ".local" / "venv").symlink_to(ROOT / ".local" / "venv")
    for template in (ROOT / ".local").glob("migrated-*.sql"):
        shutil.copy2(template, folder / ".local")
    return folder


def main() -> None:
    """Run as many mutations as asked for, spread over the modules, and print what survives."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--seed", type=int, default=11)
    reader.add_argument("--count", type=int, default=60)
    reader.add_argument("--only", default="", help="the beginning of the paths of some modules")
    asked = reader.parse_args()
    dice = random.Random(asked.seed)
    every = {
        module: dice.sample(found, len(found)) for module in CORE if (found := list(mutations_of(module)))
    }
    chosen = [found[turn] for turn in range(asked.count) for found in every.values() if turn < len(found)][
        : asked.count
    ]
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_of_the_tree(Path(folder))
        for mutation in (found for found in chosen if found.module.startswith(asked.only)):
            noticed = is_noticed(mutation, copy)
            survivors += not noticed
            print("noticed " if noticed else "SURVIVED", mutation.module, mutation.words, flush=True)
    print(f"{survivors} survived")


if __name__ == "__main__":
    main()
