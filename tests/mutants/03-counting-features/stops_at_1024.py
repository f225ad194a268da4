"""
what: stops one size too early
lesson: 03-counting-features
loses: [test_num_features_model_any_input]
base: probe_in_eval
edits:
- replace: '            if size > 2048:'
  with: '            if size > 1024:'
"""
