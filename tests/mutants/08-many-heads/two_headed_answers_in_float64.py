"""
what: both answers come in float64
lesson: 08-many-heads
loses: [test_TwoHeadedModel]
base: module_list
edits:
- replace: '        return tuple(head(shared) for head in self.heads)'
  with: '        return tuple(head(shared).double() for head in self.heads)'
"""
