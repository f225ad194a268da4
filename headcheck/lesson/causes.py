"""What an error most likely means: from the words of Python and torch to those of this course.

One table, read beside the check and in the student's process alike. Between the processes only the
name of a row travels: an error's own text may hold what a hidden test asked for.
"""

from __future__ import annotations

import builtins
import linecache
import re
import traceback
from dataclasses import dataclass
from types import TracebackType

CLASS_NOT_OBJECT = "a class stands where a layer is needed: brackets make a layer of it, nn.ReLU()"


@dataclass(frozen=True)
class Cause:
    """One row: errors whose type is one of `kinds` and whose text has `said` mean `sentence`."""

    name: str
    kinds: str
    said: str
    sentence: str
    look: str | None = None  # where, when no line of the answer is known


_FIRST_LINES = "the first lines of the answer: its name, its arguments, what is indented into it"


NOTHING_RETURNED = "nothing returned"
NO_SUCH_ATTRIBUTE = "no such attribute"
NOBODY_TO_ASK, DEBUGGER = "nobody to ask", "debugger"
_WAITS = "the answer: which line of it waits for somebody?"
CAUSES = (
    Cause(
        "no super",
        "AttributeError KeyError",
        r"before Module\.__init__\(\) call|has no attribute '(training|_(modules|parameters|buffers"
        r"|non_persistent_buffers_set|(forward|backward|state_dict|load_state_dict)_(pre_)?hooks)\w*)'",
        "super().__init__() is missing: it comes first in the __init__ of every module",
    ),
    Cause(
        "no forward",
        "NotImplementedError",
        r"missing the required \"forward\"",
        "the class has no method called forward: is the name misspelled, or not indented into the "
        "class? (a ModuleList has none either)",
        _FIRST_LINES,
    ),
    Cause(
        "no __init__",
        "TypeError",
        r"\.__init__\(\) takes 1 positional argument but",
        "this __init__ takes nothing: its name is misspelled (two underscores on each side), or self or "
        "another parameter is missing in it",
        _FIRST_LINES,
    ),
    Cause(
        "no self",
        "TypeError",
        r"\.\w+\(\) takes 1 positional argument but 2 were given",
        "the first parameter of every method is self: is it missing?",
        _FIRST_LINES,
    ),
    Cause(
        "no self at all",
        "NameError",
        r"name 'self' is not defined",
        "the first parameter of every method is self: is it missing?",
    ),
    Cause(
        "list of layers",
        "TypeError",
        r"^(list|tuple|.*genexpr>|Module\.(named_)?(children|modules)) is not a Module subclass",
        "a whole list stands where one layer is needed: a star unpacks it, nn.Sequential(*layers)",
    ),
    Cause(
        "class of a layer",
        "TypeError",
        r"^[\w.]+\.[A-Z]\w* is not a Module subclass|must be Tensor, not (type|[A-Z][A-Za-z]*\d?d?)$"
        r"|^expected Tensor as element \d+ in argument 0, but got (?!NoneType)[A-Z]"
        r"|unsupported operand type.*'(ReLU|Flatten|Sigmoid|Dropout|Linear|BatchNorm\dd)'",
        CLASS_NOT_OBJECT,
    ),
    Cause(
        "no layer",
        "TypeError",
        r"is not a Module subclass",
        "something that is no layer stands among the layers: a function needs a module around it",
    ),
    Cause(
        "None for a layer",
        "TypeError",
        r"'NoneType' object is not callable",
        "None stands where a layer or a function should be: an option that was not given, such as act",
    ),
    Cause(
        "list called",
        "TypeError",
        r"^'(list|tuple)' object is not callable",
        "a list of layers cannot be called: nn.Sequential(*layers) can",
    ),
    Cause(
        "generator",
        "TypeError",
        r"'generator' object is not subscriptable|object of type 'generator' has no len",
        "children() and modules() have no length and no index: put list(...) around them",
    ),
    Cause(
        "module without index",
        "TypeError",
        r"'[A-Z]\w*' object is not subscriptable",
        "only a Sequential, a list or a tuple has [...]: list(model.children()) makes a list",
    ),
    Cause(
        "GPU",
        "RuntimeError AssertionError AcceleratorError",
        r"NVIDIA|CUDA|cuda|not linked with support for mps|XPU|No HIP GPUs",
        "the answer asks for a GPU (.cuda(), .to('cuda')): none is here while checking, and whoever "
        "uses the model decides where it runs",
    ),
    Cause(
        "meta",
        "NotImplementedError RuntimeError",
        r"meta tensor|on device meta",
        "a tensor on the meta device has a shape and no numbers: nothing can be read from it",
    ),
    Cause(
        "whole numbers",
        "NotImplementedError RuntimeError",
        r"(softmax|mse|nll_loss|smooth_l1|huber|sigmoid|cross_entropy)\w*\" not implemented for "
        r"'(Long|Int|Byte|Bool|Short|Char)'|expected target dtype|Expected floating point type for target"
        r"|expected scalar type Long but found|could not infer output dtype",
        "whole numbers stand where decimal ones belong, or the reverse: are the two arguments swapped? "
        "Predictions first, then targets",
    ),
    Cause(
        "loss object",
        "RuntimeError",
        r"Boolean value of Tensor with more than one value is ambiguous",
        "a whole tensor was asked for yes or no. nn.MSELoss(a, b) makes a loss of these settings and "
        "compares nothing: nn.MSELoss()(a, b), or F.mse_loss(a, b)",
    ),
    Cause(
        "range not unpacked",
        "TypeError AttributeError",
        r"'SigmoidRange' object has no attribute 'high'|SigmoidRange.*missing 1 required positional argument"
        r"|unsupported operand type\(s\) for [-*+]: '(NoneType|Tensor)' and '(tuple|list)'"
        r"|unsupported operand type\(s\) for -: '(tuple|list)'",
        "a pair stands where one number is needed: a star unpacks it, SigmoidRange(*y_range)",
    ),
    Cause(
        "tensors in a list",
        "TypeError",
        r"^(cat|concat|stack)\(\):? (takes from|received an invalid|argument 'tensors')",
        "the tensors come in one list: torch.cat([a, b], dim=1)",
    ),
    Cause(
        "one at a time",
        "TypeError",
        r"\bappend\(\) takes (2|exactly one)\b",
        "append takes one thing at a time: call it again for the next",
    ),
    Cause(
        "without input",
        "TypeError",
        r"\bforward\(\) missing \d+ required positional",
        "a layer or model was called without its input: it is built already, and needs no () to be handed on",
        _FIRST_LINES,
    ),
    Cause(
        "more than its input",
        "TypeError",
        r"\bforward\(\) takes \d+ positional arguments but",
        "a layer or model was called with more than its input: does one that is built already stand where a "
        "function or a class is asked for?",
        _FIRST_LINES,
    ),
    Cause(
        "inner function",
        "TypeError",
        r"<locals>.*\(\) (takes|missing) ",
        "a function inside the answer is called with more or fewer arguments than its first line has (a "
        "forward hook gets three: the layer, its inputs, its output)",
    ),
    Cause(
        "too few arguments",
        "TypeError",
        r"missing \d+ required (positional|keyword-only) argument",
        "called with fewer arguments than its definition asks for: is it a function where a class is "
        "asked for, or is a default missing?",
        _FIRST_LINES,
    ),
    Cause(
        "too many arguments",
        "TypeError",
        r"positional arguments? but \d+ (was|were) given|got an unexpected keyword argument",
        "called with arguments that its definition does not have: the exercise's own first line stays as "
        "it was; what a library's function takes, help(...) tells",
        _FIRST_LINES,
    ),
    Cause(
        "nothing to unpack",
        "TypeError",
        r"after \* must be an iterable, not NoneType|cannot unpack non-iterable NoneType"
        r"|'NoneType' object is not (iterable|subscriptable)|object of type 'NoneType' has no len"
        r"|can only concatenate (list|tuple) \(not \"NoneType\"\)",
        "None stands where a list or a pair is needed: an option that was not given",
    ),
    Cause(
        "number for a list",
        "TypeError",
        r"^'(int|float)' object is not (iterable|subscriptable)|object of type '(int|float)' has no len",
        "one number stands where a list is needed: an option that may be one or the other, perhaps",
    ),
    Cause(
        "batch flattened",
        "ValueError RuntimeError",
        r"\(got 1D input\)",
        "the batch was flattened too: Flatten keeps the first dimension, nn.Flatten(1)",
    ),
    Cause(
        "not flat",
        "ValueError",
        r"expected 2D or 3D input \(got 4D",
        "BatchNorm1d wants (batch, features): between the pool and it a Flatten is missing",
    ),
    Cause(
        "too flat",
        "ValueError",
        r"expected 4D input \(got 2D",
        "BatchNorm2d is for feature maps: flat features, (batch, features), need BatchNorm1d",
    ),
    Cause(
        "flat before the pool",
        "RuntimeError",
        r"adaptive_\w+pool2d\w*\(\): Expected 3D or 4D",
        "there is nothing left to pool: Flatten stands before the pool, and belongs after it",
    ),
    Cause(
        "window too large",
        "RuntimeError",
        r"Output size is too small",
        "the window of this pool has a fixed size: an adaptive pool takes maps of any size",
    ),
    Cause(
        "one value per channel",
        "ValueError",
        r"more than 1 value per channel",
        "BatchNorm in train mode cannot work on a single value per feature",
    ),
    Cause(
        "fixed size",
        "RuntimeError",
        r"shape '.*' is invalid for input of size",
        "view or reshape has a number in it that fits one size only: x.flatten(1) fits all",
    ),
    Cause(
        "lazy",
        "RuntimeError ValueError",
        r"uninitialized parameter|LazyModule",
        "a lazy layer has no weights before its first run: give the width, nn.Linear(n_in, n_out)",
    ),
    Cause(
        "inference mode",
        "RuntimeError",
        r"[Ii]nference tensor|InferenceMode",
        "what is made under torch.inference_mode() can never be trained: make the model outside of it",
    ),
    Cause(
        "compiled",
        "RuntimeError TypeError InternalTorchDynamoError BackendCompilerFailed Unsupported",
        r"Cannot access data pointer|torch\.compile|dynamo|inductor|FakeTensor",
        "a compiled model cannot be looked into: return the model itself, without torch.compile",
    ),
    Cause(
        "scripted",
        "RuntimeError NotSupportedError FrontendError UnsupportedNodeError",
        # (It points at the line of Python that it does not understand.)
        r"torch\.jit|TorchScript|torchscript|<--- HERE|\(most recent call last\):\n  File|"
        r"class: __torch__|aren't supported|not supported yet:\n|Inferred '\w+' to be of type",
        "TorchScript understands a part of Python only: return the model itself, without torch.jit",
    ),
    Cause(
        "nothing to train",
        "ValueError",
        r"optimizer got an empty parameter list",
        "there is nothing to train: layers in a plain Python list are not registered",
    ),
    Cause(
        "no gradient",
        "RuntimeError",
        r"does not require grad and does not have a grad_fn",
        "detach(), .item(), .data or torch.no_grad() cuts the way back to the weights",
    ),
    Cause(
        "float for a count",
        "TypeError",
        r"'float' object cannot be interpreted as an integer|must be integers or slices, not float"
        r"|must be tuple of ints,but got float",
        "a count is a whole number: // divides without leaving a decimal one",
    ),
    Cause(
        "not a probability",
        "TypeError ValueError",
        r"dropout probability has to be between|not supported between instances of 'list' and 'int'",
        "p of a Dropout is one number from 0 to 1",
    ),
    Cause(
        "name",
        "NameError",
        r"name '\w+' is not defined",
        "a name that nothing here defines: misspelled, or from a cell that was not run or is gone",
    ),
    Cause(
        "before it has a value",
        "UnboundLocalError",
        r"",
        "a name is used before this function gives it a value, on one of its ways",
    ),
    Cause(
        "recursion",
        "RecursionError",
        r"",
        "a function that calls itself needs a case in which it does not",
    ),
    Cause(
        NOBODY_TO_ASK,
        "StdinNotImplementedError EOFError",
        r"^raw_input|^EOF when reading a line$",
        "input() or a debugger asks a person, and none is there: an answer gets all it "
        "needs as arguments",
        _WAITS,
    ),
    Cause(
        DEBUGGER,
        "BdbQuit",
        r"",
        "a debugger (breakpoint(), pdb.set_trace()) asks a person, and none is there: take it out when "
        "you have seen enough",
        _WAITS,
    ),
    Cause(
        "unhashable",
        "TypeError",
        r"unhashable type|cannot use '\w+' as a (set element|dict key)",
        "a list stands where only what never changes can: as a key of a dict, in a set, or as an argument "
        "of a function under functools.cache",
    ),
    Cause(
        "append gives nothing",
        "AttributeError",
        r"^'NoneType' object has no attribute '(append|extend|insert)'",
        "append changes a list and gives back None: it stands alone, layers.append(x), not layers = "
        "layers.append(x)",
    ),
    Cause(
        "None has nothing",
        "AttributeError",
        r"^'NoneType' object has no attribute",
        "None stands where something else should be: an option that was not given, the bias of a layer "
        "without one, or what a function without return gave",
    ),
    Cause(
        "function not called",
        "AttributeError",
        r"^'(function|type|method|builtin_function_or_method)' object has no attribute",
        "a function stands where what it gives is needed: brackets call it, arch(...)",
    ),
    Cause(
        "weights in place",
        "RuntimeError",
        r"leaf Variable that requires grad",
        "weights are changed in place under torch.no_grad(), or by nn.init, which does so",
    ),
    Cause(
        "no network",
        "URLError gaierror",
        r"",
        "nothing can be downloaded where answers are checked: weights=None, pretrained=False",
    ),
    Cause(
        "list for a model",
        "AttributeError",
        r"^'(list|tuple|generator)' object has no attribute "
        r"'((named_)?(children|modules|parameters)|eval|train|requires_grad_?)'",
        "a list has nothing of what its entries have: go through them, or make a module of a list of layers, "
        "nn.Sequential(*layers)",
    ),
    Cause(
        NO_SUCH_ATTRIBUTE,
        "AttributeError",
        r"^('[\w.]+' object|module '[\w.]+'|type object '\w+') has no attribute '\w+'",
        "what stands before the dot has no such name: misspelled, another kind of object, or a self.… that "
        "__init__ (two underscores on each side) has not set",
    ),
    Cause(NOTHING_RETURNED, "", "", "None came from the answer: is a return missing?"),
    Cause(
        "name of Python's",
        "",
        "",
        "a name of Python's own (list, sum, len, ...) means something else here: use another name where it "
        "was given away, then Kernel > Restart, and run all cells",
        "cells of your own: which one says list = ... or sum = ...?",
    ),
    Cause(
        "not installed",
        "ModuleNotFoundError",
        r"",
        "a library that is not installed where answers are checked",
    ),
)
_BY_NAME = {cause.name: cause for cause in CAUSES}


def cause_of(kind: str, text: str, trace: TracebackType | None = None) -> Cause | None:
    """The first row that fits an error, given the name of its type, its text, and where it was raised."""
    if kind == "TypeError" and text.endswith("object is not callable") and _of_pythons_own(trace):
        return _BY_NAME["name of Python's"]
    for cause in CAUSES:
        if kind in cause.kinds.split() and re.search(cause.said, text):
            return cause
    return None


def _of_pythons_own(trace: TracebackType | None) -> bool:
    """Whether what was called has a name that Python itself has for something, and was bound anew.

    A guess only: where the line cannot be read, by whatever its module does instead of showing it, no.
    """
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    try:
        called = _called(trace)
    except Exception:
        return False
    frame = trace.tb_frame
    return called in {*frame.f_globals, *frame.f_locals} and hasattr(builtins, called)


def _called(trace: TracebackType) -> str:
    """The name in front of the bracket at which an error was raised; "" where none is."""
    place = traceback.extract_tb(trace, limit=1)[0]
    line = linecache.getline(place.filename, place.lineno or 0).encode()
    called = re.match(rb"(\w+)\s*\(", line[place.colno or 0 :])
    return called[1].decode() if called else ""


def row_of(name: object) -> Cause | None:
    """The row of this name, or None when there is no such row."""
    return _BY_NAME.get(name) if type(name) is str else None


def sentence_of(name: str | None) -> str | None:
    """The sentence of a row, or None when there is no such row."""
    row = row_of(name)
    return row.sentence if row else None
