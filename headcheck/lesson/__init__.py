"""What notebooks import: checks in words, measurements, pictures. Runs in notebooks, and so in the student's and the checker's process."""
