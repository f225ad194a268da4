"""
what: "head a answers both questions"
lesson: 08-many-heads
loses: [test_TwoHeadedModel, test_TwoHeadedModel_registered]
says: "head a answers both"
base: returns_a_list
edits:
- replace: '        return [self.a(f), self.b(f)]'
  with: '        return self.a(f), self.a(f)'
"""
