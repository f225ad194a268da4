"""
what: "a generator of layers, match"
lesson: 05-create-head
loses: []
"""


# %% create_head
def create_head(
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
    def schichten():
        match (pool, concat_pool):
            case (True, True):
                yield AdaptiveConcatPool2d()
                yield Flatten()
            case (True, _):
                yield nn.AdaptiveAvgPool2d(1)
                yield Flatten()
        breiten = [
            nf << int(pool and concat_pool),
            *([512] if lin_ftrs is None else lin_ftrs),
            n_out,
        ]
        match ps:
            case [eins]:
                p = [eins / 2] * (len(breiten) - 2) + [eins]
            case [*viele]:
                p = viele
            case zahl:
                p = [zahl / 2] * (len(breiten) - 2) + [zahl]
        if lin_first and p[0]:
            yield nn.Dropout(p[0])
        for i, (a, b) in enumerate(zip(breiten, breiten[1:])):
            last = i == len(breiten) - 2
            bn = first_bn or i > 0
            act = [] if last else [nn.ReLU()]
            if lin_first:
                if last:
                    yield nn.Linear(a, b)
                else:
                    yield from LinBnDrop(a, b, bn, p[i + 1], *act, lin_first=True)
            else:
                yield from LinBnDrop(a, b, bn, p[i], *act)
        if bn_final:
            yield nn.BatchNorm1d(n_out, momentum=0.01)
        if y_range:
            yield SigmoidRange(*y_range)

    return nn.Sequential(*schichten())
