"""
what: takes freezing for eval mode as well
lesson: 07-split-freeze-train
loses: [test_freeze_body]
base: body_one_pass
edits:
- replace: 'for p in model[1].parameters():'
  with: |-
    model[0].eval()
        for p in model[1].parameters():
"""
