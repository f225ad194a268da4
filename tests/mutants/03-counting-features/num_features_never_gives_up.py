"""
what: goes on for ever with a body that no size suits
endless: true
lesson: 03-counting-features
loses: [test_num_features_model_any_input, test_num_features_model_untouched]
base: like_fastai
differs: an endless loop ends one check, not the process of all
edits:
- replace: 'if size > 2048:'
  with: 'if size > 2048 and False:'
"""
