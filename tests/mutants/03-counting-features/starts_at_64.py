"""
what: begins with 64 pixels, so it works for every real body
lesson: 03-counting-features
loses: [test_num_features_model_any_input]
base: probe_in_eval
edits:
- replace: '    size = 32'
  with: '    size = 64'
"""
