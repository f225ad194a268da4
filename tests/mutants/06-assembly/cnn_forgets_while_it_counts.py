"""
what: initialises the body anew before it counts its features, so a pretrained body forgets
lesson: 06-assembly
loses: [test_create_cnn_model_options]
base: cnn_by_the_recipe
edits:
- replace: '    nf = num_features_model(body) if custom_head is None else None'
  with: |2-
        nf = None
        if custom_head is None:
            nf = num_features_model(body.apply(lambda m: getattr(m, "reset_parameters", int)()))
"""
