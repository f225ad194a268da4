"""What the student's and the checker's process say to each other."""
