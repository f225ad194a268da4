"""What a lesson must not do in its check cells, seen from the text: each would harm a student.

Every function gives (line of the cell, sentence). See docs/authoring.md, "Refused at build".
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

Refusal = tuple[int, str]

MARKERS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
OTHERS = ("BEGIN MARK SCHEME", "END MARK SCHEME")  # nbgrader's own, allowed
_EDGE_WORDS = re.compile(r"\b(BEGIN|START|END|STOP)", re.IGNORECASE)


def near_markers(source: str) -> Iterator[Refusal]:
    """Comments that look like a marker and are none: nbgrader would leave all they enclose in."""
    for number, line in enumerate(source.splitlines(), 1):
        comment = re.search(r"#+(?!.*#)(.*)", line)
        if comment is None or any(marker in line for marker in (*MARKERS, *OTHERS)):
            continue
        words = " ".join(re.findall(r"[A-Za-z]+", comment[1])).upper()
        turned = re.sub(r"^(.*) (BEGIN|START|END|STOP)S?$", r"\2 \1", words)
        for form in (words, turned):
            form = re.sub(r"^START\b", "BEGIN", re.sub(r"^STOP\b", "END", form))
            near = difflib.get_close_matches(form, MARKERS, n=1, cutoff=0.82)
            if near:
                yield (
                    number,
                    f"`{line.strip()[:50]}` is no marker, and students would get what stands there; "
                    f"write `### {near[0]}`",
                )
                break


def hidden_outside(source: str, tree: ast.Module, region: Collection[int]) -> Iterator[Refusal]:
    """`with hidden(...)` where students see it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and node.lineno not in region:
            for item in node.items:
                call = item.context_expr
                if isinstance(call, ast.Call) and getattr(call.func, "id", None) == "hidden":
                    yield (
                        node.lineno,
                        "hidden(...) stands outside of ### BEGIN HIDDEN TESTS, so students get the "
                        "hidden test; put the markers around it",
                    )


# ---- words that could hold a value ---------------------------------------------------------------


def spoken_values(
    tree: ast.Module, region: Collection[int], setups: Sequence[ast.Module]
) -> Iterator[Refusal]:
    """Words of `hidden`, `cause`, `look`, `mistakes` in a hidden region that are not written out.

    Students read them. A word that comes from a literal (a key of a dictionary that is written
    there, say) is written out.
    """
    words = _Words([*setups, tree])
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or node.lineno not in region:
            continue
        told: list[tuple[str, ast.expr]] = [
            (word.arg, word.value) for word in node.keywords if word.arg in ("cause", "look")
        ]
        if getattr(node.func, "id", None) == "hidden":
            told += [("hidden", argument) for argument in node.args[:1]]
        for word in node.keywords:
            if word.arg == "mistakes":
                told += [("mistakes", value) for value in _sentences(word.value)]
        for name, value in told:
            if not words.are_literal(value):
                yield (
                    value.lineno,
                    f"`{name}` is shown to the student, and `{ast.unparse(value)[:60]}` could say a "
                    "hidden value; write the words out",
                )


def _sentences(mistakes: ast.expr) -> list[ast.expr]:
    if isinstance(mistakes, ast.Dict):
        return list(mistakes.values)
    if isinstance(mistakes, ast.List | ast.Tuple):
        return [
            pair.elts[-1] for pair in mistakes.elts if isinstance(pair, ast.Tuple) and pair.elts
        ]
    return []


class _Words:
    """Which names stand for words that are written out, wherever they are bound."""

    def __init__(self, trees: Sequence[ast.Module]) -> None:
        self.values: dict[str, list[ast.expr | None]] = {}
        self._asked: set[str] = set()
        for tree in trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.Assign):
                    for target in node.targets:
                        self._bind(target, node.value)
                elif isinstance(node, ast.For | ast.comprehension):
                    self._bind_each(node.target, node.iter)
                elif isinstance(node, ast.arg):
                    self.values.setdefault(node.arg, []).append(None)

    def _bind(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            self.values.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Tuple | ast.List):
            parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
            for number, part in enumerate(target.elts):
                same = len(parts) == len(target.elts)
                self._bind(part, parts[number] if same else None)

    def _bind_each(self, target: ast.expr, things: ast.expr) -> None:
        if (
            isinstance(things, ast.Call)
            and isinstance(things.func, ast.Attribute)
            and things.func.attr == "items"
            and isinstance(target, ast.Tuple)
            and len(target.elts) == 2
        ):
            for found in self._literals(things.func.value):
                for key in found.keys if isinstance(found, ast.Dict) else [None]:
                    self._bind(target.elts[0], key)
            self._bind(target.elts[1], None)
            return
        for found in self._literals(things):
            items = found.keys if isinstance(found, ast.Dict) else getattr(found, "elts", [None])
            for item in items:
                self._bind(target, item)

    def _literals(self, node: ast.expr) -> Sequence[ast.expr | None]:
        if isinstance(node, ast.Name):
            return self.values.get(node.id, [None])
        return [node]

    def are_literal(self, node: ast.expr | None) -> bool:
        match node:
            case None:
                return False
            case ast.Constant(value=value):
                return value is None or isinstance(value, str)
            case ast.IfExp(body=body, orelse=orelse):
                return self.are_literal(body) and self.are_literal(orelse)
            case ast.BoolOp(values=values):
                return all(map(self.are_literal, values))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.are_literal(left) and self.are_literal(right)
            case ast.JoinedStr(values=values):
                return all(map(self.are_literal, values))
            case ast.FormattedValue(value=value):
                return self.are_literal(value)
            case ast.Name(id=name):
                if name in self._asked or name not in self.values:
                    return False
                self._asked.add(name)
                try:
                    return all(map(self.are_literal, self.values[name]))
                finally:
                    self._asked.discard(name)
        return False


# ---- what cannot cross to the student's process --------------------------------------------------

_HANDS_ON = {"expect_error", "call_each", "partial", "seeded", "map"}


def uncrossable(tree: ast.Module, answers: Collection[str]) -> Iterator[Refusal]:
    """A lambda, or a function or class of this cell, that is handed to an answer."""
    local = {
        node.name: "class" if isinstance(node, ast.ClassDef) else "function"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    theirs = set(answers)
    for node in ast.walk(tree):  # what an answer made, and what holds a thing of this cell
        if isinstance(node, ast.Assign):
            names = [t.id for t in node.targets if isinstance(t, ast.Name)]
            if isinstance(node.value, ast.Call) and _root(node.value.func) in theirs:
                theirs.update(names)
            elif (kind := _holds(node.value, local)) is not None:
                local.update(dict.fromkeys(names, kind))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        handed = [*node.args, *(word.value for word in node.keywords)]
        function = node.func
        if isinstance(function, ast.Call):  # seeded(answer, 1)(...)
            is_asked = any(_root(a) in theirs for a in function.args)
        else:
            is_asked = _root(function) in theirs or (
                _root(function) in _HANDS_ON and any(_root(a) in theirs for a in node.args[:1])
            )
        if not is_asked:
            continue
        for thing in handed:
            kind = _holds(thing, local)
            if kind is not None:
                yield (
                    thing.lineno,
                    f"hands a {kind} of this check cell to {_asked(node, theirs)}, and it cannot cross "
                    "to the student's process; define it in a setup cell",
                )
                break


def _asked(call: ast.Call, theirs: Collection[str]) -> str:
    names = [n.id for n in ast.walk(call) if isinstance(n, ast.Name) and n.id in theirs]
    return names[0] if names else "the answer"


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _holds(value: ast.expr, local: Mapping[str, str]) -> str | None:
    """'lambda', 'function' or 'class' when the value is or holds one; what calling one gives is fine."""
    match value:
        case ast.Lambda():
            return "lambda"
        case ast.Name(id=name):
            return local.get(name)
        case ast.Call(func=function, args=args, keywords=keywords):
            made = local.get(_root(function) or "")
            if made == "class":
                return "class"  # an object of it
            if made is not None:
                return None
            # A container or a layer that holds it; any other call has used it up.
            if _root(function) not in {"nn", "torch", "list", "tuple", "dict", "partial"}:
                return None
            inside = [*args, *(word.value for word in keywords)]
        case ast.Tuple(elts=elts) | ast.List(elts=elts) | ast.Set(elts=elts):
            inside = list(elts)
        case ast.Dict(values=values):
            inside = list(values)
        case ast.Starred(value=inner):
            inside = [inner]
        case _:
            return None
    return next((kind for each in inside if (kind := _holds(each, local)) is not None), None)


# ---- chance that nobody can repeat ---------------------------------------------------------------

# Each draws from the clock or the system: the seed of a grading does not bring it back.
_ALWAYS = {
    "random.SystemRandom": "draw(...)",
    "os.urandom": "draw(...)",
    "uuid.uuid1": "draw(...)",
    "uuid.uuid4": "draw(...)",
    "torch.seed": "torch.manual_seed(...)",
    "torch.random.seed": "torch.manual_seed(...)",
}
_UNSEEDED = {
    "random.Random": "draw(...)",
    "random.seed": "draw(...)",
    "np.random.default_rng": "np.random.default_rng(rng.randrange(2**32))",
    "np.random.RandomState": "np.random.default_rng(rng.randrange(2**32))",
    "np.random.seed": "np.random.seed(...)",
    "default_rng": "np.random.default_rng(rng.randrange(2**32))",
}


def unseeded(tree: ast.Module, setups: Sequence[ast.Module]) -> Iterator[Refusal]:
    """Randomness that does not follow from the seed of the grading: no verdict could be repeated."""
    full = {name: found for each in (*setups, tree) for name, found in _imported(each).items()}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _dotted(node.func, full)
        instead = _ALWAYS.get(name)
        if instead is None and name.startswith("secrets."):
            instead = "draw(...)"
        if instead is None and not node.args and not node.keywords:
            instead = _UNSEEDED.get(name)
        if instead is None and name.endswith(".seed") and isinstance(node.func, ast.Attribute):
            made = node.func.value
            if isinstance(made, ast.Call) and _dotted(made.func, full) == "torch.Generator":
                instead = "torch.Generator().manual_seed(...)"
        if instead is not None:
            yield (
                node.lineno,
                f"`{ast.unparse(node)[:50]}` draws what no seed brings back, so no verdict could be "
                f"repeated; use {instead}",
            )


def replacing(
    tree: ast.Module, binds: Collection[str], setups: Sequence[ast.Module]
) -> Iterator[Refusal]:
    """Functions, classes and modules of setup cells that a check, which binds these names, takes away from
    all cells after it. (What else a setup cell binds, a check may go on with.)"""
    theirs = {
        name
        for setup in setups
        for node in setup.body  # what it assigns stands deeper
        for name in _defined(node)
    }
    for name in sorted(theirs & set(binds)):
        nodes = (n for n in ast.walk(tree) if isinstance(n, ast.stmt | ast.expr))
        yield (
            min((node.lineno for node in nodes if name in _defined(node)), default=1),
            f"binds {name}, which a setup cell has defined: every cell after it would get the check's; "
            "call it something else",
        )


def _defined(node: ast.AST) -> set[str]:
    """The names that this very node binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()


def _imported(tree: ast.Module) -> dict[str, str]:
    found = {"numpy": "np"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known = "np" if alias.name == "numpy" else alias.name
                found[alias.asname or alias.name] = known
        elif isinstance(node, ast.ImportFrom) and node.module:
            module = (
                "np" + node.module.removeprefix("numpy")
                if node.module.startswith("numpy")
                else node.module
            )
            for alias in node.names:
                found[alias.asname or alias.name] = f"{module}.{alias.name}"
    return found


def _dotted(node: ast.expr, full: Mapping[str, str]) -> str:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(full.get(node.id, node.id))
    return ".".join(reversed(parts))
