"""T2: take the rules of `decide()` as they are written, change one thing, and the truth table must go red.

Every comparison is turned around, every `not` dropped, every member of a set left out, every rule moved to the end or
taken out. The table is the contract written down a second time (tests/consent/test_access.py).
"""

import ast
import copy
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from consent import access
from consent.access import Facts, Reason
from tests.consent.test_access import everything, in_the_words_of_the_contract

TURNED = {ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Eq: ast.NotEq}


def rules_as_written() -> ast.Tuple:
    """The tuple RULES of consent/access.py."""
    tree = ast.parse(inspect.getsource(access))
    (found,) = [node for node in tree.body if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "RULES"]
    assert isinstance(found.value, ast.Tuple)
    return found.value


def changed(rules: ast.Tuple) -> Iterator[tuple[str, ast.Tuple]]:
    """Every way to change one thing in one rule, with what it was."""
    for place, rule in enumerate(rules.elts):
        for spot, node in enumerate(ast.walk(rule)):
            for mutant in mutants_of(node):
                made = copy.deepcopy(rules)
                put(made.elts[place], spot, mutant)
                yield f"{ast.unparse(rule)} -> {ast.unparse(made.elts[place])}", ast.fix_missing_locations(made)
        without = copy.deepcopy(rules)
        del without.elts[place]
        yield f"without {ast.unparse(rule)}", without


def mutants_of(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        yield ast.Compare(node.left, [TURNED[type(node.ops[0])]()], node.comparators)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    if isinstance(node, ast.Set):
        for place in range(len(node.elts)):
            yield ast.Set(node.elts[:place] + node.elts[place + 1 :])
    if isinstance(node, ast.Lambda):
        yield ast.Lambda(node.args, ast.Constant(False))
        yield ast.Lambda(node.args, ast.UnaryOp(ast.Not(), node.body))


def put(rule: ast.AST, spot: int, mutant: ast.AST) -> None:
    """Replaces the node at that place of the walk by what it is to become."""
    target = list(ast.walk(rule))[spot]
    for parent in ast.walk(rule):
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, copy.deepcopy(mutant))
            elif isinstance(value, list) and any(one is target for one in value):
                setattr(parent, name, [copy.deepcopy(mutant) if one is target else one for one in value])


def run(rules: ast.Tuple) -> Any:
    return eval(compile(ast.Expression(rules), "RULES", "eval"), vars(access))


ALL = [(name, rules) for name, rules in changed(rules_as_written())]
TABLE: list[tuple[Facts, bool]] = [(facts, in_the_words_of_the_contract(facts)) for facts in everything()]


def holds() -> bool:
    """Whether `decide` still says what the contract says, over the whole product of its facts."""
    return all((access.decide(facts) is Reason.ALLOWED) == expected for facts, expected in TABLE)


def test_as_it_is_written_the_table_holds(monkeypatch):
    monkeypatch.setattr(access, "RULES", run(rules_as_written()))
    assert holds()


def test_there_is_something_to_change():
    assert len(ALL) >= 3 * len(access.RULES) and len({name for name, _ in ALL}) == len(ALL)


@pytest.mark.parametrize("mutant", range(len(ALL)), ids=[name[:60] for name, _ in ALL])
def test_a_changed_rule_turns_the_table_red(monkeypatch, mutant):
    monkeypatch.setattr(access, "RULES", run(ALL[mutant][1]))
    assert not holds(), ALL[mutant][0]


def test_a_decide_that_says_yes_to_everything_turns_it_red(monkeypatch):
    monkeypatch.setattr(access, "RULES", ())
    assert not holds()
