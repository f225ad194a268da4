"""
what: "one_hot without the number of classes: wrong where no picture has the last class"
lesson: 08-many-heads
loses: [test_two_headed_loss]
"""


# %% two_headed_loss
def two_headed_loss(outputs, targets, weight=0.5):
    (a, b), (classes, values) = outputs, targets
    hot = F.one_hot(classes)
    return weight * -(hot * a.log_softmax(1)).sum(1).mean() + (1 - weight) * F.mse_loss(b, values)
