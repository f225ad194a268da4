"""
what: "a decorated function, autocast off"
lesson: 08-many-heads
loses: []
"""


# %% two_headed_loss
@torch.enable_grad()
@torch.autocast("cpu", enabled=False)
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (c, v) = map(tuple, (outputs, targets))
    loss = sum(
        w * l
        for w, l in [
            (weight, F.nll_loss(F.log_softmax(a, -1), c)),
            (1 - weight, (b - v).pow(2).mean()),
        ]
    )
    print(loss.item())
    return loss
