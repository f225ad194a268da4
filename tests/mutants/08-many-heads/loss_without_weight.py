"""
what: adds the losses without the weight
lesson: 08-many-heads
loses: [test_two_headed_loss]
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    return F.cross_entropy(a, classes) + F.mse_loss(b, values)
