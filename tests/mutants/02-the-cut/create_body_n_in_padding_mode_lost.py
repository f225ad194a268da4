"""
what: the new convolution pads with zeros whatever the old one did
lesson: 02-the-cut
loses: [test_create_body_n_in]
base: create_body_bias_copied_deepcopy
edits:
- replace: import copy
- replace: '    model = copy.deepcopy(model)'
- replace: '        padding_mode=old.padding_mode,'
"""
