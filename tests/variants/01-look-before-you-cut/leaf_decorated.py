"""
what: "a decorator of the student's that prints the time, and a try around"
lesson: 01-look-before-you-cut
loses: []
"""

# %% before leaf_layers
import time
from functools import wraps


def timed(f):
    @wraps(f)
    def g(*args, **kwargs):
        start = time.perf_counter()
        try:
            return f(*args, **kwargs)
        finally:
            print(f"{f.__name__}: {time.perf_counter() - start:.3f} s")

    return g


# %% leaf_layers
@timed
def leaf_layers(model: nn.Module) -> list[nn.Module]:
    try:
        return [
            m
            for _, m in model.named_modules(remove_duplicate=False)
            if not any(True for _ in m.children())
        ]
    except Exception as error:
        print("?", error)
        raise
