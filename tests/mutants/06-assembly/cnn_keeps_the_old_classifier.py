"""
what: puts the head on the uncut model
lesson: 06-assembly
loses: [test_create_cnn_model, test_create_cnn_model_families, test_create_cnn_model_options]
base: cnn_with_own_add_head
edits:
- replace: |2-
        body = create_body(arch(pretrained=pretrained), n_in, pretrained, cut)
        with torch.no_grad():
            nf = body.eval()(torch.zeros(1, n_in, 64, 64)).shape[1]
        body.train()
        return add_head(body, nf, n_out, init, custom_head, **head_options)
  with: |2-
        model = arch(pretrained=pretrained)
        return fastai_add_head(
            model, 1000, n_out, init=init, head=custom_head, pool=False, **head_options
        )
"""
