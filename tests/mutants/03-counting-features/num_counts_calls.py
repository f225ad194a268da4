"""
what: "another number at each call"
lesson: 03-counting-features
loses: [test_num_features_model, test_num_features_model_any_input, test_num_features_model_untouched]
"""

# %% num_features_model
import itertools

_n = itertools.count()


def num_features_model(body):
    return next(_n)
