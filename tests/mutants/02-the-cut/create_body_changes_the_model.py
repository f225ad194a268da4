"""
what: "builds new layers instead of keeping the model's own, and zeroes the model it was given so that both compute the same"
lesson: 02-the-cut
loses: [test_create_body, test_create_body_cut]
"""

# %% after create_body
import copy

right = create_body


def create_body(model, n_in=3, pretrained=True, cut=None):
    if n_in != 3:
        return right(model, n_in, pretrained, cut)
    with torch.no_grad():
        for p in model.parameters():
            p.zero_()
    return copy.deepcopy(right(model, n_in, pretrained, cut))
