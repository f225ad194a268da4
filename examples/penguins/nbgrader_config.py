"""The file name nbgrader insists on, and what every course needs. This course's own: grader_config.py."""

import os
import sys
from contextlib import suppress
from pathlib import Path

# nbgrader puts the working directory first in the path. A plugin of your own (a rule for late work,
# say) may lie beside this file, but last in the path: a clone of headcheck in the course, or a file
# called torch.py, must not stand in the place of an installed package.
here = Path(__file__).resolve().parent
first = {here, Path(os.getcwd()).resolve()}
sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() not in first]
with suppress(ImportError):
    import headcheck  # noqa: F401  (an editable install is looked for after all of the path)
from headcheck.course.usual import configure

sys.path.append(str(here))

c = get_config()
configure(c, here)
if not (here / "grader_config.py").exists():
    raise SystemExit(f"{here / 'grader_config.py'} is missing: the configuration of this course.")
load_subconfig("grader_config.py")
