"""
what: "create_head is a class, subclass of Sequential"
lesson: 05-create-head
loses: []
"""


# %% create_head
class create_head(nn.Sequential):
    def __init__(
        self,
        nf,
        n_out,
        lin_ftrs=None,
        ps=0.5,
        pool=True,
        concat_pool=True,
        first_bn=True,
        bn_final=False,
        lin_first=False,
        y_range=None,
    ):
        hidden = [512] if lin_ftrs is None else [*lin_ftrs]
        w = [nf * 2 if pool and concat_pool else nf, *hidden]
        ps = list(ps) if isinstance(ps, list) else [ps]
        ps = [ps[0] / 2] * len(hidden) + ps if len(ps) == 1 else ps
        super().__init__()
        if pool:
            self.extend(
                [AdaptiveConcatPool2d() if concat_pool else nn.AdaptiveAvgPool2d(1), Flatten()]
            )
        if lin_first and ps[0]:
            self.append(nn.Dropout(ps[0]))
        for i, (a, b) in enumerate(zip(w, hidden)):
            self.extend(LinBnDrop(a, b, first_bn or i > 0, ps[i + lin_first], nn.ReLU(), lin_first))
        self.extend(
            [nn.Linear(w[-1], n_out)]
            if lin_first
            else LinBnDrop(w[-1], n_out, first_bn or len(hidden) > 0, ps[-1])
        )
        if bn_final:
            self.append(nn.BatchNorm1d(n_out, momentum=0.01))
        if y_range is not None:
            self.append(SigmoidRange(*y_range))
