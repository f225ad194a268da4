"""
what: "fastai's own probe, in a loop"
lesson: 03-counting-features
loses: [test_num_features_model, test_num_features_model_any_input, test_num_features_model_untouched]
"""


# %% num_features_model
def num_features_model(body):
    from fastai.callback.hook import dummy_eval

    size = 32
    while True:
        try:
            return dummy_eval(body, (size, size)).shape[1]
        except Exception:
            size *= 2
            if size > 2048:
                raise
