"""
what: "a new object each time"
lesson: 03-counting-features
loses: [test_num_features_model, test_num_features_model_any_input, test_num_features_model_untouched]
"""


# %% num_features_model
class N:
    pass


def num_features_model(body):
    return N()
