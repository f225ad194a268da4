"""
what: no_grad as decorator, ExitStack, and typed
lesson: 03-counting-features
loses: []
"""


# %% num_features_model
@torch.no_grad()
def num_features_model(body: nn.Module) -> int:
    was = body.training
    body.eval()
    channels = [m for m in body.modules() if isinstance(m, nn.Conv2d)][0].in_channels
    last = None
    try:
        for size in (2**k for k in range(5, 12)):
            try:
                _, nf, *_ = body(torch.zeros((1, channels, size, size))).shape
            except Exception as error:
                last = error
            else:
                return nf
        raise last
    finally:
        body.train(was)


# %% layer_shapes
from contextlib import ExitStack, contextmanager


@contextmanager
def hooked(layer, hook):
    handle = layer.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


@torch.inference_mode()
def layer_shapes(model: nn.Module, x: torch.Tensor) -> list[tuple[str, tuple[int, ...]]]:
    rows: list = []
    with ExitStack() as stack:
        for layer in model.modules():
            if next(layer.children(), None) is None:
                stack.enter_context(
                    hooked(layer, lambda m, i, o: rows.append((m.__class__.__name__, (*o.shape,))))
                )
        model(x)
    return rows
