"""
what: always cuts the first model it was ever given
lesson: 02-the-cut
loses: [test_create_body, test_create_body_cut, test_create_body_n_in]
base: create_body_bias_copied_deepcopy
edits:
- replace: import copy
- replace: '    model = copy.deepcopy(model)'
- replace: '    if cut is None:'
  with: |2-
        model = create_body.first.setdefault(type(model), model)
        if cut is None:
- replace: |2-


    def adapt_first_conv(model, n_in, pretrained):
  with: |2-


    create_body.first = {}


    def adapt_first_conv(model, n_in, pretrained):
"""
