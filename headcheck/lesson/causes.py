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
NUMBER_BEFORE_DOT = "number before the dot"
WIDTHS = "widths"
NOBODY_TO_ASK, DEBUGGER = "nobody to ask", "debugger"
_WAITS = "the answer: which line of it waits for somebody?"
CAUSES = (
    Cause(
        "no super",
        "AttributeError KeyError",
        r"before Module\.__init__\(\) call|has no attribute '(training|_(modules|parameters|buffers"
        r"|non_persistent_buffers_set|(forward|backward|state_dict|load_state_dict)_(pre_)?hooks)\w*)'",
        "super().__init__() is missing: it comes first in the __init__ of every module",
        "the first line in __init__",
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
        r"^(list|.*genexpr>|Module\.(named_)?(children|modules)) is not a Module subclass",
        "a whole list stands where one layer is needed: a star unpacks it, nn.Sequential(*layers)",
    ),
    Cause(
        "pair among the layers",
        "TypeError",
        r"^tuple is not a Module subclass",
        "a pair or a tuple stands among the layers: named_children() gives pairs of name and layer, children() "
        "the layers alone; a star unpacks a tuple of layers",
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
        "value called",
        "TypeError",
        r"^'(int|float|str|bool|dict|set|Tensor|torch\.Size)' object is not callable",
        "brackets () stand behind something that is no function: x.shape and model.training are read without "
        "them, and a product is written with *",
    ),
    Cause(
        "no brackets behind with",
        "TypeError AttributeError",
        r"^'type' object does not support the context manager protocol",
        "what stands behind with needs its brackets: with torch.no_grad():",
    ),
    Cause(
        "layer for a list",
        "TypeError",
        r"^'(?!NoneType)[A-Z]\w*' object is not (iterable|reversible)"
        r"|after \* must be an iterable, not (?!NoneType)[A-Z]",
        "one layer or model stands where a list is needed: [layer] is a list of one, model.children() gives "
        "the parts of a model",
    ),
    Cause(
        "generator",
        "TypeError",
        r"'(generator|enumerate|zip|map|filter)' object is not (subscriptable|reversible)"
        r"|object of type '(generator|enumerate|zip|map|filter)' has no len",
        "children(), modules(), enumerate(...) and zip(...) have no length, no index and no end to begin at: "
        "put list(...) around them",
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
        "no class numbers",
        "RuntimeError",
        r"D target tensor expected, multi-target not supported",
        "cross entropy compares scores (N, classes) with class numbers (N,): another tensor stands in the "
        "place of the numbers",
    ),
    Cause(
        "another type of number",
        "RuntimeError",
        r"^Input type \(.*\) and (bias|weight) type|must have the same dtype|expected scalar type Float but",
        "the numbers that go in are of another type than the weights: .float() makes decimal ones of whole ones",
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
        "pair for a tensor",
        "TypeError",
        r"must be Tensor, not (tuple|list)",
        "a pair stands where one tensor is needed: take it apart first, a, b = pair",
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
        "called with fewer arguments than its first line asks for: one is missing between the brackets, a "
        "default in the first line, or a function stands where a class is asked for",
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
        r"^'(int|float)' object is not (iterable|subscriptable)|object of type '(int|float)' has no len"
        r"|after \* must be an iterable, not (int|float)",
        "one number stands where a list is needed: an option that may be one or the other, perhaps",
    ),
    Cause(
        "list for a width",
        "TypeError",
        r"must be tuple of ints, but found element of type (list|tuple)",
        "a list stands where one number is needed: a star puts its entries there one by one, [first, *widths, "
        "last]",
    ),
    Cause(
        "None in arithmetic",
        "TypeError",
        r"^unsupported operand type\(s\) for .*'NoneType'",
        "None stands where a number is needed: an option that was not given, what a function without return "
        "gave, or an argument in the place of another",
    ),
    Cause(
        "unlike things added",
        "TypeError",
        r"^unsupported operand type\(s\) for \+=?: '(int|float|list|tuple|str|dict)' and "
        r"'(int|float|list|tuple|str|dict)'|^can only concatenate (list|tuple|str) \(not",
        "+ joins a list to a list or adds a number to a number, and these two are of different kinds (sum(...) "
        "begins with the number 0); or an argument stands in the place of another",
    ),
    Cause(
        "several in a list",
        "TypeError",
        r"^isinstance\(\) arg 2 must be|^(starts|ends)with first arg must be",
        "several go there as a tuple, in round brackets: isinstance(x, (A, B)), name.endswith((a, b)); isinstance "
        "takes classes and no names of classes",
    ),
    Cause(
        "weight assigned",
        "TypeError",
        r"^cannot assign '.*' as parameter",
        "a weight stays an nn.Parameter: layer.weight = nn.Parameter(numbers), or change the numbers in it, as "
        "nn.init.zeros_(layer.bias) does",
    ),
    Cause(
        "beyond the end",
        "IndexError",
        r"index out of range|^index -?\d+ is out of (range|bounds)",
        "an entry is asked for that is not there: counted from 0, the last of n has the index n - 1",
    ),
    Cause(
        "found nothing",
        "StopIteration",
        r"",
        "next(...) has found nothing, and was not told what to give then",
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
        "no batch",
        "ValueError",
        r"expected 4D input \(got 3D",
        "the batch is missing: (batch, channels, height, width)",
    ),
    Cause(
        "map too small",
        "RuntimeError",
        r"Kernel size can't be greater than actual input size",
        "the map is smaller than the window of this layer: a larger picture fits, or padding around it",
    ),
    Cause(
        WIDTHS,
        "RuntimeError",
        r"^running_mean should contain|^mat1 and mat2 shapes cannot be multiplied|to have \d+ channels, but got",
        "a layer is made for another number of features than come to it: what comes, and from which layer?",
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
        "detach(), .item(), .data or torch.no_grad() cuts the way back to the weights, or all of them are "
        "frozen",
    ),
    Cause(
        "float for a count",
        "TypeError",
        r"'float' object cannot be interpreted as an integer|must be integers or slices, not float"
        r"|must be tuple of ints,but got float",
        "a count is a whole number: // divides without leaving a decimal one",
    ),
    Cause(
        "no index",
        "TypeError",
        r"indices must be integers",
        "an index, or a slice [:n], takes a whole number, and something else stands there",
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
        "a name that nothing here defines: misspelled, from a cell that was not run or is gone, or of another "
        "function (in a class, self.… keeps it for the other methods)",
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
        "exit",
        "SystemExit",
        r"",
        "exit() ends everything: an answer gives its result back with return",
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
        "AttributeError TypeError",
        r"^'(function|type|method|builtin_function_or_method)' object (has no attribute|is not iterable)"
        r"|^'(function|method|builtin_function_or_method)' object is not subscriptable"
        r"|^object of type '(function|method|builtin_function_or_method)' has no len"
        r"|^cannot unpack non-iterable (function|method|builtin_function_or_method) object",
        "a function stands where what it gives is needed: brackets call it, arch(...), model.children()",
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
        r"'((named_)?(children|modules|parameters)|eval|train|requires_grad_?|state_dict|forward|weight|bias"
        r"|(in|out)_(channels|features)|shape|size|dim|flatten)'",
        "a list or a pair has nothing of what its entries have: go through them, or take one, layers[0]; "
        "nn.Sequential(*layers) makes a module of a list of layers",
    ),
    Cause(
        NUMBER_BEFORE_DOT,
        "AttributeError",
        r"^'(int|float|bool)' object has no attribute",
        "a number stands before the dot, where something else should be: are two arguments, or the two of a "
        "pair, in each other's place?",
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
