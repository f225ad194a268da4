"""
what: "a generator of sizes, itertools"
lesson: 03-counting-features
loses: []
"""

# %% num_features_model
import itertools


def sizes():
    yield from itertools.takewhile(lambda s: s <= 2048, (32 * 2**i for i in itertools.count()))


def num_features_model(body):
    was_training = body.training
    body.eval()
    try:
        ch = next(m for m in body.modules() if isinstance(m, nn.Conv2d)).in_channels
        errors = []
        for s in sizes():
            try:
                with torch.inference_mode():
                    return body(torch.empty(1, ch, s, s).zero_()).shape[-3]
            except Exception as e:
                errors += [e]
        raise ExceptionGroup("every size fails", errors)
    finally:
        body.train(was_training)
