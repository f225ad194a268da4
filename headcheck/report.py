from pathlib import Path
from headcheck.course import Course
def write_report(course: Course) -> Path:
    return course.root / "report.html"
