"""
what: draws new weights before it probes, to start clean
lesson: 03-counting-features
loses: [test_num_features_model_untouched]
base: probe_in_eval
edits:
- replace: '    body.eval()'
  with: |2-
        body.eval()
        for m in body.modules():
            if isinstance(m, nn.Conv2d):
                m.reset_parameters()
"""
