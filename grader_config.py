"""This course's own settings of nbgrader and headcheck: the one place.

What every course needs (what students get, how it is graded, what pages may show) stands in
headcheck/course/usual.py; nbgrader_config.py loads that first, and this file counts more.
"""

c = get_config()

c.CourseDirectory.course_id = "body-and-head"
# For Postgres (docs/scaling.md):
# c.CourseDirectory.db_url = "postgresql://user@host/gradebook"

# What one submission may use (headcheck/grading/work.py says what each means).
c.Headcheck.memory_mib = 2048
c.Headcheck.cell_seconds = 60
c.Headcheck.submission_seconds = 300  # like cell_seconds: processor time of its own processes
# c.RunChecks.engine = "nbgrader"  # one ordinary kernel: isolates nothing, works everywhere

# Feedback by `headcheck serve --watch`, so many times a day for each student and lesson. Read docs/serve.md
# first: whoever is told at once can find out by trial what hidden tests look for.
# c.Headcheck.feedback_per_day = 3

# What a late submission loses: `late:` in dates.yaml (headcheck/course/dates.py shows the form).
c.AssignLatePenalties.plugin_class = "headcheck.grading.late_rule.LateRule"

# What is released on nbgrader's exchange has the pages that it links to.
c.ExchangeFactory.release_assignment = "headcheck.authoring.release_pages.ReleaseWithPages"
