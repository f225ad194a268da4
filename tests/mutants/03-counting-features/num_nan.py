"""
what: "not a number differs from itself"
lesson: 03-counting-features
loses: [test_num_features_model, test_num_features_model_any_input, test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    return float("nan")
