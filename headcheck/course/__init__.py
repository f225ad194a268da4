"""The course directory: its files, its cells, what a submission is and how it is put right."""
