"""The configuration of this course. What every course needs stands in nbgrader_config.py already.

Any setting of nbgrader may be written here, too; it counts more than what stands there.
"""

c = get_config()

c.CourseDirectory.course_id = "penguins"
# What the lessons use: imported once before anything is graded, and what is in these libraries may be
# handed to answers by name. Nothing else is imported: a course without torch grades without torch.
c.Headcheck.libraries = ["numpy", "pandas"]

# What one submission may use (headcheck/grading/work.py says what each means).
c.Headcheck.memory_mib = 2048
c.Headcheck.cell_seconds = 60
c.Headcheck.submission_seconds = 300

# For Postgres or another database:
# c.CourseDirectory.db_url = "postgresql://user@host/gradebook"
# What a late submission loses: `late:` in dates.yaml.
c.AssignLatePenalties.plugin_class = "headcheck.grading.late_rule.LateRule"
