"""
what: only a RuntimeError makes it try the next size
lesson: 03-counting-features
loses: [test_num_features_model_any_input]
base: probe_in_eval
edits:
- replace: '        except Exception:'
  with: '        except RuntimeError:'
"""
