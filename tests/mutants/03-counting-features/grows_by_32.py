"""
what: adds 32 pixels instead of doubling
lesson: 03-counting-features
loses: [test_num_features_model_any_input]
base: probe_in_eval
edits:
- replace: '            size *= 2'
  with: '            size += 32'
"""
