"""
what: "an object of a class of its own is returned"
lesson: 08-many-heads
loses: [test_TwoHeadedModel, test_TwoHeadedModel_registered]
says: "no class of its own"
base: returns_a_list
edits:
- replace: 'class TwoHeadedModel(nn.Module):'
  with: |-
    from dataclasses import dataclass


    @dataclass
    class Out:
        a: torch.Tensor
        b: torch.Tensor


    class TwoHeadedModel(nn.Module):
- replace: '        return [self.a(f), self.b(f)]'
  with: '        return Out(self.a(f), self.b(f))'
"""
